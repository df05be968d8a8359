import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailboxIdentity } from '../../src/domain/connection';
import { freshCursor } from '../../src/domain/cursor';
import { pollLimits, switchMarginMs } from '../../src/domain/limits';
import type { Start } from '../../src/domain/start';
import { pollConnection } from '../../src/intake/poll-connection';
import { startingCursor } from '../../src/resolvers/connection-start';
import { createWorld, mail, settingsOf, type World } from '../support/world';

/** Enabling, polling, and a server that lays its folder anew: nothing wanted is lost, and nothing unwanted floods in. */
const dayMs = 24 * 60 * 60_000;
const starts = ['now', 'unread', 'since', 'everything'] as const;

function worldOf(mails: readonly { subject: string; daysAgo: number; seen: boolean }[]): World {
  const world = createWorld(mails.map(({ subject }) => mail(subject)));
  for (const [index, { daysAgo, seen }] of mails.entries()) {
    const one = world.mails[index];
    if (one !== undefined) Object.assign(one, { seen, receivedAt: world.ports().now() - daysAgo * dayMs });
  }
  return world;
}

async function begin(world: World, from: Start['from']): Promise<void> {
  const ports = world.ports();
  const start: Start = from === 'since' ? { from, since: ports.now() - 10 * dayMs } : { from };
  const access = { connectionId: 'c1' };
  const cursorFrom = await startingCursor(
    world.connection,
    async (use) => use(await ports.openMailbox(world.connection.settings, access)),
    start,
    ports.now(),
  );
  await ports.cursors.put('c1', cursorFrom(world.cursor()));
}

const poll = (world: World, change = {}) => pollConnection({ ...world.ports(), ...change }, 'c1', true);
const summaries = (world: World) => world.issues.map(({ draft }) => draft.summary);

function deliver(world: World, subject: string): void {
  const uid = Math.max(0, ...world.mails.map((one) => one.uid)) + 1;
  world.mails.push({ uid, raw: mail(subject), seen: false, gone: false, receivedAt: world.ports().now() });
}

const few = [
  { subject: 'old, read', daysAgo: 30, seen: true },
  { subject: 'old, unread', daysAgo: 29, seen: false },
  { subject: 'recent, read', daysAgo: 5, seen: true },
  { subject: 'recent, unread', daysAgo: 4, seen: false },
];
const wanted: Record<(typeof starts)[number], string[]> = {
  now: [],
  unread: ['old, unread', 'recent, unread'],
  since: ['recent, read', 'recent, unread'],
  everything: few.map(({ subject }) => subject),
};

for (const from of starts) {
  for (const afterDownload of ['mark-read', 'delete'] as const) {
    test(`beginning with ${from} and ${afterDownload}, takes just that, and the same once the server lays its folder anew`, async () => {
      const world = worldOf(few);
      world.connection = { ...world.connection, settings: settingsOf({ afterDownload }) };
      await begin(world, from);
      deliver(world, 'new');
      await poll(world);
      assert.deepEqual(summaries(world), [...wanted[from], 'new']);
      world.validity = 8;
      world.advance(dayMs);
      deliver(world, 'newer');
      await poll(world);
      await poll(world);
      assert.deepEqual(summaries(world), [...wanted[from], 'new', 'newer']);
      assert.equal(world.cursor()?.relisting, false);
    });
  }
}

/** Every third is read; the first half is old. */
const many = Array.from({ length: 6 * pollLimits.batchSize }, (_, index) => ({
  subject: `mail ${index}`,
  daysAgo: index < 3 * pollLimits.batchSize ? 20 : 5,
  seen: index % 3 === 0,
}));

for (const from of ['unread', 'since', 'everything'] as const) {
  test(`beginning with ${from}, takes the rest of what was wanted when the folder is laid anew in the middle of it`, async () => {
    const world = worldOf(many);
    await begin(world, from);
    // Time is over after some batches.
    let left = 70;
    await poll(world, { remainingMs: () => (left-- > 0 ? 600_000 : 0) });
    const taken = summaries(world).length;
    const all = many
      .filter(({ daysAgo, seen }) => (from === 'unread' ? !seen : from === 'since' ? daysAgo < 10 : true))
      .map(({ subject }) => subject);
    assert.ok(taken > 10 && taken < all.length - 10, `${taken} of ${all.length}`);
    world.validity = 8;
    deliver(world, 'new');
    while ((await poll(world)) === 'again');
    await poll(world);
    assert.deepEqual(new Set(summaries(world)), new Set([...all, 'new']));
    assert.equal(summaries(world).length, all.length + 1, 'none twice');
  });
}

test('takes unread mail that people read before its turn came', async () => {
  const world = worldOf(few);
  await begin(world, 'unread');
  for (const one of world.mails) one.seen = true;
  await poll(world);
  assert.deepEqual(summaries(world), wanted.unread);
});

test('takes the rest of unread mail when some of it is gone before its turn', async () => {
  const world = worldOf(many);
  await begin(world, 'unread');
  for (const one of world.mails) one.gone = one.uid % 2 === 0;
  while ((await poll(world)) === 'again');
  const left = world.mails.filter(({ gone }, index) => !gone && !many[index]?.seen).length;
  assert.equal(summaries(world).length, left);
});

test('takes old mail of which nobody can tell when it came, rather than losing it', async () => {
  const world = worldOf(few);
  await begin(world, 'now');
  delete world.mails[0]?.receivedAt;
  world.validity = 8;
  await poll(world);
  assert.deepEqual(summaries(world), ['old, read']);
});

const elsewhere = mailboxIdentity(settingsOf({ folder: 'Other' }));
const byPop3 = elsewhere.replace('"imap"', '"pop3"');

test('another folder begins like the first one; unread mail of another provider is no reason to take it again', async () => {
  const world = worldOf(few);
  await begin(world, 'unread');
  await poll(world);
  const cursor = world.cursor();
  const now = world.ports().now();
  assert.equal(freshCursor(elsewhere, cursor, now).unreadToo, true);
  assert.equal(freshCursor(byPop3, cursor, now).unreadToo, undefined);
  assert.equal(freshCursor(byPop3, cursor, now).notBefore, (cursor?.polledAt ?? 0) - switchMarginMs);
});

test('another provider in the middle of a backlog begins where that did: a double is better than a loss', async () => {
  const world = worldOf(many);
  await begin(world, 'everything');
  let left = 70;
  await poll(world, { remainingMs: () => (left-- > 0 ? 600_000 : 0) });
  // What was listed is taken, but not all was listed.
  const cursor = world.cursor();
  assert.ok(cursor !== null && cursor.polledAt !== null);
  assert.equal(freshCursor(byPop3, { ...cursor, waiting: [] }, 0).notBefore, null);
  while ((await poll(world)) === 'again');
  const { polledAt } = world.cursor() ?? {};
  assert.equal(freshCursor(byPop3, world.cursor(), 0).notBefore, (polledAt ?? 0) - switchMarginMs);
});

test('takes mail however old that comes into a folder which was found empty', async () => {
  const world = worldOf([]);
  await begin(world, 'now');
  world.connection = { ...world.connection, settings: settingsOf({ folder: 'Other' }) };
  await poll(world);
  deliver(world, 'moved here');
  for (const one of world.mails) one.receivedAt = world.ports().now() - 30 * dayMs;
  await poll(world);
  assert.deepEqual(summaries(world), ['moved here']);
});

test('takes mail however old that is moved into the folder later, and more of it than one batch', async () => {
  const world = worldOf(few);
  await begin(world, 'now');
  await poll(world);
  const moved = Array.from({ length: pollLimits.batchSize + 10 }, (_, index) => `moved ${index}`);
  for (const subject of moved) deliver(world, subject);
  for (const one of world.mails) one.receivedAt = world.ports().now() - 30 * dayMs;
  await poll(world);
  assert.deepEqual(summaries(world), moved);
});
