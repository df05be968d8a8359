import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type FetchMessageObject, ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { type MailServer, mailPassword, startMailServer } from './mail-server.ts';

const user = 'support@letterbox.test';
const anyPorts = { smtp: 0, imap: 0, imaps: 0 };
const rangeEnd = '4294967295';

async function connect(
  mail: MailServer,
  encryption: 'tls' | 'starttls' | 'none' = 'tls',
  pass = mailPassword,
): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: encryption === 'tls' ? 'localhost' : '127.0.0.1',
    port: encryption === 'tls' ? mail.ports.imaps : mail.ports.imap,
    secure: encryption === 'tls',
    doSTARTTLS: encryption === 'starttls',
    tls: { ca: mail.ca },
    auth: { user, pass },
    logger: false,
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const raw = (subject: string, body = 'Hello') =>
  Buffer.from(
    `From: Ada <ada@example.test>\r\nTo: ${user}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@example.test>\r\n\r\n${body}\r\n`,
  );

function deliver(mail: MailServer, ...subjects: string[]): void {
  for (const subject of subjects) mail.deliver({ from: 'ada@example.test', recipients: [user], raw: raw(subject) });
}

async function statusOf(client: ImapFlow, path: string) {
  const status = await client.status(path, { messages: true, unseen: true, uidNext: true, uidValidity: true });
  assert.ok(status);
  return status;
}

async function fetched(
  client: ImapFlow,
  range: string,
  query: Parameters<ImapFlow['fetch']>[1],
): Promise<FetchMessageObject[]> {
  const messages: FetchMessageObject[] = [];
  for await (const message of client.fetch(range, query, { uid: true })) messages.push(message);
  return messages;
}

describe('the mail server', () => {
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

  test('lets a user in over TLS, STARTTLS and in clear, with the right password only', async () => {
    for (const encryption of ['tls', 'starttls', 'none'] as const) {
      const client = await connect(mail, encryption);
      assert.equal(client.secureConnection, encryption !== 'none');
      await client.logout();
      await assert.rejects(connect(mail, encryption, 'wrong'), { authenticationFailed: true });
    }
  });

  test('shows a certificate that only its own authority vouches for', async () => {
    const other = await startMailServer({ directory: null, ports: anyPorts });
    try {
      await assert.rejects(connect({ ...mail, ca: other.ca }), { code: /SELF_SIGNED|UNABLE_TO_VERIFY|CERT/ });
    } finally {
      await other.close();
    }
  });

  test('delivers what comes in by SMTP, byte for byte under its own trace', async () => {
    const transport = createTransport({ host: '127.0.0.1', port: mail.ports.smtp, tls: { ca: mail.ca } });
    const content = Buffer.concat([raw('eight-bit'), Buffer.from('Gr\xfc\xdfe\r\n.leading dot\r\n', 'latin1')]);
    await transport.sendMail({
      envelope: { from: 'ada@example.test', to: [user, 'Sales@letterbox.test'] },
      raw: content,
    });
    const client = await connect(mail);
    const lock = await client.getMailboxLock('INBOX');
    const [message] = await fetched(client, '1:*', { source: true, size: true, envelope: true, internalDate: true });
    const source = message?.source ?? Buffer.alloc(0);
    assert.ok(source.subarray(-content.length).equals(content));
    assert.match(source.toString(), /^Return-Path: <ada@example.test>\r\nDelivered-To: support@letterbox.test\r\n/);
    assert.equal(message?.size, source.length);
    assert.equal(message?.envelope?.subject, 'eight-bit');
    assert.equal(message?.envelope?.from?.[0]?.address, 'ada@example.test');
    assert.equal(mail.store.folder('sales@letterbox.test', 'INBOX')?.messages.size, 1);
    assert.deepEqual(mail.sent(), []);
    lock.release();
    await client.logout();
  });

  test('keeps mail to people elsewhere for a look, with its envelope', async () => {
    const transport = createTransport({ host: '127.0.0.1', port: mail.ports.smtp, tls: { ca: mail.ca } });
    await transport.sendMail({ envelope: { from: user, to: ['someone@example.test'] }, raw: raw('out') });
    const sent = mail.sent().at(-1);
    assert.deepEqual(sent?.envelope, { from: user, to: ['someone@example.test'] });
    assert.equal(sent?.raw, raw('out').toString());
  });

  test('refuses a mail over 50 MB and takes the next one', async () => {
    const transport = createTransport({ host: '127.0.0.1', port: mail.ports.smtp, tls: { ca: mail.ca } });
    const envelope = { from: 'ada@example.test', to: ['large@letterbox.test'] };
    await assert.rejects(transport.sendMail({ envelope, raw: Buffer.alloc(50 * 1024 * 1024 + 1, 'x') }), {
      responseCode: 552,
    });
    await transport.sendMail({ envelope, raw: raw('small') });
    assert.equal(mail.store.folder('large@letterbox.test', 'INBOX')?.messages.size, 1);
  });

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

test('mail, flags, UIDs and the authority are there again after a kill', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'letterbox-mail-'));
  const first = await startMailServer({ directory, ports: anyPorts });
  let second: MailServer | undefined;
  try {
    deliver(first, 'one', 'two', 'three', 'four');
    const client = await connect(first);
    const lock = await client.getMailboxLock('INBOX');
    const { uidValidity } = await statusOf(client, 'INBOX');
    await client.messageFlagsAdd('1', ['\\Seen'], { uid: true });
    await client.messageDelete('2', { uid: true });
    await client.messageMove('3', 'Archive', { uid: true });
    await client.messageDelete('4', { uid: true });
    lock.release();
    await client.logout();

    // Opened beside the first one, which was never closed: all that counts is on disk already.
    second = await startMailServer({ directory, ports: anyPorts });
    assert.equal(second.ca, first.ca);
    deliver(second, 'five');
    const again = await connect(second);
    const inbox = await again.getMailboxLock('INBOX');
    assert.equal((await statusOf(again, 'INBOX')).uidValidity, uidValidity);
    const messages = await fetched(again, '1:*', { flags: true, source: true });
    assert.deepEqual(
      messages.map(({ uid, flags }) => [uid, flags?.has('\\Seen')]),
      [
        [1, true],
        [5, false],
      ],
    );
    assert.match(String(messages[0]?.source), /Subject: one/);
    inbox.release();
    assert.equal((await statusOf(again, 'Archive')).messages, 1);
    await again.logout();
  } finally {
    await first.close();
    await second?.close();
    rmSync(directory, { recursive: true });
  }
});

test('2,000 messages come out in one range, each with its own bytes', async () => {
  const mail = await startMailServer({ directory: null, ports: anyPorts });
  try {
    const subjects = Array.from({ length: 2_000 }, (_, index) => `mail-${index}`);
    deliver(mail, ...subjects);
    const client = await connect(mail);
    const lock = await client.getMailboxLock('INBOX');
    const messages = await fetched(client, `1:${rangeEnd}`, { source: true });
    assert.deepEqual(
      messages.map(({ source }) => /^Subject: (.*)\r$/m.exec(String(source))?.[1]),
      subjects,
    );
    lock.release();
    await client.logout();
  } finally {
    await mail.close();
  }
});
