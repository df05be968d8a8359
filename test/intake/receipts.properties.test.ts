import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../src/domain/app-error';
import { graceMs } from '../../src/domain/limits';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { type Break, brokenPoll } from '../support/broken-poll';
import { createWorld, mail, markOfTests, type World } from '../support/world';

/**
 * Receipts as a state machine: whatever is done to a connection in whatever order, each mail becomes at most one issue, and in
 * the end exactly one, unless a person took it away before. A failure shrinks to the few commands that it takes.
 */
interface Real {
  world: World;
  /** Subjects that Jira refuses for what they hold. */
  refused: Set<string>;
}

/** By subject; copies of a mail have one. */
interface Expected {
  isOurs: boolean;
  /** Somebody removed it from the mailbox before it was taken: it may be an issue or not. */
  isTakenAway: boolean;
  /** Issues that somebody deleted before their receipt was written: nothing can tell that they were there. */
  forgotten: number;
  /** Somebody deleted its issue before it was read back: nothing tells that from one that the app may not see, so the mail is given up. */
  isUnseen: boolean;
}
type Model = Map<string, Expected>;

type Command = fc.AsyncCommand<Model, Real>;

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    run: async (model, real) => {
      await run(model, real);
      assertNotDoubled(model, real);
    },
    toString: () => name,
  };
}

const poll = ({ world, refused }: Real, breaking: Break | null, clockOffMs = 0, reprocess: readonly string[] = []) => {
  const change = (ports: IntakePorts): IntakePorts => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        if (refused.has(draft.summary)) throw new AppError('jira-refused', 'message', 'Jira refused it.');
        return ports.issues.create(draft);
      },
    },
  });
  return brokenPoll(world, breaking, { clockOffMs, reprocess, change });
};

const issuesOf = ({ world }: Real, subject: string) => world.issues.filter(({ draft }) => draft.summary === subject);

function assertNotDoubled(model: Model, real: Real): void {
  for (const [subject, { isOurs, forgotten }] of model) {
    const made = issuesOf(real, subject).length;
    assert.ok(made <= (isOurs ? 0 : 1 + forgotten), `"${subject}" became ${made} issues`);
  }
}

async function deliver(model: Model, { world }: Real, subject: string, raw: Uint8Array, isOurs: boolean) {
  world.mails.push({ uid: world.mails.length + 1, raw, seen: false, gone: false });
  if (!model.has(subject)) model.set(subject, { isOurs, isTakenAway: false, forgotten: 0, isUnseen: false });
}

const passage = fc.integer({ min: 1, max: 60 });
const breaks = fc.record<Break>({ at: passage, how: fc.constantFrom('kill', 'fail', 'fail-unsure') });
const hour = 60 * 60_000;
/** Of all there is, the one that a number chooses. */
const chosen = <T>(all: readonly T[], number: number): T | undefined => all[number % Math.max(1, all.length)];
const number = fc.nat({ max: 20 });

const commands = [
  fc.tuple(number, fc.nat({ max: 2 })).map(([name, files]) =>
    command(`deliver mail ${name} with ${files} files`, (model, real) =>
      // The same name and files are a byte-identical copy, the same name with others another mail with its Message-ID.
      deliver(model, real, `mail ${name}.${files}`, mail(`mail ${name}.${files}`, { attachments: files }), false),
    ),
  ),
  number.map((name) =>
    command(`deliver our notice ${name}`, async (model, real) =>
      deliver(model, real, `notice ${name}`, await markOfTests.put(mail(`notice ${name}`)), true),
    ),
  ),
  fc.constant(command('poll', async (_, real) => void (await poll(real, null)))),
  breaks.map((breaking) =>
    command(`poll, ${breaking.how} at ${breaking.at}`, async (_, real) => void (await poll(real, breaking))),
  ),
  breaks.map((breaking) =>
    command(`two polls at once, ${breaking.how} at ${breaking.at} of one`, async (_, real) => {
      await Promise.all([poll(real, breaking), poll(real, null)]);
    }),
  ),
  fc
    .tuple(breaks, fc.constantFrom(-hour, hour))
    .map(([breaking, off]) =>
      command(
        `poll with a clock ${off / hour} h off, ${breaking.how} at ${breaking.at}`,
        async (_, real) => void (await poll(real, breaking, off)),
      ),
    ),
  fc
    .constantFrom(1, 5, 11, 21, 90)
    .map((minutes) => command(`${minutes} minutes pass`, async (_, { world }) => world.advance(minutes * 60_000))),
  number.map((which) =>
    command(`Jira refuses mail ${which}`, async (model, { refused }) => {
      const subject = chosen([...model.keys()], which);
      if (subject !== undefined) refused.add(subject);
    }),
  ),
  fc.constant(command('Jira refuses nothing more', async (_, { refused }) => refused.clear())),
  fc.constant(
    command('all that was given up is tried again', async (_, real) => {
      await poll(real, null, 0, givenUp(real.world));
    }),
  ),
  fc.constant(
    command('the connection is edited', async (_, { world }) => {
      const { connection } = world;
      world.connection = { ...connection, version: connection.version + 1 };
    }),
  ),
  number.map((which) =>
    command(`a person deletes issue ${which}`, async (model, { world }) => {
      const issue = chosen(world.issues, which);
      if (issue === undefined || issue.deleted) return;
      issue.deleted = true;
      const expected = model.get(issue.draft.summary);
      const receipt = world.receipts.get(issue.draft.origin)?.receipt;
      if (expected === undefined || receipt === undefined) return;
      if (receipt.state === 'claimed' || receipt.state === 'quarantined') expected.forgotten += 1;
      if (receipt.state !== 'done' && !('seen' in receipt && receipt.seen)) expected.isUnseen = true;
    }),
  ),
  number.map((which) =>
    command(`a person removes mail ${which}`, async (model, { world }) => {
      const one = chosen(world.mails, which);
      if (one === undefined) return;
      one.gone = true;
      for (const [subject, expected] of model) {
        const isIt = Buffer.from(one.raw).includes(`Subject: ${subject}\r\n`);
        if (isIt) expected.isTakenAway = true;
      }
    }),
  ),
];

const givenUp = (world: World) =>
  [...world.activity.values()].filter(({ result }) => result === 'quarantined').map(({ id }) => id);

/** All obstacles are removed, polls go on as the schedule has them, and an administrator enables again what was suspended. */
async function settleDown(real: Real): Promise<void> {
  real.refused.clear();
  const { world } = real;
  const round = async (reprocess: readonly string[]) => {
    world.advance(graceMs / 2 + 1_000);
    const { connection } = world;
    if (connection.state === 'suspended')
      world.connection = { ...connection, state: 'enabled', version: connection.version + 1 };
    await poll(real, null, 0, reprocess);
  };
  const waits = () => (world.cursor()?.waiting ?? []).length > 0;
  // Eight hours at the most: mail of which two answers of Jira got lost is given up only after five tries, then asked for again.
  for (let n = 0; n < 12 || (n < 48 && (waits() || givenUp(world).length > 0)); n += 1) await round(givenUp(world));
  // What is given up each time is asked for no more.
  for (let n = 0; n < 12 && waits(); n += 1) await round([]);
}

function assertWhole(model: Model, real: Real, afterDownload: string): void {
  assertNotDoubled(model, real);
  for (const [subject, { isOurs, isTakenAway }] of model) {
    const made = issuesOf(real, subject).length;
    if (!isTakenAway) assert.ok(made >= (isOurs ? 0 : 1), `"${subject}" became no issue`);
  }
  const { world } = real;
  assert.deepEqual(world.cursor()?.waiting ?? [], [], 'nothing waits for ever');
  const isOurs = (raw: Uint8Array) => Buffer.from(raw).includes('X-Letterbox-Mark');
  const isUnseen = (raw: Uint8Array) =>
    [...model].some(([subject, one]) => one.isUnseen && Buffer.from(raw).includes(`Subject: ${subject}\r\n`));
  for (const { raw, seen, gone } of world.mails) {
    if (isOurs(raw)) assert.equal(seen, false);
    else if (isUnseen(raw)) continue;
    else assert.ok(gone || (afterDownload === 'mark-read' && seen), 'settled');
  }
}

const settings = fc.record({
  afterDownload: fc.constantFrom('delete', 'mark-read'),
  /** Search lags behind by less than what GRACE has for it beside the time of a run. */
  searchLagMs: fc.integer({ min: 0, max: 19 * 60_000 }),
});

const runs = process.env.RECEIPTS_RUNS;

test('whatever happens in whatever order, each mail becomes exactly one issue in the end, and never two', async () => {
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.commands(commands, { maxCommands: 25, size: 'max' }),
      async ({ afterDownload, searchLagMs }, sequence) => {
        const model: Model = new Map();
        const real: Real = { world: createWorld([], { afterDownload }, searchLagMs), refused: new Set() };
        await fc.asyncModelRun(() => ({ model, real }), sequence);
        await settleDown(real);
        assertWhole(model, real, afterDownload);
      },
    ),
    // The same sequences each time, unless somebody asks for many others.
    runs === undefined ? { numRuns: 300, seed: 1 } : { numRuns: Number(runs) },
  );
});
