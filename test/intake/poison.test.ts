import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { pollLimits } from '../../src/domain/limits';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, mail, type World } from '../support/world';
import { withMailbox } from './polling';

/**
 * Mail that ends or fails every run that touches it, each time at the same place. Polls run each minute, as planned, for five
 * hours; what else is in the mailbox must not wait for it, and some day it must be over.
 */
const minutes = 300;
const poison = mail('poison', { attachments: 1 });
const poisonHandle = '7.2';

type Poisoned = (ports: IntakePorts, die: () => Promise<never>) => IntakePorts;

interface Story {
  world: World;
  /** Minutes at which a run was ended. */
  deaths: number[];
  /** When each mail became an issue, in minutes. */
  issueAt: Map<string, number>;
}

/** @param again the platform delivers the event of a run that it ended once more, and says so */
async function live(poisoned: Poisoned, settings: Record<string, unknown> = {}, again = false): Promise<Story> {
  const raws = [mail('before'), poison, mail('behind'), mail('far behind')];
  const world = createWorld(raws, settings);
  const deaths: number[] = [];
  const issueAt = new Map<string, number>();
  for (let minute = 0; minute < minutes; minute += 1) {
    if (minute === 5) world.mails.push({ uid: 5, raw: mail('later'), seen: false, gone: false });
    for (let wasEnded = false, isOver = false; !isOver; wasEnded = true) {
      const died = deaths.length;
      await new Promise<void>((resolve) => {
        const die = () => {
          deaths.push(minute);
          resolve();
          return new Promise<never>(() => undefined);
        };
        void pollConnection(poisoned(world.ports(), die), 'c1', false, [], { wasEnded }).then(() => resolve());
      });
      isOver = !again || deaths.length === died;
    }
    for (const { draft } of world.issues) if (!issueAt.has(draft.summary)) issueAt.set(draft.summary, minute);
    world.advance(60_000);
  }
  return { world, deaths, issueAt };
}

/**
 * An hour is the most that a mail may lose by another one; and then nothing ends a run any more.
 * @param heardAt minute at which a run left a mark for the last time
 */
function assertOver({ world, deaths, issueAt }: Story, heardAt = 0): void {
  for (const subject of ['before', 'behind', 'far behind', 'later']) {
    assert.ok((issueAt.get(subject) ?? minutes) < 60, `"${subject}" waited for the poison`);
  }
  const made = world.issues.map(({ draft }) => draft.summary);
  assert.equal(new Set(made).size, made.length, 'an issue was made twice');
  assert.deepEqual(world.cursor()?.waiting, []);
  const { taken = 0, givenUp = 0, removed } = world.cursor()?.totals ?? {};
  assert.equal(taken + givenUp, world.mails.length, 'each mail is counted once');
  assert.equal(removed, world.mails.filter(({ gone }) => gone).length, 'what is still there does not count as removed');
  // Those until the silence is noticed, and then one for each try.
  const most = heardAt + pollLimits.heartbeatMs / 60_000 + 2 + pollLimits.attempts + 1;
  assert.ok(deaths.length <= most, `${deaths.length} runs were ended`);
  assert.ok((deaths.at(-1) ?? 0) < minutes - 60, 'runs are ended for ever');
}

const resultOf = ({ world }: Story, subject: string | null) =>
  [...world.activity.values()].find((entry) => entry.subject === subject)?.result;

const isPoison = (raw: Uint8Array) => Buffer.compare(raw, poison) === 0;

/** Ways in which each run ends without being able to say so. */
const killers: Record<string, Poisoned> = {
  'while it is downloaded': (ports, die) =>
    withMailbox((mailbox) => ({
      fetch: async function* (handles, maxBytes) {
        for (const handle of handles) {
          if (handle === poisonHandle) await die();
          yield* mailbox.fetch([handle], maxBytes);
        }
      },
    }))(ports),
  'while it is read': (ports, die) => ({
    ...ports,
    parseMessage: (raw) => (isPoison(raw) ? die() : ports.parseMessage(raw)),
  }),
  'before it is claimed': (ports, die) => ({
    ...ports,
    receipts: {
      ...ports.receipts,
      claim: async (origin) => (isPoisonOrigin(origin) ? die() : ports.receipts.claim(origin)),
    },
  }),
  'after it was claimed': (ports, die) => ({
    ...ports,
    receipts: {
      ...ports.receipts,
      claim: async (origin) => {
        const claim = await ports.receipts.claim(origin);
        return isPoisonOrigin(origin) ? die() : claim;
      },
      takeOver: async (origin) => {
        const isTaken = await ports.receipts.takeOver(origin);
        return isPoisonOrigin(origin) ? die() : isTaken;
      },
    },
  }),
  'before its issue is created': (ports, die) => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: (draft) => (draft.summary === 'poison' ? die() : ports.issues.create(draft)),
    },
  }),
  'after its issue was created': (ports, die) => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        const key = await ports.issues.create(draft);
        return draft.summary === 'poison' ? die() : key;
      },
    },
  }),
  'while its attachment is sent': (ports, die) => ({ ...ports, issues: { ...ports.issues, attach: () => die() } }),
  'while what became of it is noted': (ports, die) => ({
    ...ports,
    receipts: {
      ...ports.receipts,
      put: async (origin, receipt) => (isPoisonOrigin(origin) ? die() : ports.receipts.put(origin, receipt)),
    },
  }),
  'while it is marked as read': (ports, die) =>
    withMailbox((mailbox) => ({
      settle: (handles, ...rest) => (handles.includes(poisonHandle) ? die() : mailbox.settle(handles, ...rest)),
    }))(ports),
};

/** The origin of the poison is known once any world has seen it: it is made from its bytes. */
const poisonOrigins = new Set<string>();
const isPoisonOrigin = (origin: string) => poisonOrigins.has(origin);
test.before(async () => {
  const world = createWorld([poison]);
  await pollConnection(world.ports(), 'c1', true);
  for (const origin of world.receipts.keys()) poisonOrigins.add(origin);
  assert.equal(poisonOrigins.size, 1);
});

/** Where its issue is there, the mail is done, or it is known that only its marking ends runs. */
const becomesIssue = new Set(['after its issue was created', 'while it is marked as read']);

for (const [when, poisoned] of Object.entries(killers)) {
  test(`gives up a mail that ends each run ${when}, and lets the others through`, async () => {
    const story = await live(poisoned);
    assertOver(story);
    assert.ok(story.deaths.length > 0, 'it must have ended a run');
    const { quarantined, warning } = story.world.cursor() ?? {};
    if (becomesIssue.has(when)) {
      assert.equal(resultOf(story, 'poison'), 'created');
      assert.deepEqual(quarantined, []);
      assert.equal(warning?.includes('ended it in the middle') ?? false, when === 'while it is marked as read');
    } else {
      assert.deepEqual(
        quarantined?.map(({ handle, code }) => [handle, code]),
        [[poisonHandle, 'mail-ends-runs']],
      );
      const entry = [...story.world.activity.values()].find(({ result }) => result === 'quarantined');
      assert.match(entry?.reason ?? '', /reprocess/);
      assert.equal(warning, null);
    }
  });
}

for (const [when, poisoned] of Object.entries(killers)) {
  test(`lets the others through at once where the platform says that a run was ended ${when}`, async () => {
    const story = await live(poisoned, {}, true);
    assertOver(story);
    assert.ok(story.deaths.length > 0, 'it must have ended a run');
    const last = Math.max(
      ...['before', 'behind', 'far behind'].map((subject) => story.issueAt.get(subject) ?? minutes),
    );
    assert.ok(last <= 1, `they waited for ${last} minutes`);
  });
}

test('leaves a mail that became an issue in the mailbox when deleting it ends each run, and deletes the others', async () => {
  const killer = killers['while it is marked as read'];
  assert.ok(killer !== undefined);
  const story = await live(killer, { afterDownload: 'delete' });
  // What was taken is noted before it is deleted, and the last mail came then.
  assertOver(story, 5);
  assert.ok(story.deaths.length > 0, 'it must have ended a run');
  assert.deepEqual(
    story.world.mails.map(({ gone }) => gone),
    [true, false, true, true, true],
  );
  assert.match(story.world.cursor()?.warning ?? '', /ended it in the middle/);
});

test('takes a mail that ended runs once it is asked for again and ends none any more, with the issue that it had', async () => {
  const killer = killers['while its attachment is sent'];
  assert.ok(killer !== undefined);
  const { world } = await live(killer);
  const ids = [...world.activity.values()].flatMap(({ id, result }) => (result === 'quarantined' ? [id] : []));
  assert.equal(ids.length, 1);
  await pollConnection(world.ports(), 'c1', true, ids);
  assert.equal(world.issues.filter(({ draft }) => draft.summary === 'poison').length, 1);
  assert.equal(world.issues.find(({ draft }) => draft.summary === 'poison')?.attachments.length, 1);
  assert.deepEqual([world.cursor()?.waiting, world.cursor()?.quarantined], [[], []]);
});

/** Ways to fail that a run survives. */
const failures: Record<string, [Poisoned, code: string]> = {
  'it can not be read': [
    (ports) => ({
      ...ports,
      parseMessage: (raw) => (isPoison(raw) ? Promise.reject(new Error('unreadable')) : ports.parseMessage(raw)),
    }),
    'unexpected',
  ],
  'Jira refuses its fields (400)': [refusedBy('issue-refused'), 'issue-refused'],
  'Jira finds it too large (413)': [refusedBy('issue-too-large'), 'issue-too-large'],
  'the server lists it but does not hand it out': [
    withMailbox((mailbox) => ({
      fetch: (handles, maxBytes) =>
        mailbox.fetch(
          handles.filter((handle) => handle !== poisonHandle),
          maxBytes,
        ),
    })),
    'mail-withheld',
  ],
  'it is larger than the connection takes': [
    withMailbox((mailbox) => ({
      fetch: async function* (handles, maxBytes) {
        for await (const fetched of mailbox.fetch(handles, maxBytes)) {
          if (fetched.handle !== poisonHandle) yield fetched;
          else yield { handle: poisonHandle, outcome: 'too-large', size: 2 ** 30 };
        }
      },
    })),
    'mail-too-large',
  ],
};
function refusedBy(code: string): Poisoned {
  return (ports) => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        if (draft.summary === 'poison') throw new AppError(code, 'message', 'Jira refused it.');
        return ports.issues.create(draft);
      },
    },
  });
}

for (const [why, [poisoned, code]] of Object.entries(failures)) {
  test(`gives up a mail when ${why}, and lets the others through`, async () => {
    const story = await live(poisoned);
    assertOver(story);
    assert.deepEqual(story.deaths, []);
    assert.deepEqual(
      story.world.cursor()?.quarantined.map(({ handle }) => handle),
      [poisonHandle],
    );
    const entry = [...story.world.activity.values()].find(({ result }) => result === 'quarantined');
    assert.equal(entry?.code, code);
    assert.equal(entry?.size, code === 'mail-too-large' ? 2 ** 30 : poison.byteLength);
  });
}

test('costs the others nothing where no run was ended: no try is kept before it is made', async () => {
  const world = createWorld([mail('one'), mail('two'), mail('three')]);
  const calls: string[] = [];
  const step = (name: string, when: string) => void (when === 'before' && calls.push(name));
  await pollConnection(world.ports({ step }), 'c1', false);
  assert.equal(calls.filter((name) => name === 'cursors.put').length, 1);
});
