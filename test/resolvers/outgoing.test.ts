import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { ComposedMail, Mailer } from '../../src/domain/mailer';
import { type OutgoingSettings, outgoingSettings } from '../../src/domain/outgoing';
import type { CheckReport, MailboxAccess } from '../../src/domain/ports';
import { protocolMs } from '../../src/domain/protocol';
import { isJiraAdministrator } from '../../src/jira/permissions';
import { composeMail } from '../../src/mail/compose';
import { ownMark } from '../../src/mail/own-mark';
import { oauth } from '../../src/oauth/oauth';
import type { FunctionName, Payload, Values } from '../../src/resolvers/contract';
import { guardedResolver } from '../../src/resolvers/define';
import { outgoingHandlers } from '../../src/resolvers/outgoing';
import type { OutgoingView } from '../../src/resolvers/views';
import { alertStore } from '../../src/store/alerts';
import { authorizationStore } from '../../src/store/authorizations';
import { clientSecretStore, credentialStore } from '../../src/store/credentials';
import { outgoingStore } from '../../src/store/outgoing';
import { outgoingTroubleStore } from '../../src/store/outgoing-troubles';
import { secretStore } from '../../src/store/secrets';
import { signingKeyStore } from '../../src/store/signing-key';
import { tokenCacheStore } from '../../src/store/token-caches';
import { systemClock } from '../emulator/clock';
import { createForge } from '../emulator/forge/create-forge';
import type { Forge } from '../emulator/forge/forge';
import { createJira } from '../emulator/jira/jira';

/** The real resolvers and stores on the emulator; only the mail server is made up. */
let forge: Forge;
const clock = systemClock();
let now = clock.now();
const opened: { settings: OutgoingSettings; password: string }[] = [];
const sent: ComposedMail[] = [];
const passed: CheckReport = { ok: true, steps: [], messages: null };
let report = passed;
let sendError: AppError | null = null;

function mailer(access: MailboxAccess): Mailer {
  return {
    check: async () => report,
    send: async (mail) => {
      access.log?.('C: MAIL FROM');
      if (sendError !== null) throw sendError;
      sent.push(mail);
      return { messageId: mail.messageId, reply: '250 queued', refused: [] };
    },
    close: async () => undefined,
  };
}

before(async () => {
  const secrets = secretStore();
  const services = oauth({
    credentials: credentialStore(),
    clientSecrets: clientSecretStore(),
    tokenCaches: tokenCacheStore(),
    authorizations: authorizationStore(),
    fetch: () => Promise.reject(new Error('not used')),
    callbackUrl: async () => 'https://callback.example',
    now: () => now,
    sleep: async () => undefined,
    log: () => undefined,
  });
  const handlers = outgoingHandlers({
    outgoing: outgoingStore(),
    secrets,
    oauth: services,
    openMailer: async (settings, access) => {
      const stored = access.connectionId === null ? null : await secrets.get(access.connectionId);
      opened.push({ settings, password: access.password || stored || '' });
      return mailer(access);
    },
    composeMail,
    audit: async () => undefined,
    ownMark: ownMark(signingKeyStore().get),
    troubles: outgoingTroubleStore(),
    alerts: alertStore(),
    log: () => undefined,
    now: () => now,
  });
  const resolve = guardedResolver(handlers, { isAdministrator: isJiraAdministrator, log: () => undefined });
  forge = await createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions: {
      resolve,
      plan: () => undefined,
      poll: () => undefined,
      authorizeCallback: () => undefined,
      watch: () => undefined,
    },
    products: { jira: createJira({ clock, directory: null }) },
    remotes: {},
    directory: null,
    clock,
  });
});
after(() => forge.close());

const send = <K extends FunctionName>(name: K, payload: Payload<K>) =>
  forge.invoke({ module: 'letterbox-admin', functionKey: name, payload, accountId: 'admin' });

async function call<K extends FunctionName>(name: K, payload: Payload<K>): Promise<Values[K]> {
  const result = await send(name, payload);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value as Values[K];
}

async function refusal<K extends FunctionName>(name: K, payload: Payload<K>) {
  const result = await send(name, payload);
  assert.ok(!result.ok, 'it was not refused');
  return result.error as { code: string; detail?: string; fields?: Record<string, string> };
}

let count = 0;
function settingsOf(change: Record<string, unknown> = {}): OutgoingSettings {
  count += 1;
  return outgoingSettings.parse({
    provider: 'smtp',
    name: `Sender ${count}`,
    fromAddress: 'support@example.com',
    host: 'smtp.example.com',
    port: 465,
    username: 'support@example.com',
    ...change,
  });
}
const create = (change: Record<string, unknown> = {}): Promise<OutgoingView> =>
  call('outgoing.create', { settings: settingsOf(change), password: 'canary-secret' });

test('creates a connection disabled, and never shows its password', async () => {
  const { id, enabled, debugUntil } = await create();
  assert.deepEqual([enabled, debugUntil], [false, null]);
  assert.doesNotMatch(JSON.stringify(await send('outgoing.list', {})), /canary-secret/);
  assert.doesNotMatch(JSON.stringify(await send('outgoing.get', { id })), /canary-secret/);
});

test('asks for a password only where there is a user name', async () => {
  const error = await refusal('outgoing.create', { settings: settingsOf() });
  assert.deepEqual(Object.keys(error.fields ?? {}), ['password']);
  const { id, settings } = await call('outgoing.create', { settings: settingsOf({ username: '' }) });
  await call('outgoing.test', { id, settings });
  assert.equal(opened.at(-1)?.password, '');
});

test('refuses a name that is taken, and names the fields that are wrong', async () => {
  const { settings } = await create();
  const taken = await refusal('outgoing.create', {
    settings: { ...settingsOf(), name: settings.name.toUpperCase() },
    password: 'x',
  });
  assert.deepEqual(Object.keys(taken.fields ?? {}), ['settings.name']);
  const wrong = await refusal('outgoing.create', {
    settings: { ...settingsOf(), fromAddress: 'a@example.com\r\nBcc: b@example.com', prefix: 'a\nb' },
    password: 'x',
  });
  assert.deepEqual(Object.keys(wrong.fields ?? {}).sort(), ['settings.fromAddress', 'settings.prefix']);
});

test('never sends a stored password to another server or user', async () => {
  const { id, version, settings } = await create();
  const before = opened.length;
  for (const change of [{ host: 'smtp.attacker.example' }, { username: 'other' }]) {
    const elsewhere = { ...settings, ...change } as OutgoingSettings;
    const tested = await refusal('outgoing.test', { id, settings: elsewhere });
    assert.deepEqual(Object.keys(tested.fields ?? {}), ['password']);
    const updated = await refusal('outgoing.update', { id, version, settings: elsewhere });
    assert.deepEqual(Object.keys(updated.fields ?? {}), ['password']);
  }
  assert.equal(opened.length, before);
  await call('outgoing.test', { id, settings });
  assert.equal(opened.at(-1)?.password, 'canary-secret');
});

test('refuses to save over what somebody else changed', async () => {
  const { id, version, settings } = await create();
  await call('outgoing.update', { id, version, settings: { ...settings, description: 'Theirs' } });
  assert.equal((await refusal('outgoing.update', { id, version, settings })).code, 'stale-version');
  assert.equal((await refusal('outgoing.delete', { id, version })).code, 'stale-version');
  assert.equal((await refusal('outgoing.enable', { id, version })).code, 'stale-version');
});

test('tests an enabled connection that signs in otherwise, and disables it when that fails', async () => {
  const created = await create();
  const { id, settings } = created;
  const { version } = await call('outgoing.enable', { id, version: created.version });
  const before = opened.length;
  const renamed = await call('outgoing.update', { id, version, settings: { ...settings, prefix: '[New]' } });
  assert.deepEqual([renamed.report, opened.length], [null, before]);
  report = { ok: false, steps: [], messages: null };
  const broken = await call('outgoing.update', {
    id,
    version: renamed.connection.version,
    settings: { ...settings, fromAddress: 'other@example.com' },
  });
  report = passed;
  assert.deepEqual([broken.connection.enabled, broken.report?.ok], [false, false]);
});

test('sends the test mail with prefix and From, through a disabled connection too, and tells the last reply', async () => {
  const { id } = await create({ prefix: '[Support]', fromName: 'Kim, Support' });
  const answer = await call('outgoing.sendTest', { id, to: 'boss@example.com' });
  assert.deepEqual([answer.reply, answer.protocol], ['250 queued', null]);
  const mail = sent.at(-1);
  assert.deepEqual(mail?.envelope, { from: 'support@example.com', to: ['boss@example.com'] });
  const raw = Buffer.from(mail?.raw ?? []).toString();
  assert.match(raw, /^Subject: \[Support\] Test mail of Letterbox\r$/m);
  assert.match(raw, /^From: "Kim, Support" <support@example\.com>\r$/m);
});

test('refuses a test mail to anything but one address', async () => {
  const { id } = await create();
  const before = sent.length;
  for (const to of ['', 'nobody', 'a@example.com, b@example.com', 'a@example.com\r\nRCPT TO:<b@example.com>'])
    assert.equal((await refusal('outgoing.sendTest', { id, to })).code, 'invalid', to);
  assert.equal(sent.length, before);
});

test('passes on what the server said when it refused', async () => {
  const { id } = await create();
  sendError = new AppError('recipient-refused', 'message', 'The server refused the recipient.', { detail: '550 no' });
  const error = await refusal('outgoing.sendTest', { id, to: 'boss@example.com' });
  sendError = null;
  assert.deepEqual([error.code, error.detail], ['recipient-refused', '550 no']);
});

test('keeps the protocol while Debug is on, which ends by itself', async () => {
  const { id, version } = await create();
  const debugged = await call('outgoing.debug', { id, version, on: true });
  assert.equal(debugged.debugUntil, now + protocolMs);
  assert.deepEqual((await call('outgoing.sendTest', { id, to: 'a@example.com' })).protocol, ['C: MAIL FROM']);
  now += protocolMs;
  assert.equal((await call('outgoing.get', { id })).debugUntil, null);
  assert.equal((await call('outgoing.sendTest', { id, to: 'a@example.com' })).protocol, null);
  const again = await call('outgoing.debug', { id, version: debugged.version, on: true });
  assert.equal((await call('outgoing.debug', { id, version: again.version, on: false })).debugUntil, null);
});

test('duplicates disabled, with its own password and without projects', async () => {
  const original = await create({ defaultForProjects: ['10000'] });
  const copy = await call('outgoing.duplicate', { id: original.id });
  assert.deepEqual(
    [copy.settings.name, copy.enabled, copy.settings.defaultForProjects],
    [`${original.settings.name} (copy)`, false, []],
  );
  await call('outgoing.delete', { id: original.id, version: original.version });
  await call('outgoing.test', { id: copy.id, settings: copy.settings });
  assert.equal(opened.at(-1)?.password, 'canary-secret');
});

test('deletes a connection with its password', async () => {
  const { id, version } = await create();
  await call('outgoing.delete', { id, version });
  assert.equal((await refusal('outgoing.get', { id })).code, 'gone');
  assert.deepEqual(
    Object.keys(forge.storage('')).filter((key) => key.includes(id)),
    [],
  );
});
