import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { Mailer } from '../../src/domain/mailer';
import { mailerUse, type TokenUse } from '../../src/domain/oauth-endpoints';
import type { TokenOwner } from '../../src/domain/oauth-ports';
import { type OutgoingSettings, outgoingSettings } from '../../src/domain/outgoing';
import { composeMail } from '../../src/mail/compose';
import { mailerOpener } from '../../src/mail/open-mailer';
import { smtpMailer } from '../../src/mail/smtp/mailer';
import { credentialStore } from '../../src/store/credentials';
import { type GoogleEmulator, startGoogle } from '../emulator/google/google';
import { serverCredentials } from '../emulator/mail-server/certificates';
import { type OutgoingServer, startOutgoingServer } from '../emulator/mail-server/outgoing';
import { type MicrosoftEmulator, startMicrosoft } from '../emulator/microsoft/microsoft';
import { outgoingMail } from '../support/outgoing-mail';
import { type Draft, type OAuthWorld, oauthWorld, startOf } from './world';

const gmailAddress = 'support@gmail.example';
const address = 'support@contoso.example';
const certificates = serverCredentials(null, ['localhost', '127.0.0.1']);
let world: OAuthWorld;
let google: GoogleEmulator;
let microsoft: MicrosoftEmulator;
let smtp: OutgoingServer;
before(async () => {
  world = await oauthWorld({
    hosts: async (identity) => {
      google = await startGoogle({ verify: identity.verify('google') });
      microsoft = await startMicrosoft({ verify: identity.verify('microsoft') });
      return { 'gmail.googleapis.com': google.url, 'graph.microsoft.com': microsoft.url };
    },
  });
  microsoft.addMailbox(address);
  smtp = await startOutgoingServer({
    ...certificates,
    users: {},
    // Exchange takes a token by the scope that it was asked for.
    verifyToken: async (token) => {
      const access = await world.identity.verify('microsoft')(token);
      return access?.scopes.some((scope) => /(^|\/)SMTP\.Send$/.test(scope)) === true ? access.mailbox : null;
    },
  });
});
after(async () => {
  await world.close();
  await google.close();
  await microsoft.close();
  await smtp.close();
});

async function connect(draft: Draft, use: TokenUse, mailbox: string): Promise<TokenOwner> {
  const { id } = await world.credential(draft);
  return world.connect({ ...startOf(id, { use }), connectionId: crypto.randomUUID() }, { address: mailbox });
}

/** Sends from one run of a function, as an outgoing connection with these settings. */
async function using<T>(settings: unknown, owner: TokenOwner, work: (mailer: Mailer) => Promise<T>): Promise<T> {
  const parsed: OutgoingSettings = outgoingSettings.parse(settings);
  return world.run(async (oauth) => {
    const open = mailerOpener({
      gateway: () => Promise.reject(new Error('not used')),
      secrets: { get: async () => null, set: async () => {}, remove: async () => {} },
      credentials: credentialStore(),
      accessToken: oauth.accessToken,
      fetch: (input, init) => fetch(input, init),
      now: Date.now,
    });
    return work(await open(parsed, { connectionId: owner.id }));
  });
}
const compose = (from: string) =>
  composeMail(outgoingMail({ from: { name: '', address: from } }), { rawBytes: 1_000_000 });

test('a Google account that was authorized for sending sends', async () => {
  const owner = await connect({ provider: 'google' }, mailerUse.google, gmailAddress);
  const settings = { provider: 'google', name: 'G', fromAddress: gmailAddress, credentialId: owner.credentialId };
  assert.equal((await using(settings, owner, (mailer) => mailer.check())).ok, true);
  const mail = await compose(gmailAddress);
  await using(settings, owner, (mailer) => mailer.send(mail));
  assert.deepEqual(google.sent().at(-1)?.raw, Buffer.from(mail.raw));
});

test('a Microsoft account that was authorized for sending sends by Graph', async () => {
  const owner = await connect({ provider: 'microsoft' }, mailerUse['microsoft-graph'], address);
  const settings = { provider: 'microsoft-graph', name: 'M', fromAddress: address, credentialId: owner.credentialId };
  assert.equal((await using(settings, owner, (mailer) => mailer.check())).ok, true);
  const mail = await compose(address);
  await using(settings, owner, (mailer) => mailer.send(mail));
  assert.deepEqual(microsoft.sent().at(-1)?.raw, Buffer.from(mail.raw));
});

test('an authorization for reading sends nothing', async () => {
  const owner = await connect({ provider: 'microsoft' }, 'graph', address);
  const settings = { provider: 'microsoft-graph', name: 'M', fromAddress: address, credentialId: owner.credentialId };
  const before = microsoft.sent().length;
  const mail = await compose(address);
  await assert.rejects(
    using(settings, owner, (mailer) => mailer.send(mail)),
    (error) => error instanceof AppError && error.kind === 'access',
  );
  assert.equal(microsoft.sent().length, before);
});

const overSmtp = (accessToken: string, username = address) =>
  smtpMailer(
    {
      encryption: 'starttls',
      host: 'localhost',
      port: smtp.ports.submission,
      username,
      timeoutMs: 10_000,
      privateCa: certificates.ca,
    },
    { accessToken },
    { resolve: async () => ['127.0.0.1'], allowPlaintext: false },
  );
const signInFailed = (error: unknown) =>
  error instanceof AppError && error.code === 'sign-in-failed' && error.kind === 'access';

test('a Microsoft account that was authorized for SMTP sends by XOAUTH2, as itself only, and again after a renewal', async () => {
  const owner = await connect({ provider: 'microsoft' }, mailerUse['microsoft-smtp'], address);
  const token = (rejected?: string) => world.run((oauth) => oauth.accessToken(owner, rejected));
  const mail = await compose(address);
  const old = await token();
  const mailer = overSmtp(old);
  await mailer.send(mail);
  await mailer.close();
  assert.deepEqual(smtp.received().at(-1)?.raw, Buffer.from(mail.raw));
  await assert.rejects(overSmtp(old, 'maria@contoso.example').send(mail), signInFailed);
  world.identity.expireAccessTokens(address);
  await assert.rejects(overSmtp(old).send(mail), signInFailed);
  const renewed = overSmtp(await token(old));
  await renewed.send(mail);
  await renewed.close();
  assert.equal(smtp.received().length, 2);
});

test('a token for Graph sends nothing by SMTP', async () => {
  const owner = await connect({ provider: 'microsoft' }, 'graph-send', address);
  const token = await world.run((oauth) => oauth.accessToken(owner));
  await assert.rejects(overSmtp(token).send(await compose(address)), signInFailed);
});
