import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { anyPorts, connect, deliver, fetched, rangeEnd, raw, statusOf, user } from './mail-client';
import { type MailServer, startMailServer } from './mail-server';

describe('the mail server', () => {
  let mail: MailServer;
  before(async () => {
    mail = await startMailServer({ directory: null, ports: anyPorts });
  });
  after(() => mail.close());

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
