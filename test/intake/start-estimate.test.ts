import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { connectionSettings } from '../../src/domain/connection';
import type { StartEstimate } from '../../src/domain/start';
import type { MailMemory } from '../../src/intake/known-mail';
import { estimateFor, requireAcknowledgement, startingCursor } from '../../src/resolvers/connection-start';
import type { StartChoice } from '../../src/resolvers/contract';
import { createWorld, mail, settingsOf, type World } from '../support/world';
import { worldMailbox } from '../support/world-mailbox';
import { poll, refusing } from './polling';

/** What a start means for a connection that took mail before, as real polls leave it behind. */

const everything = { from: 'everything' } as const;
const dayMs = 24 * 60 * 60_000;
const mailboxOf = (world: World) => worldMailbox(world.mails, world.validity, async (_, effect) => effect());
const mails = (count: number, word = 'mail') => Array.from({ length: count }, (_, index) => mail(`${word} ${index}`));

function memoryOf(world: World, days = 30): MailMemory {
  const { activity, now } = world.ports();
  return {
    readReceipts: async (origins) =>
      new Map(
        origins.flatMap((origin) =>
          world.receipts.has(origin) ? [[origin, world.receipts.get(origin)?.receipt]] : [],
        ) as never,
      ),
    activity: { list: activity.list, keptDays: async () => days },
    now,
  };
}

async function enable(world: World, start: StartChoice): Promise<void> {
  const { cursors, now } = world.ports();
  const begin = await startingCursor(world.connection, (use) => use(mailboxOf(world)), start, now());
  await cursors.put('c1', { ...begin(world.cursor()), revision: world.cursor()?.revision ?? 0 });
  await poll(world);
}

async function estimate(world: World, start: StartChoice, days?: number): Promise<StartEstimate> {
  const now = world.ports().now();
  return estimateFor(world.connection, world.cursor(), mailboxOf(world), start, now, memoryOf(world, days));
}

async function numbers(world: World, start: StartChoice, days?: number) {
  const { reached, taken, left, count, settled, confidence } = await estimate(world, start, days);
  return { reached, taken, left, count, settled, confidence };
}

function deliver(world: World, count: number, seen = false): void {
  for (let n = 0; n < count; n += 1) {
    const uid = world.mails.length + 1;
    world.mails.push({ uid, raw: mail(`late ${uid}`), seen, gone: false, receivedAt: world.ports().now() });
  }
}

test('of everything in the folder what was taken is no new mail, and is settled once more', async () => {
  const world = createWorld(mails(27));
  assert.deepEqual(await numbers(world, everything), {
    reached: 27,
    taken: 0,
    left: 0,
    count: 27,
    settled: 27,
    confidence: 'exact',
  });
  await enable(world, everything);
  const taken = { reached: 27, taken: 27, left: 0, count: 0, settled: 27, confidence: 'exact' };
  assert.deepEqual(await numbers(world, everything), taken);
  deliver(world, 2);
  assert.deepEqual(await numbers(world, everything), { ...taken, reached: 29, count: 2, settled: 29 });
  const { first } = await estimate(world, everything);
  assert.deepEqual(first, ['7.28', '7.29'], 'what is shown is what becomes issues');
  for (const one of world.mails.slice(0, 5)) one.gone = true;
  assert.deepEqual(await numbers(world, everything), { ...taken, reached: 24, taken: 22, count: 2, settled: 24 });
});

test('mail that was left alone at an earlier start is new, and mail taken before and since is not', async () => {
  const world = createWorld(mails(5, 'old'));
  await enable(world, { from: 'now' });
  deliver(world, 3);
  await poll(world);
  const expected = { reached: 8, taken: 3, left: 0, count: 5, settled: 8 };
  assert.deepEqual(await numbers(world, everything), { ...expected, confidence: 'exact' });
  world.advance(dayMs);
  assert.deepEqual(await numbers(world, everything, 0), { ...expected, confidence: 'estimate' }, 'older than the log');
  assert.match((await estimate(world, everything, 0)).reason ?? '', /as long as the activity log goes back/);
  assert.equal(world.issues.length, 3);
  await enable(world, everything);
  assert.equal(world.issues.length, 8, 'as many as were said to be new');
});

test('enabled with other starts one after the other, all that was taken in any of them is known', async () => {
  const world = createWorld(mails(4));
  await enable(world, everything);
  await enable(world, { from: 'now' });
  deliver(world, 1);
  await poll(world);
  const expected = { reached: 5, taken: 5, left: 0, count: 0, settled: 5, confidence: 'exact' };
  assert.deepEqual(await numbers(world, everything), expected);
});

test('mail that waits is new, mail that was given up stays, and unread mail that was taken is known', async () => {
  const world = createWorld([mail('good'), mail('bad'), mail('worse')]);
  await enable(world, { from: 'now' });
  await enable(world, everything);
  assert.equal(world.issues.length, 3);
  const other = createWorld([mail('good'), mail('bad')]);
  const refused = refusing('bad');
  await other.ports().cursors.put('c1', {
    ...(await startingCursor(other.connection, (use) => use(mailboxOf(other)), everything, 0))(null),
  });
  await poll(other, refused);
  assert.deepEqual(await numbers(other, everything), {
    reached: 2,
    taken: 1,
    left: 0,
    count: 1,
    settled: 2,
    confidence: 'exact',
  });
  for (let round = 0; round < 5; round += 1) {
    other.advance(60 * 60_000);
    await poll(other, refused);
  }
  assert.deepEqual(await numbers(other, everything), {
    reached: 2,
    taken: 1,
    left: 1,
    count: 0,
    settled: 1,
    confidence: 'exact',
  });
  for (const one of other.mails) one.seen = false;
  deliver(other, 1);
  const unread = { reached: 3, taken: 1, left: 1, count: 1, settled: 2, confidence: 'exact' };
  assert.deepEqual(await numbers(other, { from: 'unread' }), unread);
});

test('a mailbox of more mail than can be listed is counted by its position', async () => {
  const world = createWorld(mails(620));
  await enable(world, everything);
  for (let round = 0; round < 20 && world.issues.length < 620; round += 1) await poll(world);
  deliver(world, 4);
  const expected = { reached: 624, taken: 620, left: 0, count: 4, settled: 624, confidence: 'exact' };
  assert.deepEqual(await numbers(world, everything), expected);
  assert.deepEqual(await numbers(world, { from: 'since', since: world.ports().now() }), {
    ...expected,
    reached: 624,
  });
});

test('a folder that the server laid anew, and another folder, can’t be told apart by names, and say so', async () => {
  const world = createWorld(mails(6));
  await enable(world, everything);
  world.validity = 8;
  assert.deepEqual(await numbers(world, everything), {
    reached: 6,
    taken: 6,
    left: 0,
    count: 0,
    settled: 6,
    confidence: 'estimate',
  });
  const { count, confidence, reason } = await estimate(world, { from: 'since', since: 0 });
  assert.deepEqual([count, confidence], [6, 'estimate']);
  assert.match(reason ?? '', /named its mail anew.*no second issue/);
  world.connection = { ...world.connection, settings: settingsOf({ folder: 'Other' }) };
  const moved = await estimate(world, everything);
  assert.deepEqual([moved.count, moved.settled, moved.confidence], [6, 6, 'estimate']);
  assert.match(moved.reason ?? '', /another mailbox or folder/);
});

for (const provider of ['google', 'microsoft-graph'] as const) {
  test(`receipts tell exactly what ${provider} has that was taken, whatever the position is`, async () => {
    const world = createWorld(mails(4));
    const { host: _, port: __, username, encryption: ___, privateCa: ____, ...common } = settingsOf();
    const settings = connectionSettings.parse({ ...common, provider, username, credentialId: 'k1' });
    world.connection = { ...world.connection, settings, createdAt: 0 };
    await enable(world, everything);
    deliver(world, 2);
    world.advance(400 * dayMs);
    const expected = { reached: 6, taken: 4, left: 0, count: 2, settled: 6, confidence: 'exact' };
    assert.deepEqual(await numbers(world, everything, 1), expected);
    const { count, first } = await estimate(world, everything);
    assert.deepEqual([count, first], [2, ['7.5', '7.6']]);
    const cursor = world.cursor();
    assert.ok(cursor);
    const lost = { ...cursor, position: null };
    const rest = await estimateFor(world.connection, lost, mailboxOf(world), { from: 'continue' }, 0, memoryOf(world));
    assert.deepEqual([rest.count, rest.taken, rest.confidence], [2, 4, 'exact']);
  });
}

test('going on settles what became an issue and could not be settled, and makes no issue of it', async () => {
  const world = createWorld(mails(2), { afterDownload: 'delete' });
  await enable(world, everything);
  const cursor = world.cursor();
  assert.ok(cursor);
  const settle = { handle: '7.1', reason: 'settle', size: null, attempts: 1, retryAt: 0 } as const;
  const rest = await estimateFor(
    world.connection,
    { ...cursor, waiting: [settle] },
    mailboxOf(world),
    { from: 'continue' },
    0,
  );
  assert.deepEqual([rest.count, rest.taken, rest.settled], [0, 1, 1]);
});

for (const [settled, acknowledged, code] of [
  [29, undefined, 'deletion-not-acknowledged'],
  [null, undefined, 'deletion-not-acknowledged'],
  [30, 29, 'deletion-grew'],
  [null, 29, 'deletion-grew'],
  [29, null, 'deletion-grew'],
  [29, 29, null],
  [12, 29, null],
  [null, null, null],
  [0, undefined, null],
] as const) {
  test(`${settled ?? 'unknown'} deletions where ${acknowledged === undefined ? 'nobody was asked' : `${acknowledged ?? 'an unknown number'} were agreed to`}: ${code ?? 'enabled'}`, () => {
    const { connection } = createWorld([], { afterDownload: 'delete' });
    const told = {
      count: 1,
      confidence: 'exact',
      reason: null,
      available: true,
      first: [],
      reached: 1,
      taken: 0,
      left: 0,
      settled,
    } as const;
    const refused = () => {
      try {
        requireAcknowledgement(connection, { ...told, first: [] }, acknowledged);
        return null;
      } catch (thrown) {
        assert.ok(thrown instanceof AppError);
        assert.match(
          thrown.message,
          settled === null ? /^An unknown number of messages/ : new RegExp(`^${settled} messages`),
        );
        return thrown.code;
      }
    };
    assert.equal(refused(), code);
  });
}
