import * as z from 'zod';
import type { ActivityView } from '../../src/resolvers/views';
import { systemClock } from '../emulator/clock';
import type { ProductRequest, ProductResponse, Usage } from '../emulator/forge/forge';
import type { Jira } from '../emulator/jira/jira';
import { startDovecot } from '../support/dovecot';
import { type Product, startProduct } from '../support/product';
import { lockOut } from './lock-out';
import { connectMailboxes, dovecotUsers, type Machines } from './mailboxes';
import { createPollWatch, lookMs } from './poll-watch';
import { seededRandom } from './random';
import { shakyServer } from './shaky-server';
import { createTraffic, refusedWord, type SoakMail } from './traffic';
import { createWeather, roundSeconds } from './weather';

export interface SoakOptions {
  connections: number;
  /** Minutes without mail or faults, to see what an idle poll costs; and as many with mail, to see what that costs. */
  calmMinutes: number;
  /** Minutes with both. */
  minutes: number;
  seed: number;
  /** Hears how far it is. */
  say(line: string): void;
}

/** What a part of the soak used, and the polls in it. */
export interface Phase {
  /** Mails that arrived in it, poison left out. */
  mails: number;
  usage: Usage;
  polls: number;
}

export interface SoakResult {
  calm: Phase;
  busy: Phase;
  storm: Phase;
  /** Mails that were to become issues in all, and those that were not. */
  mails: number;
  poisoned: number;
  /** What is wrong in the end; empty when all is as it should be. */
  problems: string[];
  /** Milliseconds between two polls of a connection in the storm, while it had no trouble itself. */
  pauses: number[];
  /** Connections of which there is such a pause. */
  connectionsWithPauses: number;
  mostPollsInASecond: number;
  faults: Record<string, number>;
  /** Connections that were suspended since their password was changed on the server. */
  suspended: number;
  /** Minutes after the storm until everything was done. */
  calmedAfter: number;
  /** Sessions that the gateway opened with mail servers during the calm, and during the storm. */
  sessionsOpened: { calm: number; storm: number };
}

/** After the storm: longer than any backoff and any claim of a dead run last. */
const longestAftermathMinutes = 90;
/** Until then a connection whose password is wrong is suspended, in whatever trouble its polls were. */
const suspensionMinutes = 30;
const shakyServers = 8;

/**
 * The unmodified app with so many mailboxes that are each polled every minute, while mail arrives and everything around it fails
 * now and then. The emulator's clock passes second by second; all that is due in one runs side by side.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { connections, seed, say } = options;
  const clock = systemClock();
  const watch = createPollWatch(clock);
  const dovecot = await startDovecot({ users: dovecotUsers(connections) });
  const product = await startProduct({ clock, observe: watch.observe, inFrontOfJira: refusing, searchLagMs: 5_000 });
  const shaky = await Promise.all(Array.from({ length: shakyServers }, () => shakyServer(product.mail.ports.imaps)));
  try {
    const machines: Machines = { product, dovecot, clock, shaky };
    const started = performance.now();
    const tell = (what: string) => say(`${((performance.now() - started) / 1_000).toFixed(0).padStart(5)} s  ${what}`);
    const { forge } = product;

    const mailboxes = await connectMailboxes(machines, connections, (done) => {
      if (done % 100 === 0 || done === connections) tell(`${done} connections`);
    });
    const traffic = createTraffic(seededRandom(seed), mailboxes);
    forge.start();

    const passSecond = async () => {
      const next = Math.floor(clock.now() / 1_000) * 1_000 + 1_000;
      clock.advance(Math.max(0, next - clock.now()));
      await forge.drain();
    };
    const passUntil = async (until: number, eachSecond: (second: number) => Promise<void> = async () => {}) => {
      const begin = clock.now();
      let minute = 0;
      for (let done = -1; clock.now() < until; ) {
        const second = Math.floor((clock.now() - begin) / 1_000);
        // A second that took longer than one is followed by all that fell into it.
        for (; done < second; done += 1) await eachSecond(done + 1);
        await passSecond();
        if (Math.floor((clock.now() - begin) / 60_000) === minute) continue;
        minute = Math.floor((clock.now() - begin) / 60_000);
        tell(`minute ${minute}: ${watch.polls()} polls, ${product.jira.state.all().length} issues`);
      }
    };
    const phase = async (minutes: number, eachSecond?: (second: number) => Promise<void>): Promise<Phase> => {
      watch.begin();
      forge.forgetLimits();
      const before = forge.usage();
      const mailsBefore = goodMails(traffic.mails());
      await passUntil(clock.now() + minutes * 60_000, eachSecond);
      return {
        usage: difference(forge.usage(), before),
        polls: watch.polls(),
        mails: goodMails(traffic.mails()) - mailsBefore,
      };
    };

    // The first polls, with what is only done once, belong to no measurement.
    await passUntil(clock.now() + 2 * 60_000);
    tell('calm begins');
    const openedBefore = await sessionsOpened(product);
    const calm = await phase(options.calmMinutes);
    const openedInCalm = await sessionsOpened(product);

    tell('mail begins');
    const busy = await phase(options.calmMinutes, () => traffic.arrive(false));

    tell('storm begins');
    // Of its own: how often mail is drawn for depends on how fast the machine is, and the weather is to be the same on each.
    const weather = createWeather(seededRandom(seed + 1), product, shaky, connections);
    const lockedOut = lockOut(machines, mailboxes);
    const seconds = options.minutes * 60;
    const storm = await phase(options.minutes, async (second) => {
      if (second % roundSeconds === 0) weather.next();
      if (second % (lookMs / 1_000) === 10) watch.noteTrouble(inTrouble(product));
      if (second === Math.floor(seconds / 4)) await lockedOut.begin();
      if (second > seconds / 2 && second % 30 === 0) await lockedOut.end().catch(() => undefined);
      await traffic.arrive(second < seconds / 2);
    });
    const pausesOfEach = mailboxes.map(({ connectionId }) => watch.pauses(connectionId));
    const mostPollsInASecond = watch.mostInASecond();
    const openedInAll = await sessionsOpened(product);

    weather.clear();
    // Access that is refused is tried for ten minutes before a connection is suspended.
    for (let minute = 0; minute < suspensionMinutes && !(await lockedOut.isFound()); minute += 1)
      await passUntil(clock.now() + 60_000);
    await lockedOut.end();
    tell('aftermath begins');
    const endedAt = clock.now();
    let problems: string[] = [];
    while (clock.now() < endedAt + longestAftermathMinutes * 60_000) {
      await passUntil(clock.now() + 5 * 60_000);
      problems = await findProblems(product, traffic.mails());
      if (problems.length === 0) break;
      tell(`not done yet: ${problems[0]} (and ${problems.length - 1} more)`);
    }
    const mails = goodMails(traffic.mails());
    return {
      calm,
      busy,
      storm,
      mails,
      poisoned: traffic.mails().length - mails,
      problems,
      pauses: pausesOfEach.flat(),
      connectionsWithPauses: pausesOfEach.filter((pauses) => pauses.length > 0).length,
      mostPollsInASecond,
      faults: { ...product.forge.usage().faults, ...weather.counts() },
      suspended: lockedOut.suspended(),
      calmedAfter: Math.round((clock.now() - endedAt) / 60_000),
      sessionsOpened: { calm: openedInCalm - openedBefore, storm: openedInAll - openedInCalm },
    };
  } finally {
    await product.close();
    await Promise.all(shaky.map((server) => server.close()));
    await dovecot.stop();
  }
}

const goodMails = (mails: readonly SoakMail[]) => mails.filter(({ poison }) => poison === null).length;

/** A Jira with a rule on its project that some mail does not meet. */
function refusing(jira: Jira) {
  const handle = async (request: ProductRequest): Promise<ProductResponse> => {
    const isIssue = request.method === 'POST' && request.path.startsWith('/rest/api/3/issue');
    if (!isIssue || !Buffer.from(request.body).includes(refusedWord)) return jira.handle(request);
    const body = JSON.stringify({ errorMessages: [], errors: { summary: 'This summary is not acceptable.' } });
    return { status: 400, headers: { 'content-type': 'application/json' }, body };
  };
  return { scopes: jira.scopes, handle };
}

function inTrouble({ forge }: Product): string[] {
  return Object.entries(forge.storage('cursor/')).flatMap(([key, stored]) =>
    cursorShape.parse(stored).cursor.trouble === null ? [] : [key.slice('cursor/'.length)],
  );
}
const cursorShape = z.object({ cursor: z.object({ trouble: z.unknown() }) });

/** Each mail is one issue, those that can't be are quarantined and nothing else is, and nothing waits. */
async function findProblems(product: Product, mails: readonly SoakMail[]): Promise<string[]> {
  const problems: string[] = [];
  const issues = new Map<string, number>();
  for (const subject of product.summaries()) issues.set(subject, (issues.get(subject) ?? 0) + 1);
  for (const { subject, poison, mailbox } of mails) {
    const expected = poison === null ? 1 : 0;
    const count = issues.get(subject) ?? 0;
    if (count !== expected) problems.push(`${count} issues of ${subject}, which arrived by ${mailbox.kind}`);
    issues.delete(subject);
  }
  for (const subject of issues.keys()) problems.push(`an issue of nothing: ${subject}`);

  const quarantined = await quarantine(product);
  const poisonous = mails.filter(({ poison }) => poison !== null);
  if (quarantined.length !== poisonous.length) {
    problems.push(`${quarantined.length} mails in quarantine instead of ${poisonous.length}`);
  }
  for (const { subject, reason } of quarantined) {
    const isExpected = reason?.includes('takes mail of up to') || subject?.includes(refusedWord);
    if (!isExpected) problems.push(`in quarantine without need: ${subject}: ${reason}`);
  }
  for (const { settings, status, waiting, trouble, quarantined: held } of await product.call('connections.list', {})) {
    const isWell = status === 'polling' || (status === 'warning' && held > 0);
    if (!isWell) problems.push(`${settings.name} is ${status}: ${trouble?.message ?? 'no reason'}`);
    if (waiting > 0) problems.push(`${waiting} mails wait in ${settings.name}`);
  }
  return problems;
}

async function sessionsOpened({ gatewayUrl }: Product): Promise<number> {
  const text = await (await fetch(`${gatewayUrl}/metrics`)).text();
  return Number(/^letterbox_gateway_sessions_opened_total (\d+)$/m.exec(text)?.[1]);
}

async function quarantine({ call }: Product): Promise<ActivityView[]> {
  const entries: ActivityView[] = [];
  let cursor: string | undefined;
  do {
    const page = await call('activity.list', { result: 'quarantined', ...(cursor === undefined ? {} : { cursor }) });
    entries.push(...page.entries);
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return entries;
}

/** What was used since. */
function difference(after: Usage, before: Usage): Usage {
  const invocations = Object.fromEntries(
    Object.entries(after.invocations).map(([key, { count, milliseconds, gbSeconds, failures }]) => {
      const then = before.invocations[key] ?? { count: 0, milliseconds: 0, gbSeconds: 0, failures: 0 };
      return [
        key,
        {
          count: count - then.count,
          milliseconds: milliseconds - then.milliseconds,
          gbSeconds: gbSeconds - then.gbSeconds,
          failures: failures - then.failures,
        },
      ];
    }),
  );
  const numbers = <T extends Record<string, number>>(now: T, then: Record<string, number>) =>
    Object.fromEntries(Object.entries(now).map(([key, value]) => [key, value - (then[key] ?? 0)])) as T;
  return {
    invocations,
    kvs: numbers(after.kvs, before.kvs),
    queue: numbers(after.queue, before.queue),
    egress: numbers(after.egress, before.egress),
    logs: numbers(after.logs, before.logs),
    limits: after.limits,
    faults: numbers(after.faults, before.faults),
  };
}
