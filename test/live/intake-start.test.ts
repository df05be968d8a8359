import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Payload, StartChoice } from '../../src/resolvers/contract';
import type { ConnectionView } from '../../src/resolvers/views';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { appendMail } from '../support/imap-append';
import { type Product, startProduct } from '../support/product';

/** Enabling as the page does it, through resolvers, gateway and Dovecot, to the issues. */
const dayMs = 24 * 60 * 60_000;
const since = Math.floor((Date.now() - 10 * dayMs) / 1_000) * 1_000;

let dovecot: Dovecot;
let product: Product;

before(async () => {
  const users = ['ada', 'ben', 'cleo', 'dan'];
  dovecot = await startDovecot({ users: Object.fromEntries(users.map((user) => [user, 'secret'])) });
  product = await startProduct();
});
after(async () => {
  await product?.close();
  await dovecot?.stop();
});

/** A mail as its receiving server wrote it down. */
async function deliver(user: string, subject: string, receivedAt: number, isRead = false): Promise<void> {
  const text =
    `Received: from mx.example by mail.example; ${new Date(receivedAt).toUTCString().replace('GMT', '+0000')}\r\n` +
    `From: =?utf-8?q?Zo=C3=AB?= <zoe@example.org>\r\nTo: desk@example.com\r\nSubject: ${user}: ${subject}\r\n` +
    `Message-ID: <${user}.${subject.replaceAll(' ', '.')}@example.org>\r\n\r\nHello.\r\n`;
  const target = { port: dovecot.ports.imap, user, password: 'secret', folder: 'INBOX' };
  await appendMail({ ...target, receivedAt, isRead }, [text]);
}

async function fill(user: string): Promise<void> {
  await deliver(user, 'ancient read', since - 300 * dayMs, true);
  await deliver(user, 'ancient unread', since - 299 * dayMs);
  await deliver(user, 'a second early', since - 1_000);
  await deliver(user, 'in time', since, true);
  await deliver(user, 'recent', since + dayMs);
}

function create(user: string, settings: Record<string, unknown> = {}): Promise<ConnectionView> {
  return product.call('connections.create', {
    settings: {
      provider: 'imap',
      name: user,
      host: 'localhost',
      port: dovecot.ports.imaps,
      username: user,
      privateCa: dovecot.ca,
      target: { projectId: '10000', issueTypeId: '10001' },
      ...settings,
    } as Payload<'connections.create'>['settings'],
    password: 'secret',
  });
}

const issuesOf = (user: string) =>
  product
    .summaries()
    .filter((summary) => summary.startsWith(`${user}: `))
    .map((summary) => summary.slice(user.length + 2));

async function unread(user: string): Promise<number> {
  const status = await dovecot.doveadm('mailbox', 'status', '-u', user, 'unseen', 'INBOX');
  return Number(/unseen=(\d+)/.exec(status)?.[1]);
}

/** Counts and shows what a start means, then enables: what is shown is what becomes of it. */
async function enable({ id, version }: ConnectionView, start: StartChoice): Promise<number | null> {
  const { count, confidence, first } = await product.call('connections.estimate', { id, start });
  assert.equal(confidence, 'exact');
  const previews = await product.call('connections.preview', { id, handles: first });
  assert.equal(previews.length, count);
  assert.ok(previews.every(({ from, receivedAt }) => from === 'Zoë <zoe@example.org>' && receivedAt !== null));
  await product.call('connections.enable', { id, version, start, deletes: count });
  return count;
}

for (const [user, settings] of [
  ['ada', {}],
  ['dan', { provider: 'pop3', afterDownload: 'delete' }],
] as const) {
  test(`makes issues of mail since a moment, to the second, and of what comes later (${user === 'ada' ? 'IMAP' : 'POP3'})`, async () => {
    await fill(user);
    const before = await unread(user);
    const port = user === 'dan' ? { port: dovecot.ports.pop3s } : {};
    const connection = await create(user, { ...settings, ...port });
    assert.equal(await enable(connection, { from: 'since', since }), 2);
    assert.equal(await unread(user), before, 'counting and showing marks nothing as read');
    await product.forge.drain();
    assert.deepEqual(issuesOf(user), ['in time', 'recent']);
    await deliver(user, 'new', Date.now());
    await product.poll(connection.id);
    await product.poll(connection.id);
    assert.deepEqual(issuesOf(user), ['in time', 'recent', 'new']);
  });
}

test('makes issues of mail that was unread when it was enabled, though people read it before the first poll', async () => {
  await fill('ben');
  const connection = await create('ben');
  assert.equal(await enable(connection, { from: 'unread' }), 3);
  await dovecot.doveadm('flags', 'add', '-u', 'ben', '\\Seen', 'mailbox', 'INBOX', 'ALL');
  await deliver('ben', 'new', Date.now());
  await product.forge.drain();
  assert.deepEqual(issuesOf('ben'), ['ancient unread', 'a second early', 'recent', 'new']);
});

test('goes on where it stopped, with as many as it said', async () => {
  const first = await create('cleo');
  await enable(first, { from: 'now' });
  await product.forge.drain();
  const enabled = await product.call('connections.get', { id: first.id });
  const stopped = await product.call('connections.disable', { id: first.id, version: enabled.version });
  await fill('cleo');
  assert.ok(stopped.canContinue);
  assert.equal(await enable(stopped, { from: 'continue' }), 5);
  await product.forge.drain();
  assert.equal(issuesOf('cleo').length, 5);
});
