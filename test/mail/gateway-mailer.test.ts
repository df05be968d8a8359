import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { outgoingLimits } from '../../src/domain/limits';
import { composeMail } from '../../src/mail/compose';
import type { PostToGateway } from '../../src/mail/gateway-client';
import { gatewayMailer } from '../../src/mail/gateway-mailer';
import { encodeMailerRequest, type SmtpOutgoing } from '../../src/mail/mailer-wire';
import type { SmtpCredentials, SmtpSettings } from '../../src/mail/smtp/settings';
import { mailerContract } from '../contract/mailer-contract';
import { serverCredentials } from '../emulator/mail-server/certificates';
import { startOutgoingServer } from '../emulator/mail-server/outgoing';
import { startGateway } from '../support/gateway';
import { attachment, outgoingMail } from '../support/outgoing-mail';
import { smtpAccount } from '../support/smtp-account';

const outgoing = (settings: SmtpSettings): SmtpOutgoing => ({
  provider: 'smtp',
  name: 'Canary name',
  description: 'Canary description',
  fromAddress: 'support@example.com',
  fromName: '',
  prefix: '',
  defaultForProjects: [],
  ...settings,
});
const server: SmtpSettings = {
  encryption: 'tls',
  host: 'smtp.example.com',
  port: 465,
  username: 'a',
  timeoutMs: 5_000,
  privateCa: '',
};
const settings = outgoing(server);
const compose = (changes = {}) => composeMail(outgoingMail(changes), { rawBytes: outgoingLimits.rawBytes.smtp });

mailerContract('SMTP through the gateway', async () => {
  const gateway = await startGateway();
  const open = (given: SmtpSettings, credentials: SmtpCredentials) =>
    gatewayMailer(gateway.invoke(), outgoing(given), credentials);
  return smtpAccount('starttls', 'password', open, () => gateway.stop());
});

const gateway = await startGateway();
const certificates = serverCredentials(null, ['localhost', '127.0.0.1']);
const smtp = await startOutgoingServer({ ...certificates, users: { alice: 'correct horse' } });
after(async () => {
  await gateway.stop();
  await smtp.close();
});

const reply =
  (value: unknown, status = 200): PostToGateway =>
  async () => ({ status, bytes: Buffer.from(JSON.stringify(value)) });

test('asks with what it takes to reach the server, and with nothing else', async () => {
  let asked = '';
  const mailer = gatewayMailer(
    async (path, body) => {
      asked = `${path} ${typeof body === 'string' ? body : Buffer.from(body).toString('utf8')}`;
      return {
        status: 200,
        bytes: Buffer.from(
          JSON.stringify({ ok: true, value: { messageId: null, reply: '250 ok', refused: [] }, protocol: [] }),
        ),
      };
    },
    settings,
    { password: 'secret' },
  );
  await mailer.send(await compose());
  assert.match(asked, /^\/v1\/mailer\/send\?\S* /);
  assert.doesNotMatch(asked, /Canary/);
});

for (const [what, post] of [
  ['no answer', () => Promise.reject(new TypeError('fetch failed'))],
  ['HTTP 500', reply({}, 500)],
  ['HTTP 502 of a proxy', reply({}, 502)],
  ['an answer of another shape', reply({ ok: true })],
] as [string, PostToGateway][]) {
  test(`${what} leaves open whether the mail went out; of a check it does not`, async () => {
    const mailer = gatewayMailer(post, settings, { password: 'secret' });
    const isUncertain = (expected: boolean) => (error: unknown) =>
      error instanceof AppError && error.kind === 'transient' && error.uncertain === expected;
    await assert.rejects(mailer.send(await compose()), isUncertain(true));
    await assert.rejects(mailer.check(), isUncertain(false));
  });
}

for (const status of [401, 403, 400, 404, 413, 429]) {
  test(`HTTP ${status} is about the gateway, and the mail certainly did not go out`, async () => {
    const mailer = gatewayMailer(reply({}, status), settings, { password: 'secret' });
    await assert.rejects(
      mailer.send(await compose()),
      (error) => error instanceof AppError && error.kind === 'transient' && !error.uncertain,
    );
  });
}

test('the largest mail that is composed for SMTP fits in one request to the gateway', async () => {
  const size = Math.floor(outgoingLimits.rawBytes.smtp * 0.72);
  const mail = await compose({ attachments: [attachment({ content: Buffer.alloc(size) })] });
  assert.ok(encodeMailerRequest({ settings, envelope: mail.envelope }, mail.raw).byteLength < 5_000_000);
});

test('the gateway refuses a request without a token, one that is cut, and addresses that are commands', async () => {
  const post = gateway.invoke();
  const unsigned = await fetch(`${gateway.url}/v1/mailer/check`, { method: 'POST' });
  assert.equal(unsigned.status, 401);
  const head = {
    settings: server,
    credentials: { password: 'x' },
    debug: false,
  };
  const whole = encodeMailerRequest(
    { ...head, messageId: '<a@b>', envelope: { from: 'a@example.com', to: ['b@example.com'] } },
    Buffer.from('x'),
  );
  assert.equal((await post('/v1/mailer/send', whole.slice(0, whole.byteLength - 1))).status, 400);
  for (const evil of ['b@example.com>\r\nRCPT TO:<c@example.com', 'b c@example.com', 'b@example.com\0', 'b']) {
    const request = encodeMailerRequest(
      { ...head, messageId: '<a@b>', envelope: { from: 'a@example.com', to: [evil] } },
      Buffer.from('x'),
    );
    assert.equal((await post('/v1/mailer/send', request)).status, 400, evil);
  }
  assert.equal((await post('/v1/mailer/check', '{}')).status, 415);
  assert.equal((await post('/v1/mailer/check', encodeMailerRequest(head))).status, 200);
});

const alice = outgoing({
  encryption: 'tls',
  host: 'localhost',
  port: smtp.ports.smtps,
  username: 'alice',
  timeoutMs: 10_000,
  privateCa: certificates.ca,
});
const credentials = { password: 'correct horse' };

test('one session serves one installation, request after request, and no other', async () => {
  const before = smtp.connections();
  for (let n = 0; n < 3; n++) await gatewayMailer(gateway.invoke('a'), alice, credentials).send(await compose());
  assert.equal(smtp.connections(), before + 1);
  await gatewayMailer(gateway.invoke('b'), alice, credentials).send(await compose());
  assert.equal(smtp.connections(), before + 2);
  await assert.rejects(gatewayMailer(gateway.invoke('a'), alice, { password: 'wrong' }).send(await compose()));
  assert.equal(smtp.connections(), before + 3, 'a wrong password opens nothing that is open');
});

test('the protocol of each call comes along when it is asked for, without the password or the mail', async () => {
  const log: string[] = [];
  const mailer = gatewayMailer(gateway.invoke('c'), alice, credentials, { log: (line) => log.push(line) });
  const mail = await compose({ subject: 'Canary subject' });
  await gatewayMailer(gateway.invoke('c'), alice, credentials).send(mail);
  await mailer.send(mail);
  assert.deepEqual(
    log.filter((line) => line.startsWith('C: ')),
    [`C: MAIL FROM:<support@example.com> SIZE=${mail.raw.byteLength}`, 'C: RCPT TO:<ada@example.org>', 'C: DATA'],
  );
  assert.ok(log.some((line) => line.startsWith('S: 250 2.0.0 Ok: queued')));
  await gatewayMailer(
    gateway.invoke('c'),
    alice,
    { password: 'wrong horse' },
    { log: (line) => log.push(line) },
  ).check();
  const text = log.join('\n');
  assert.match(text, /^S: 535 /m);
  assert.doesNotMatch(text, /horse|Canary|Good morning/);
  assert.ok(!text.includes(Buffer.from('\0alice\0wrong horse').toString('base64')));
});

test('what the operator forbids is refused: hosts inside the network, ports, and mail in clear', async () => {
  const strict = await startGateway({ allowPrivate: false });
  const report = await gatewayMailer(strict.invoke(), alice, credentials).check();
  await strict.stop();
  assert.equal(report.steps.at(-1)?.ok, false);
  assert.match(report.steps.at(-1)?.message ?? '', /No mail server answers at localhost/);
  const clear = outgoing({ ...server, encryption: 'none', host: 'localhost', port: smtp.ports.submission });
  const refused = await gatewayMailer(gateway.invoke(), clear, credentials).check();
  assert.match(refused.steps.at(-1)?.message ?? '', /does not send passwords and mail in clear/);
});

test('once a mail is on its way no status says that it did not go out', async () => {
  for (const status of [400, 401, 410, 413, 429, 500, 503]) {
    let calls = 0;
    const post: PostToGateway = async () => {
      calls += 1;
      return { status: calls === 1 ? 202 : status, bytes: Buffer.from(JSON.stringify({ ticket: 'one' })) };
    };
    const sending = gatewayMailer(post, settings, { password: 'x' }).send(await compose());
    await assert.rejects(sending, (error) => error instanceof AppError && error.uncertain, `HTTP ${status}`);
  }
  const refused = gatewayMailer(reply({}, 429), settings, { password: 'x' }).send(await compose());
  await assert.rejects(refused, (error) => error instanceof AppError && !error.uncertain);
});
