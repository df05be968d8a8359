import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { Connection } from '../../src/domain/connection';
import type { Cursor } from '../../src/domain/cursor';
import type { Mailbox } from '../../src/domain/ports';
import type { Estimate } from '../../src/domain/start';
import { estimateFor, startingCursor } from '../../src/resolvers/connection-start';
import type { StartChoice } from '../../src/resolvers/contract';
import { createWorld, mail, settingsOf, type World } from '../support/world';
import { worldMailbox } from '../support/world-mailbox';

const dayMs = 24 * 60 * 60_000;
const now = Date.UTC(2026, 10, 20, 9);
const mails = (count: number) => createWorld(Array.from({ length: count }, (_, index) => mail(`mail ${index}`)));
const mailboxOf = (world: World) => worldMailbox(world.mails, world.validity, async (_, effect) => effect());

async function cursorAt(world: World, start: StartChoice, stored: Cursor | null = null): Promise<Cursor> {
  return (await startingCursor(world.connection, (use) => use(mailboxOf(world)), start, now))(stored);
}

function deliver(world: World, count: number, receivedAt = now): void {
  for (let n = 0; n < count; n += 1) {
    world.mails.push({ uid: world.mails.length + 1, raw: mail('new'), seen: false, gone: false, receivedAt });
  }
}

const rest = (world: World, cursor: Cursor | null, connection: Connection = world.connection) =>
  estimateFor(connection, cursor, mailboxOf(world), { from: 'continue' }, now);

function pop3Connection(afterDownload: 'mark-read' | 'delete'): Connection {
  const settings = { ...settingsOf(), provider: 'pop3', folder: '', afterDownload, moveTo: '' } as const;
  return { ...mails(0).connection, settings };
}

/** A mailbox that counts what it is told to, whatever the start. */
const counting = (estimate: Partial<Estimate>): Mailbox => ({
  ...mailboxOf(mails(0)),
  estimate: async () => ({ count: 3, confidence: 'exact', reason: null, available: true, first: [], ...estimate }),
});

const refused = (code: string, field?: string) => (error: unknown) => {
  assert.ok(error instanceof AppError);
  assert.deepEqual([error.code, error.kind, error.field], [code, 'input', field]);
  return true;
};

test('going on counts what came since and what still waited, those that waited first', async () => {
  const world = mails(3);
  const cursor = await cursorAt(world, { from: 'now' });
  assert.deepEqual(await rest(world, cursor), {
    count: 0,
    confidence: 'exact',
    reason: null,
    available: true,
    first: [],
    reached: 0,
    taken: 0,
    left: 0,
    settled: 0,
  });
  deliver(world, 12);
  const waiting = { size: null, attempts: 1, retryAt: 0 };
  const held: Cursor = {
    ...cursor,
    waiting: [
      { ...waiting, handle: '7.2', reason: 'failed' },
      { ...waiting, handle: '7.3', reason: 'settle' },
    ],
  };
  const { count, confidence, first } = await rest(world, held);
  assert.deepEqual([count, confidence, first.length], [13, 'exact', 10]);
  assert.deepEqual(first.slice(0, 3), ['7.2', '7.4', '7.5'], 'what is only to be marked is no new issue');
});

test('going on counts exactly up to five hundred, and says that there are more', async () => {
  const world = mails(0);
  const cursor = await cursorAt(world, { from: 'now' });
  deliver(world, 500);
  assert.deepEqual((await rest(world, cursor)).confidence, 'exact');
  deliver(world, 1);
  const { count, confidence, reason } = await rest(world, cursor);
  assert.deepEqual([count, confidence], [500, 'estimate']);
  assert.match(reason ?? '', /more than 500/);
});

test('going on in a folder that the server laid anew leaves old mail alone, and says what it can’t know', async () => {
  const world = mails(0);
  deliver(world, 4, now - 10 * dayMs);
  const cursor = await cursorAt(world, { from: 'now' });
  deliver(world, 2);
  world.validity = 8;
  const { count, confidence, reason } = await rest(world, cursor);
  assert.deepEqual([count, confidence], [2, 'estimate']);
  assert.match(reason ?? '', /no second issue/);
});

test('going on in another folder counts all of it that is wanted', async () => {
  const world = mails(0);
  deliver(world, 4, now - 10 * dayMs);
  const cursor = await cursorAt(world, { from: 'now' });
  deliver(world, 1);
  const moved = { ...world.connection, settings: settingsOf({ folder: 'Other' }) };
  const { count, confidence } = await rest(world, cursor, moved);
  assert.deepEqual([count, confidence], [1, 'estimate']);
});

test('a provider that lists step by step may have more than it said', async () => {
  const world = mails(1);
  const cursor = await cursorAt(world, { from: 'now' });
  const slow: Mailbox = {
    ...mailboxOf(world),
    list: async (position) => ({ arrivals: [], position, more: true, reset: false }),
  };
  const { count, confidence } = await estimateFor(world.connection, cursor, slow, { from: 'continue' }, now);
  assert.deepEqual([count, confidence], [0, 'estimate']);
});

test('a connection that was never enabled has no place to go on from', async () => {
  const world = mails(1);
  await assert.rejects(rest(world, null), refused('start-unavailable'));
  await assert.rejects(cursorAt(world, { from: 'continue' }), refused('start-unavailable'));
});

test('a date in the future is refused, where it is counted and where it is used', async () => {
  const world = mails(1);
  const start: StartChoice = { from: 'since', since: now + 1 };
  const asked = estimateFor(world.connection, null, mailboxOf(world), start, now);
  await assert.rejects(asked, refused('start-in-future', 'start.since'));
  await assert.rejects(cursorAt(world, start), refused('start-in-future', 'start.since'));
  assert.equal((await cursorAt(world, { from: 'since', since: now })).notBefore, now);
});

test('each start keeps what is not wanted if the mailbox has to be listed anew', async () => {
  const world = mails(2);
  const kept = async (start: StartChoice) => {
    const { notBefore, unreadToo = false, relisting } = await cursorAt(world, start);
    return { notBefore, unreadToo, relisting };
  };
  const { notBefore } = await kept({ from: 'now' });
  assert.ok(notBefore !== null && notBefore < now && notBefore > now - dayMs, 'clocks of servers differ');
  assert.deepEqual(await kept({ from: 'unread' }), { notBefore, unreadToo: true, relisting: false });
  const since = now - 3 * dayMs;
  assert.deepEqual(await kept({ from: 'since', since }), { notBefore: since, unreadToo: false, relisting: false });
  assert.deepEqual(await kept({ from: 'everything' }), { notBefore: null, unreadToo: false, relisting: false });
});

for (const [afterDownload, count, confidence] of [
  ['mark-read', 3, 'estimate'],
  ['mark-read', 0, 'exact'],
  ['delete', 3, 'exact'],
] as const) {
  test(`a count of ${count} by POP3 with ${afterDownload} is told as ${confidence}`, async () => {
    const connection = pop3Connection(afterDownload);
    const told = await estimateFor(connection, null, counting({ count }), { from: 'everything' }, now);
    assert.deepEqual(
      [told.count, told.confidence, told.reason !== null],
      [count, confidence, confidence === 'estimate'],
    );
  });
}

test('what an adapter says of its count is told beside what POP3 can not know', async () => {
  const connection = pop3Connection('mark-read');
  const mailbox = counting({ confidence: 'estimate', reason: 'Two have no date.' });
  const { reason } = await estimateFor(connection, null, mailbox, { from: 'since', since: 0 }, now);
  assert.match(reason ?? '', /^Two have no date\. POP3 has no read marks/);
});

test('a mailbox that is slow to be counted is enabled all the same, without that number', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const world = mails(3);
  let isAsked = false;
  const estimate = () => {
    isAsked = true;
    return new Promise<never>(() => {});
  };
  const slow: Mailbox = { ...mailboxOf(world), estimate };
  const started = startingCursor(world.connection, (use) => use(slow), { from: 'now' }, now);
  while (!isAsked) await new Promise((resolve) => setImmediate(resolve));
  context.mock.timers.tick(25_000);
  const cursor = (await started)(null);
  assert.deepEqual([cursor.position, cursor.totals.alone], [await mailboxOf(world).begin({ from: 'now' }), null]);
});
