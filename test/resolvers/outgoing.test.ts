import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { OutgoingSettings } from '../../src/domain/outgoing';
import { protocolMs } from '../../src/domain/protocol';
import {
  call,
  create,
  forge,
  opened,
  passed,
  refusal,
  send,
  sent,
  settingsOf,
  world,
} from '../support/outgoing-resolvers';

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
  world.report = { ok: false, steps: [], messages: null };
  let current = renamed.connection.version;
  const certificate = '-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----';
  for (const change of [{ fromAddress: 'other@example.com' }, { privateCa: certificate }]) {
    const changed = { id, version: current, settings: { ...settings, ...change } };
    const broken = await call('outgoing.update', changed);
    assert.deepEqual([broken.connection.enabled, broken.report?.ok], [false, false], Object.keys(change)[0]);
    const back = await call('outgoing.update', { id, version: broken.connection.version, settings });
    current = (await call('outgoing.enable', { id, version: back.connection.version })).version;
  }
  world.report = passed;
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
  world.sendError = new AppError('recipient-refused', 'message', 'The server refused the recipient.', {
    detail: '550 no',
  });
  const error = await refusal('outgoing.sendTest', { id, to: 'boss@example.com' });
  world.sendError = null;
  assert.deepEqual([error.code, error.detail], ['recipient-refused', '550 no']);
});

test('keeps the protocol while Debug is on, which ends by itself', async () => {
  const { id, version } = await create();
  const debugged = await call('outgoing.debug', { id, version, on: true });
  assert.equal(debugged.debugUntil, world.now + protocolMs);
  assert.deepEqual((await call('outgoing.sendTest', { id, to: 'a@example.com' })).protocol, ['C: MAIL FROM']);
  world.now += protocolMs;
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
