import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { ComposedMail, Mailer } from '../../src/domain/mailer';
import { type OutgoingConnection, outgoingSettings } from '../../src/domain/outgoing';
import { composeMail } from '../../src/mail/compose';
import { parseMessage } from '../../src/mail/mime';
import { type SendPorts, sendMail } from '../../src/outbound/send-mail';
import { memoryTroubles } from '../support/memory-troubles';
import { markOfTests } from '../support/world';

const now = Date.UTC(2026, 10, 20, 9);
const settings = outgoingSettings.parse({
  provider: 'smtp',
  name: 'Support',
  host: 'smtp.example.com',
  port: 465,
  fromAddress: 'support@example.com',
  fromName: 'Example Support',
  prefix: '[Desk]',
});
const connection = (change: Partial<OutgoingConnection> = {}): OutgoingConnection => ({
  id: 'o1',
  version: 1,
  enabled: true,
  settings,
  debugUntil: 0,
  createdAt: now,
  updatedAt: now,
  ...change,
});
const mail = {
  to: [{ name: '', address: 'kim@customer.example' }],
  cc: [],
  bcc: [],
  replyTo: [],
  subject: 'Hello',
  text: 'Text',
  html: null,
  attachments: [],
  inReplyTo: null,
  references: [],
  automatic: false,
};

/** A mailer that logs what it says, and fails when it is told to. */
function portsThat(fail: AppError | null = null) {
  const sent: ComposedMail[] = [];
  let closed = 0;
  const troubles = memoryTroubles();
  const ports: SendPorts = {
    troubles,
    log: () => {},
    composeMail,
    ownMark: markOfTests,
    now: () => now,
    openMailer: async (_settings, { log }): Promise<Mailer> => ({
      check: () => Promise.reject(new Error('not used')),
      send: async (composed) => {
        log?.('C: MAIL FROM:<support@example.com>');
        if (fail !== null) throw fail;
        sent.push(composed);
        return { messageId: composed.messageId, reply: '250 taken', refused: [] };
      },
      close: async () => {
        closed += 1;
      },
    }),
  };
  return { ports, sent, troubles, closed: () => closed };
}

const refusal = new AppError('recipient-refused', 'message', 'The server refused the recipient.', { detail: '550 no' });

test('sends from the address of the connection, with its prefix, and closes the mailer', async () => {
  const { ports, sent, closed } = portsThat();
  const delivery = await sendMail(ports, connection(), mail);
  assert.equal(delivery.reply, '250 taken');
  assert.equal(delivery.protocol, null);
  const raw = Buffer.from(sent[0]?.raw ?? []).toString();
  assert.match(raw, /^From: Example Support <support@example\.com>\r$/m);
  assert.match(raw, /^Subject: \[Desk\] Hello\r$/m);
  assert.equal(closed(), 1);
});

test('sends nothing through a disabled connection', async () => {
  const { ports, sent } = portsThat();
  await assert.rejects(sendMail(ports, connection({ enabled: false }), mail), { code: 'connection-disabled' });
  assert.deepEqual(sent, []);
});

test('shows the protocol while Debug is on, of a send that fails too, and not a moment longer', async () => {
  const debugged = connection({ debugUntil: now + 1 });
  assert.deepEqual((await sendMail(portsThat().ports, debugged, mail)).protocol, [
    'C: MAIL FROM:<support@example.com>',
  ]);
  const { ports, closed } = portsThat(refusal);
  await assert.rejects(sendMail(ports, debugged, mail), {
    code: 'recipient-refused',
    detail: '550 no',
    protocol: ['C: MAIL FROM:<support@example.com>'],
  });
  assert.equal(closed(), 1);
  await assert.rejects(sendMail(ports, connection({ debugUntil: now }), mail), (thrown) => thrown === refusal);
});

test('marks mail that no person wrote as ours, and none that a person wrote', async () => {
  for (const automatic of [true, false]) {
    const { ports, sent } = portsThat();
    await sendMail(ports, connection(), { ...mail, automatic });
    const raw = sent[0]?.raw ?? new Uint8Array();
    assert.equal(await markOfTests.isOn(await parseMessage(raw)), automatic);
  }
});

test('keeps in mind since when nothing goes out and why it does not now, and writes only when that changes', async () => {
  const unreachable = new AppError('unreachable', 'transient', 'The mail server does not answer.');
  const failing = portsThat(unreachable);
  await assert.rejects(sendMail(failing.ports, connection(), mail), { code: 'unreachable' });
  await assert.rejects(sendMail(failing.ports, connection(), mail), { code: 'unreachable' });
  const trouble = { code: 'unreachable', message: 'The mail server does not answer.', since: now };
  assert.deepEqual(await failing.troubles.get('o1'), trouble);
  assert.equal(failing.troubles.writes(), 1);

  const refusing = portsThat(new AppError('sender-refused', 'access', 'Not allowed to send as that.'));
  await refusing.troubles.put('o1', { ...trouble, since: now - 1 });
  await assert.rejects(sendMail(refusing.ports, connection(), mail), { code: 'sender-refused' });
  const other = { code: 'sender-refused', message: 'Not allowed to send as that.', since: now - 1 };
  assert.deepEqual(await refusing.troubles.get('o1'), other);

  const works = portsThat();
  await works.troubles.put('o1', trouble);
  await sendMail(works.ports, connection(), mail);
  await sendMail(works.ports, connection(), mail);
  assert.equal(await works.troubles.get('o1'), null);
  assert.equal(works.troubles.writes(), 2);
});

test('a recipient whose server wants to be asked again later is no trouble of the connection', async () => {
  for (const code of ['greylisted', 'mailbox-unavailable']) {
    const { ports, troubles } = portsThat(new AppError(code, 'transient', 'Later.'));
    await assert.rejects(sendMail(ports, connection(), mail), { code });
    assert.equal(await troubles.get('o1'), null, code);
  }
});

test('a refused recipient is no trouble of the connection, and a sign-in that is missing is', async () => {
  const { ports, troubles } = portsThat(refusal);
  await assert.rejects(sendMail(ports, connection(), mail), { code: 'recipient-refused' });
  assert.equal(await troubles.get('o1'), null);
  const missing = new AppError('authorization-missing', 'access', 'Authorize the connection.');
  const closedDoor = { ...ports, openMailer: () => Promise.reject(missing) };
  await assert.rejects(sendMail(closedDoor, connection(), mail), { code: 'authorization-missing' });
  assert.equal((await troubles.get('o1'))?.code, 'authorization-missing');
});

test('a mail that went out has gone out, though that could not be noted', async () => {
  const { ports, sent } = portsThat();
  const broken = { ...memoryTroubles(), get: () => Promise.reject(new Error('storage is down')) };
  assert.equal((await sendMail({ ...ports, troubles: broken }, connection(), mail)).reply, '250 taken');
  assert.equal(sent.length, 1);
});
