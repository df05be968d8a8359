import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ImapFlow } from 'imapflow';
import { anyPorts, connect, fetched, rangeEnd, raw, statusOf, user } from '../mail-client';
import { type MailServer, mailPassword, startMailServer } from '../mail-server';

describe('IMAP', () => {
  let mail: MailServer;
  before(async () => {
    mail = await startMailServer({ directory: null, ports: anyPorts });
  });
  after(() => mail.close());

  /** A mailbox of its own for each test: what one does to its mail is nothing to another. */
  const fresh = async (client: ImapFlow, name: string, ...subjects: string[]) => {
    await client.mailboxCreate(name);
    for (const subject of subjects) await client.append(name, raw(subject));
    return client.getMailboxLock(name);
  };

  test('answers a range behind the last message with nothing, and n:* with the last message', async () => {
    const client = await connect(mail);
    const lock = await fresh(client, 'Ranges', 'one', 'two', 'three');
    assert.deepEqual(
      (await fetched(client, `2:${rangeEnd}`, { uid: true })).map(({ uid }) => uid),
      [2, 3],
    );
    assert.deepEqual(await fetched(client, `4:${rangeEnd}`, { uid: true }), []);
    assert.deepEqual(
      (await fetched(client, '4:*', { uid: true })).map(({ uid }) => uid),
      [3],
    );
    assert.deepEqual(
      (await fetched(client, '1,3', { uid: true })).map(({ uid }) => uid),
      [1, 3],
    );
    lock.release();
    await client.logout();
  });

  test('serves a message in parts without marking it as read', async () => {
    const client = await connect(mail);
    const lock = await fresh(client, 'Partials', 'partial');
    const whole = raw('partial');
    const [part] = await fetched(client, '1', { source: { start: 10, maxLength: 20 }, flags: true });
    assert.deepEqual(part?.source, whole.subarray(10, 30));
    const [header] = await fetched(client, '1', { headers: ['subject'] });
    assert.equal(header?.headers?.toString(), 'Subject: partial\r\n\r\n');
    const [beyond] = await fetched(client, '1', { source: { start: 10_000, maxLength: 20 }, flags: true });
    assert.equal(beyond?.source?.length ?? 0, 0);
    assert.equal(beyond?.flags?.has('\\Seen'), false);
    lock.release();
    await client.logout();
  });

  test('counts messages, unread ones and UIDs in STATUS', async () => {
    const client = await connect(mail);
    const lock = await fresh(client, 'Counts', 'one', 'two');
    await client.messageFlagsAdd('1', ['\\Seen'], { uid: true });
    lock.release();
    const status = await statusOf(client, 'Counts');
    assert.equal(status.messages, 2);
    assert.equal(status.unseen, 1);
    assert.equal(status.uidNext, 3);
    assert.ok((status.uidValidity ?? 0n) > 0n);
    await client.logout();
  });

  test('moves messages and tells their new UIDs', async () => {
    const client = await connect(mail);
    const lock = await fresh(client, 'From here', 'one', 'two', 'three');
    await client.mailboxCreate('To/There');
    await client.append('To/There', raw('zero'));
    const moved = await client.messageMove('1,3', 'To/There', { uid: true });
    assert.deepEqual(moved ? [...(moved.uidMap ?? [])] : null, [
      [1, 2],
      [3, 3],
    ]);
    assert.deepEqual(
      (await fetched(client, '1:*', { uid: true })).map(({ uid }) => uid),
      [2],
    );
    lock.release();
    const there = await client.getMailboxLock('To/There');
    assert.deepEqual(
      (await fetched(client, '1:*', { envelope: true })).map(({ envelope }) => envelope?.subject),
      ['zero', 'one', 'three'],
    );
    there.release();
    await client.logout();
  });

  test('expunges the messages that were named, and leaves others that are marked as deleted', async () => {
    const client = await connect(mail);
    const lock = await fresh(client, 'Expunge', 'one', 'two', 'three');
    await client.messageFlagsAdd('1', ['\\Deleted'], { uid: true });
    assert.equal(await client.messageDelete('3', { uid: true }), true);
    assert.deepEqual(
      (await fetched(client, '1:*', { uid: true })).map(({ uid }) => uid),
      [1, 2],
    );
    lock.release();
    await client.logout();
  });

  test('searches by flag, text, date, size and UID', async () => {
    const client = await connect(mail);
    const lock = await fresh(client, 'Search', 'apple', 'pear', 'plum');
    await client.messageFlagsAdd('1', ['\\Seen', 'Urgent'], { uid: true });
    const search = (query: Parameters<ImapFlow['search']>[0]) => client.search(query, { uid: true });
    assert.deepEqual(await search({ all: true }), [1, 2, 3]);
    assert.deepEqual(await search({ seen: false }), [2, 3]);
    assert.deepEqual(await search({ keyword: 'Urgent' }), [1]);
    assert.deepEqual(await search({ subject: 'PEAR' }), [2]);
    assert.deepEqual(await search({ or: [{ subject: 'pear' }, { subject: 'plum' }] }), [2, 3]);
    assert.deepEqual(await search({ not: { subject: 'pear' }, uid: '2:*' }), [3]);
    assert.deepEqual(await search({ header: { 'message-id': '<plum@example.test>' } }), [3]);
    assert.deepEqual(await search({ since: new Date(Date.now() + 3 * 86_400_000) }), []);
    assert.deepEqual(await search({ since: new Date(Date.now() - 3 * 86_400_000), larger: 10 }), [1, 2, 3]);
    lock.release();
    await client.logout();
  });

  test('lists folders with their levels, and names in any script', async () => {
    const client = await connect(mail);
    await client.mailboxCreate('Büro/受信');
    const paths = (await client.list()).map(({ path }) => path);
    for (const path of ['INBOX', 'Archive', 'Büro', 'Büro/受信']) assert.ok(paths.includes(path), path);
    const lock = await client.getMailboxLock('Büro/受信');
    lock.release();
    await assert.rejects(client.getMailboxLock('Nowhere'), { serverResponseCode: 'NONEXISTENT' });
    await client.logout();
  });

  test('tells an open session of new mail, and of mail that another session removed', async () => {
    const first = await connect(mail);
    const second = await connect(mail);
    const lock = await fresh(first, 'Shared', 'one', 'two');
    const other = await second.getMailboxLock('Shared');
    await second.messageDelete('1', { uid: true });
    await second.append('Shared', raw('three'));
    await first.noop();
    assert.deepEqual(
      (await fetched(first, '1:*', { uid: true })).map(({ uid, seq }) => [seq, uid]),
      [
        [1, 2],
        [2, 3],
      ],
    );
    other.release();
    lock.release();
    await Promise.all([first.logout(), second.logout()]);
  });

  test('announces new mail while a session idles', async () => {
    const client = await connect(mail);
    const lock = await fresh(client, 'Idle');
    const announced = new Promise((resolve) => client.once('exists', resolve));
    const idling = client.idle();
    const other = await connect(mail);
    await other.append('Idle', raw('knock'));
    await announced;
    lock.release();
    await Promise.all([client.logout(), other.logout(), idling]);
  });

  test('never obeys what was sent in clear together with STARTTLS', async () => {
    const { connect: open } = await import('node:net');
    const socket = open(mail.ports.imap, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.write(`a STARTTLS\r\nb LOGIN ${user} ${mailPassword}\r\n`);
    while (!heard.includes('a OK')) await new Promise((resolve) => setImmediate(resolve));
    const { connect: secure } = await import('node:tls');
    const tls = secure({ socket, ca: mail.ca, host: 'localhost' });
    let secret = '';
    tls.on('data', (chunk) => {
      secret += chunk.toString('latin1');
    });
    tls.write('c SELECT INBOX\r\n');
    while (!/^c /m.test(secret)) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(heard.includes('b '), false);
    assert.match(secret, /^c BAD/);
    tls.destroy();
  });
});
