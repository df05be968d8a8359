import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graceMs } from '../../src/domain/limits';
import { pollConnection } from '../../src/intake/poll-connection';
import { brokenPoll } from '../support/broken-poll';
import { createWorld, mail, type World } from '../support/world';
import type { Lag } from '../support/world-issues';

const raws = [
  mail('one', { attachments: 2 }),
  mail('two'),
  mail('one', { attachments: 2 }),
  mail('three', { messageId: 'two' }),
];
/** The third is byte for byte the first: one issue; the fourth has the second's Message-ID and other text: its own. */
const expected = new Map([
  ['one', 2],
  ['two', 0],
  ['three', 0],
]);

/** All four have their issue, and left the mailbox. */
const counted = { taken: raws.length, removed: raws.length, skipped: 0, gone: 0, givenUp: 0, dismissed: 0, alone: 0 };

function countsOf(world: World) {
  const { since: _, ...counts } = world.cursor()?.totals ?? { since: 0 };
  return counts;
}

const portCalls = [
  'activity.record',
  'connections.get',
  'cursors.get',
  'cursors.put',
  'issues.attach',
  'issues.attachments',
  'issues.create',
  'jiraPause.until',
  'mailbox.fetch',
  'mailbox.list',
  'mailbox.settle',
  'openMailbox',
  'receipts.claim',
  'receipts.get',
  'receipts.put',
  'tallies.add',
];

/** Polls as the schedule does, for as long as a claim can block anything. */
async function settleDown(world: World): Promise<void> {
  for (let round = 0; round < 8; round += 1) {
    world.advance(graceMs / 2 + 1_000);
    await pollConnection(world.ports(), 'c1', true);
  }
}

/** One entry for each message, of the issue that it became. */
function assertNoted(world: World, how: string): void {
  const noted = [...world.activity.values()].map(({ subject, result, issueKey }) => [subject, result, issueKey]);
  const made = world.issues.map(({ draft, key }) => [draft.summary, 'created', key]);
  assert.deepEqual(noted.sort(), made.sort(), `not noted once each, ${how}`);
}

function assertWhole(world: World, how: string, isNoted = true): void {
  const bySubject = new Map<string, number>();
  for (const issue of world.issues) {
    assert.ok(!bySubject.has(issue.draft.summary), `doubled issue "${issue.draft.summary}", ${how}`);
    bySubject.set(issue.draft.summary, issue.attachments.length);
  }
  assert.deepEqual(new Map([...bySubject].sort()), new Map([...expected].sort()), `lost or doubled, ${how}`);
  assert.ok(
    world.mails.every((one) => one.gone),
    `stuck in the mailbox, ${how}`,
  );
  assert.deepEqual(world.cursor()?.waiting, [], `waiting for ever, ${how}`);
  assert.equal(world.connection.state, 'enabled', how);
  assert.deepEqual(countsOf(world), counted, `not counted once each, ${how}`);
  if (isNoted) assertNoted(world, how);
}

const newWorld = (lag?: Lag) => createWorld(raws, { afterDownload: 'delete' }, lag);

/** Jira's index of properties never works: only the look by time finds an issue. */
const never: Lag = { searchLagMs: 60_000, propertyLagMs: Number.POSITIVE_INFINITY };
/** How search lags (ms): as a whole, its index of properties by more than a claim lasts, and by for ever. */
const lags: readonly Lag[] = [
  { searchLagMs: 60_000, propertyLagMs: 60_000 },
  { searchLagMs: 60_000, propertyLagMs: 6 * graceMs },
  never,
];

async function passagesOfOnePoll(): Promise<number> {
  const world = newWorld();
  const passages = await brokenPoll(world, null);
  await settleDown(world);
  assertWhole(world, 'nothing broken');
  const passed = new Set(passages.map((passage) => passage.split(' ')[1]));
  assert.deepEqual([...passed].sort(), portCalls, 'the sweep must pass through every port call of a poll');
  return passages.length;
}

test('loses and doubles nothing when a run is killed before or after any one port call', async () => {
  const count = await passagesOfOnePoll();
  for (const lag of lags) {
    for (let at = 1; at <= count; at += 1) {
      const world = newWorld(lag);
      const passages = await brokenPoll(world, { at, how: 'kill' });
      await settleDown(world);
      assertWhole(world, `killed ${passages.at(-1)} (${at}), properties after ${lag.propertyLagMs} ms`);
    }
  }
});

for (const how of ['fail', 'fail-unsure'] as const) {
  test(`loses and doubles nothing when any one port call fails (${how})`, async () => {
    const count = await passagesOfOnePoll();
    for (const lag of lags) {
      for (let at = 1; at <= count; at += 1) {
        const world = newWorld(lag);
        const passages = await brokenPoll(world, { at, how });
        await settleDown(world);
        const passage = passages[at - 1];
        const which = `failed ${passage} (${at}), properties after ${lag.propertyLagMs} ms`;
        // The log does without what its own store refuses; mail never does.
        assertWhole(world, which, !passage?.includes('activity.'));
      }
    }
  });
}

test('loses and doubles nothing when a run is killed and the run that takes over is killed too, at any two port calls', async () => {
  const count = await passagesOfOnePoll();
  for (let first = 1; first <= count; first += 1) {
    for (let second = 1; second <= count; second += 1) {
      const world = newWorld(never);
      await brokenPoll(world, { at: first, how: 'kill' });
      world.advance(graceMs + 1_000);
      await brokenPoll(world, { at: second, how: 'kill' });
      await settleDown(world);
      assertWhole(world, `killed at ${first}, then at ${second}`);
    }
  }
});

test('loses and doubles nothing when two runs go side by side and one of them is killed anywhere', async () => {
  const count = await passagesOfOnePoll();
  for (let at = 1; at <= count; at += 1) {
    const world = newWorld(never);
    await Promise.all([brokenPoll(world, { at, how: 'kill' }), brokenPoll(world, null)]);
    await settleDown(world);
    assertWhole(world, `two runs, one killed at ${at}`);
  }
});

test('loses and doubles nothing when a run is killed anywhere and two runs take over side by side', async () => {
  const count = await passagesOfOnePoll();
  for (let at = 1; at <= count; at += 1) {
    const world = newWorld(never);
    await brokenPoll(world, { at, how: 'kill' });
    world.advance(graceMs + 1_000);
    await Promise.all([brokenPoll(world, null), brokenPoll(world, null)]);
    await settleDown(world);
    assertWhole(world, `killed at ${at}, then two runs`);
  }
});

test('creates nothing when a run was held up past its time before the issue', async () => {
  const world = newWorld();
  let remaining = 600_000;
  let resume: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const step = async (name: string, when: 'before' | 'after') => {
    if (name === 'receipts.claim' && when === 'after') await held;
  };
  const slow = pollConnection(world.ports({ step, remainingMs: () => remaining }), 'c1', true);
  await new Promise((resolve) => setImmediate(resolve));
  world.advance(graceMs + 1_000);
  await pollConnection(world.ports(), 'c1', true);
  remaining = -1;
  resume();
  await slow;
  await settleDown(world);
  assertWhole(world, 'held up past its time');
});

test('finds a run that creates first and notes later to be wrong: the sweep can fail', async () => {
  const world = newWorld();
  await brokenPoll(world, null);
  // What a protocol without receipts would do after a kill: the same message again.
  const again = world.issues[0];
  assert.ok(again);
  world.issues.push({ ...again, key: 'SUP-99' });
  assert.throws(() => assertWhole(world, 'control'), /doubled issue/);
});
