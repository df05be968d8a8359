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
const account = await smtpAccount('tls', 'password', () => {
  throw new Error('not used');
});
after(async () => {
  await gateway.stop();
  await account.stop();
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
  assert.match(asked, /^\/v1\/mailer\/send /);
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
