import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionSettings, mailboxIdentity } from '../../src/domain/connection';
import { receiptDaysAfterRemoval, receiptDaysWhileKept } from '../../src/domain/limits';
import { pollConnection } from '../../src/intake/poll-connection';
import { startingCursor } from '../../src/resolvers/connection-start';
import { createWorld, mail, markOfTests, settingsOf, type World } from '../support/world';
import { poll, summaries, withGivenUp } from './polling';

/** Mail that is met again: by its receipt, and by its issue's mark where no receipt tells of it any more. */

const dayMs = 86_400_000;
const gmail = connectionSettings.parse({
  provider: 'google',
  name: 'Gmail',
  credentialId: 'credential',
  username: 'support@gmail.example',
  target: { projectId: '10000', issueTypeId: '10001' },
});

/** Received as the world begins. */
function worldOf(...subjects: readonly string[]): World {
  const world = createWorld(subjects.map((subject) => mail(subject)));
  for (const one of world.mails) one.receivedAt = world.ports().now();
  return world;
}

/** The port calls of one poll, as the schedule has it. */
async function callsOf(world: World): Promise<string[]> {
  const calls: string[] = [];
  const step = (name: string, when: string) => void (when === 'before' && calls.push(name));
  await pollConnection(world.ports({ step }), 'c1', true);
  return calls;
}

const counted = (calls: readonly string[], name: string) => calls.filter((one) => one === name).length;
/** The server forgets our position. */
const forget = (world: World) => {
  world.validity += 1;
};

test('makes no second issue of mail whose receipt ended when the server forgets our position', async () => {
  const world = worldOf('first', 'second');
  await poll(world);
  world.advance((receiptDaysWhileKept + 3) * dayMs);
  forget(world);
  const calls = await callsOf(world);
  assert.deepEqual(summaries(world), ['first', 'second']);
  assert.deepEqual([counted(calls, 'issues.findByOrigin'), counted(calls, 'receipts.claim')], [2, 0]);
  assert.deepEqual([world.cursor()?.totals.taken, world.cursor()?.waiting], [2, []]);
  forget(world);
  assert.equal(counted(await callsOf(world), 'issues.findByOrigin'), 0, 'it has a receipt again');
});

for (const [what, change] of [
  ['the host is renamed', { host: 'mail.example.com' }],
  ['the folder is another one with the same mail', { folder: 'Moved' }],
] as const) {
  test(`makes no second issue of it when ${what}, whatever the start was`, async () => {
    const world = worldOf('first', 'second');
    await poll(world);
    world.advance((receiptDaysWhileKept + 3) * dayMs);
    world.connection = { ...world.connection, version: 2, settings: settingsOf(change) };
    await poll(world);
    assert.deepEqual(summaries(world), ['first', 'second']);
    assert.equal(world.cursor()?.listsTaken, undefined, 'the end of the mailbox was reached');
  });
}

test('makes no second issue of it when the connection is enabled for everything again', async () => {
  const world = worldOf('first');
  await poll(world);
  world.advance((receiptDaysWhileKept + 3) * dayMs);
  const ports = world.ports();
  const mailbox = await ports.openMailbox(world.connection.settings, { connectionId: 'c1' });
  const starting = await startingCursor(world.connection, (use) => use(mailbox), { from: 'everything' }, ports.now());
  const stored = world.cursor();
  await ports.cursors.put('c1', { ...starting(stored), revision: stored?.revision ?? 0 });
  await poll(world);
  assert.deepEqual(summaries(world), ['first']);
});

test('takes mail that waited through all that time, and mail that came meanwhile', async () => {
  const world = worldOf('first', 'never taken');
  await poll(world);
  world.issues.pop();
  world.advance((receiptDaysWhileKept + 3) * dayMs);
  world.mails.push({ uid: 3, raw: mail('new'), seen: false, gone: false, receivedAt: world.ports().now() });
  forget(world);
  const calls = await callsOf(world);
  assert.deepEqual(summaries(world), ['first', 'never taken', 'new'], 'what has no issue gets one');
  assert.equal(counted(calls, 'issues.findByOrigin'), 2, 'a receipt would tell of the new one');
});

test('looks for the issue where the server does not tell when the mail came', async () => {
  const world = createWorld([mail('first')]);
  await poll(world);
  world.receipts.clear();
  world.advance(60 * 60_000);
  forget(world);
  assert.equal(counted(await callsOf(world), 'issues.findByOrigin'), 1);
  assert.deepEqual(summaries(world), ['first']);
});

test('looks for no issue while a mailbox is listed for the first time', async () => {
  const world = worldOf('first', 'second');
  world.advance(400 * dayMs);
  assert.equal(counted(await callsOf(world), 'issues.findByOrigin'), 0);
});

test('still looks for the issue when the mail had to wait, and Jira could not be asked', async () => {
  const world = worldOf('first');
  await poll(world);
  world.advance((receiptDaysWhileKept + 3) * dayMs);
  forget(world);
  const down = () => Promise.reject(new Error('down'));
  await poll(world, (ports) => ({ ...ports, issues: { ...ports.issues, findByOrigin: down } }));
  assert.equal(world.cursor()?.waiting[0]?.lookFor?.by, 'origin');
  world.advance(60 * 60_000);
  await poll(world);
  assert.deepEqual(summaries(world), ['first']);
  assert.deepEqual(world.cursor()?.waiting, []);
});

test('renews a receipt that is met late, of whatever came of the mail, and none that is met early', async () => {
  const raws = [mail('bad'), mail('good'), await markOfTests.put(mail('ours'))];
  const world = await withGivenUp(raws);
  for (const one of world.mails) one.receivedAt = world.ports().now();
  forget(world);
  assert.deepEqual(
    (await callsOf(world)).filter((name) => name.startsWith('receipts.')),
    ['receipts.get', 'receipts.get', 'receipts.get'],
  );
  // Each time before it ends, for three years.
  for (let round = 0; round < 5; round += 1) {
    world.advance(200 * dayMs);
    forget(world);
    const calls = await callsOf(world);
    assert.deepEqual([counted(calls, 'receipts.putMany'), counted(calls, 'issues.findByOrigin')], [3, 0]);
  }
  const rests = [...world.receipts.values()].map(({ endsAt }) => (endsAt - world.ports().now()) / dayMs);
  assert.ok(rests.every((rest) => rest > receiptDaysWhileKept - 1 && rest > receiptDaysAfterRemoval));
  assert.deepEqual(summaries(world), ['good']);
  assert.equal(world.cursor()?.quarantined.length, 1);
});

test('writes nothing for receipts while nothing is met again', async () => {
  const world = worldOf('first');
  await poll(world);
  world.advance(300 * dayMs);
  const calls = await callsOf(world);
  assert.deepEqual(
    calls.filter((name) => name.startsWith('receipts.')),
    [],
  );
});

/** The same world as Gmail has it: messages keep their names. */
async function gmailWorld(...raws: readonly Uint8Array[]): Promise<World> {
  const world = createWorld([...raws]);
  for (const one of world.mails) one.receivedAt = world.ports().now();
  world.connection = { ...world.connection, settings: gmail };
  await poll(world);
  return world;
}

/** The history id is forgotten, and all mail is listed again by the names that it has. */
function forgetHistory(world: World): void {
  const cursor = world.cursor();
  assert.ok(cursor !== null);
  const settings = connectionSettings.parse({ ...gmail, folder: 'INBOX' });
  assert.notEqual(mailboxIdentity(settings), cursor.mailbox);
  world.connection = { ...world.connection, version: world.connection.version + 1, settings };
}

test('downloads nothing of Gmail that it knows, asks for it in one call, and settles it all the same', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `mail ${index}`);
  const ours = await markOfTests.put(mail('ours'));
  const world = await gmailWorld(...names.map((name) => mail(name)), ours);
  for (const one of world.mails) one.seen = false;
  forgetHistory(world);
  const calls = await callsOf(world);
  assert.deepEqual([counted(calls, 'mailbox.fetch'), counted(calls, 'receipts.getMany')], [0, 1]);
  assert.deepEqual(summaries(world), names);
  assert.deepEqual(
    world.mails.map(({ seen }) => seen),
    [...names.map(() => true), false],
  );
  const { taken, skipped } = world.cursor()?.totals ?? {};
  assert.deepEqual([taken, skipped], [30, 1]);
});

test('asks of new mail of Gmail once, before its download', async () => {
  const world = await gmailWorld(mail('first'));
  world.mails.push({ uid: 2, raw: mail('second'), seen: false, gone: false });
  const calls = (await callsOf(world)).filter((name) => /^(receipts|mailbox\.fetch)/.test(name));
  assert.deepEqual(calls, ['receipts.getMany', 'mailbox.fetch', 'receipts.claim', 'receipts.put']);
});

test('downloads known mail of Gmail once more where the log may not know of it yet', async () => {
  const world = await gmailWorld(mail('first'));
  world.activity.clear();
  forgetHistory(world);
  assert.equal(counted(await callsOf(world), 'mailbox.fetch'), 1);
  assert.equal([...world.activity.values()][0]?.subject, 'first');
  world.activity.clear();
  world.advance(40 * dayMs);
  world.connection = { ...world.connection, version: 9, settings: gmail };
  assert.equal(counted(await callsOf(world), 'mailbox.fetch'), 0, 'the log has forgotten it by now');
  assert.deepEqual(summaries(world), ['first']);
});

test('takes nothing known of Gmail out of the mailbox once the connection was edited', async () => {
  const world = await gmailWorld(mail('first'));
  for (const one of world.mails) one.seen = false;
  forgetHistory(world);
  const step = (name: string, when: string) => {
    if (name !== 'receipts.getMany' || when !== 'after') return;
    world.connection = { ...world.connection, version: world.connection.version + 1 };
  };
  await pollConnection(world.ports({ step }), 'c1', true);
  assert.equal(world.mails[0]?.seen, false);
});
