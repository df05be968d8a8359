import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { connectionStore } from '../../src/store/connections';
import { credentialStore } from '../../src/store/credentials';
import { cursorStore } from '../../src/store/cursors';
import { tallyStore } from '../../src/store/tallies';
import { settingsOf } from '../support/world';
import { answers, call, clock, create, enabled, forge, opened, pushed, refusal, send } from './connections-app';

test('creates a connection disabled, and never shows its password', async () => {
  const view = await create();
  assert.equal(view.status, 'disabled');
  assert.doesNotMatch(JSON.stringify(await send('connections.list', {})), /canary-secret/);
  assert.doesNotMatch(JSON.stringify(await send('connections.get', { id: view.id })), /canary-secret/);
});

test('refuses a name that is taken, whatever its case, beside its field', async () => {
  const { settings } = await create();
  const error = await refusal('connections.create', {
    settings: { ...settings, name: settings.name.toUpperCase() },
    password: 'x',
  });
  assert.deepEqual(Object.keys(error.fields ?? {}), ['settings.name']);
});

test('names the fields that are wrong, and stores nothing', async () => {
  const before = (await call('connections.list', {})).length;
  const error = await refusal('connections.create', {
    settings: { ...settingsOf(), port: 0, host: '' },
    password: 'x',
  });
  assert.equal(error.code, 'invalid');
  assert.deepEqual(Object.keys(error.fields ?? {}).sort(), ['settings.host', 'settings.port']);
  assert.equal((await call('connections.list', {})).length, before);
});

test('refuses what the schema does not know', async () => {
  const error = await refusal('connections.list', { everything: true } as never);
  assert.equal(error.code, 'invalid');
});

test('keeps the password when an edit leaves it empty', async () => {
  const { id, version, settings } = await create();
  await call('connections.update', { id, version, settings: { ...settings, description: 'Changed' } });
  await call('connections.test', { id, settings });
  assert.deepEqual(opened.at(-1), { host: settings.host, password: 'canary-secret' });
});

test('never sends a stored password to another server or user', async () => {
  const { id, version, settings } = await create();
  const elsewhere = { ...settings, host: 'imap.attacker.example' };
  const before = opened.length;
  assert.deepEqual(Object.keys((await refusal('connections.test', { id, settings: elsewhere })).fields ?? {}), [
    'password',
  ]);
  assert.deepEqual(Object.keys((await refusal('connections.folders', { id, settings: elsewhere })).fields ?? {}), [
    'password',
  ]);
  const update = await refusal('connections.update', { id, version, settings: { ...settings, username: 'other' } });
  assert.deepEqual(Object.keys(update.fields ?? {}), ['password']);
  assert.equal(opened.length, before);
  await call('connections.update', { id, version, settings: elsewhere, password: 'another' });
});

test('never sends a stored password in clear that was given to be sent encrypted', async () => {
  const { id, version, settings } = await create();
  const before = opened.length;
  const inClear = { ...settings, encryption: 'none', port: 143 } as const;
  const { fields } = await refusal('connections.test', { id, settings: inClear });
  assert.deepEqual(Object.keys(fields ?? {}), ['password']);
  assert.equal(opened.length, before);
  await call('connections.test', { id, settings: { ...settings, encryption: 'starttls', port: 143 } });
  const { connection } = await call('connections.update', { id, version, settings: inClear, password: 'again' });
  await call('connections.test', { id, settings: connection.settings });
  assert.deepEqual(opened.at(-1)?.password, 'again');
});

test('refuses to save over what somebody else changed', async () => {
  const { id, version, settings } = await create();
  await call('connections.update', { id, version, settings: { ...settings, description: 'Theirs' } });
  assert.equal((await refusal('connections.update', { id, version, settings })).code, 'stale-version');
  assert.equal((await refusal('connections.delete', { id, version })).code, 'stale-version');
  assert.equal((await call('connections.get', { id })).settings.description, 'Theirs');
});

const storedCursor = (id: string) => forge.run(() => cursorStore(clock.now).get(id));

test('enables from the chosen start and asks for a poll at once', async () => {
  const { id, version } = await create();
  const view = await call('connections.enable', { id, version, start: { from: 'now' } });
  assert.equal(view.status, 'polling');
  assert.deepEqual(pushed.at(-1), { connectionIds: [id], delaySeconds: 0, force: true });
  const cursor = await storedCursor(id);
  assert.equal(cursor?.position, '7:3');
  assert.ok(cursor.notBefore !== null && cursor.notBefore < clock.now());
});

test('goes on where it stopped when it is enabled again', async () => {
  const first = await create();
  await call('connections.enable', { id: first.id, version: first.version, start: { from: 'now' } });
  const disabled = await call('connections.disable', { id: first.id, version: 2 });
  const before = await storedCursor(first.id);
  await call('connections.enable', { id: first.id, version: disabled.version, start: { from: 'continue' } });
  assert.deepEqual(await storedCursor(first.id), before);
});

test('stays disabled when the mailbox can not be counted', async () => {
  const { id, version } = await create();
  answers.estimateError = new AppError('sign-in-failed', 'access', 'The server refused the password.', {
    step: 'sign-in',
  });
  assert.equal((await refusal('connections.enable', { id, version, start: { from: 'now' } })).code, 'sign-in-failed');
  answers.estimateError = null;
  assert.equal((await call('connections.get', { id })).state, 'disabled');
});

test('keeps an enabled connection enabled when its new mailbox passes the test, else disables it and tells', async () => {
  const { id, version, settings } = await enabled();
  const moved = await call('connections.update', { id, version, settings: { ...settings, folder: 'Sub' } });
  assert.equal(moved.connection.state, 'enabled');
  assert.equal(moved.report?.ok, true);
  answers.report = {
    ok: false,
    steps: [{ step: 'folder', ok: false, took: 5, message: 'No such folder.', detail: null }],
    messages: null,
  };
  const broken = await call('connections.update', {
    id,
    version: moved.connection.version,
    settings: { ...settings, folder: 'Gone' },
  });
  answers.report = { ok: true, steps: [], messages: null };
  assert.equal(broken.connection.state, 'disabled');
  assert.equal(broken.report?.steps[0]?.message, 'No such folder.');
});

test('tests an enabled connection whose mailbox is to be reached in another way', async () => {
  const { id, version, settings } = await enabled();
  const refused = {
    step: 'tls',
    ok: false,
    took: 5,
    message: 'The certificate is not trusted.',
    detail: null,
  } as const;
  answers.report = { ok: false, steps: [refused], messages: null };
  const certificate = '-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----';
  let current = version;
  for (const change of [{ encryption: 'starttls' }, { privateCa: certificate }] as const) {
    const changed = { ...settings, ...change };
    const { connection, report } = await call('connections.update', { id, version: current, settings: changed });
    assert.deepEqual([connection.state, report?.steps[0]?.step], ['disabled', 'tls'], Object.keys(change)[0]);
    const back = await call('connections.update', { id, version: connection.version, settings });
    const again = { id, version: back.connection.version, start: { from: 'continue' } } as const;
    current = (await call('connections.enable', again)).version;
  }
  answers.report = { ok: true, steps: [], messages: null };
});

test('does not test when only the name changed', async () => {
  const { id, version, settings } = await enabled();
  const before = opened.length;
  const { report: none } = await call('connections.update', {
    id,
    version,
    settings: { ...settings, name: `${settings.name} renamed` },
  });
  assert.equal(none, null);
  assert.equal(opened.length, before);
});

test('duplicates disabled, under a free name, with its own password', async () => {
  const original = await enabled();
  const first = await call('connections.duplicate', { id: original.id });
  const second = await call('connections.duplicate', { id: original.id });
  assert.deepEqual(
    [first.settings.name, second.settings.name, first.state],
    [`${original.settings.name} (copy)`, `${original.settings.name} (copy 2)`, 'disabled'],
  );
  await call('connections.delete', { id: original.id, version: original.version });
  await call('connections.test', { id: first.id, settings: first.settings });
  assert.equal(opened.at(-1)?.password, 'canary-secret');
});

test('a copy of a connection that was authorized has no account, so that nobody takes it for authorized', async () => {
  const { target } = settingsOf();
  const { id } = await call('connections.create', {
    settings: { provider: 'google', name: 'Gmail', credentialId: 'any', username: 'support@gmail.example', target },
  });
  const copy = await call('connections.duplicate', { id });
  assert.deepEqual([copy.settings.name, copy.settings.username, copy.state], ['Gmail (copy)', '', 'disabled']);
  assert.equal((await call('connections.get', { id })).settings.username, 'support@gmail.example');
});

test('deletes a connection with its cursor and its password', async () => {
  const { id, version } = await enabled();
  await forge.run(() => tallyStore().add(id, { at: Date.now(), tookMs: 1, results: {}, waiting: 0 }));
  await call('connections.delete', { id, version });
  assert.equal((await refusal('connections.get', { id })).code, 'gone');
  const left = Object.keys(forge.storage('')).filter((key) => key.includes(id));
  assert.deepEqual(left, []);
});

test('polls on request only what is enabled', async () => {
  const disabled = await create();
  assert.equal((await refusal('connections.poll', { id: disabled.id })).code, 'not-enabled');
  const { id } = await enabled();
  const before = pushed.length;
  await call('connections.poll', { id });
  assert.equal(pushed.length, before + 1);
});

test('turns amber before the client secret of its credential expires, and says what to do', async () => {
  const credentialId = 'expiring';
  const inFiveDays = new Date(clock.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  const settings = {
    provider: 'google',
    grant: 'authorization-code',
    name: 'Google',
    clientId: 'id',
    secretExpiresOn: inFiveDays,
  } as const;
  const credential = { id: credentialId, version: 1, settings, createdAt: 0, updatedAt: 0 };
  await forge.run(() => credentialStore().insert(credential));
  const created = await call('connections.create', {
    settings: {
      provider: 'google',
      name: 'Amber',
      credentialId,
      username: 'amber@gmail.example',
      target: { projectId: '1', issueTypeId: '1' },
    },
  });
  assert.equal(created.status, 'disabled', 'which is grey, whatever expires');
  await call('connections.enable', { id: created.id, version: created.version, start: { from: 'now' } });
  const listed = (await call('connections.list', {})).find(({ id }) => id === created.id);
  assert.equal(listed?.status, 'warning');
  assert.deepEqual(
    listed?.expiries.map(({ of, level }) => [of, level]),
    [['secret', 'warning']],
  );
  assert.match(listed?.expiries[0]?.message ?? '', /expires in 5 days .* Create a new secret at Google/);
  assert.deepEqual((await call('connections.get', { id: created.id })).expiries, listed?.expiries);
});

test('polls at once when an edit puts right what suspended a connection', async () => {
  const { id, settings } = await enabled();
  const suspended = await forge.run(async () => {
    const connection = await connectionStore().get(id);
    assert.ok(connection);
    return connectionStore().save({ ...connection, state: 'suspended' });
  });
  pushed.length = 0;
  const change = { id, settings, password: 'another', version: suspended.version };
  const { connection } = await call('connections.update', change);
  assert.equal(connection.state, 'enabled');
  assert.deepEqual(pushed, [{ connectionIds: [id], delaySeconds: 0, force: true }]);
});

test('polls at once after an edit of a connection that fails, instead of when its backoff ends', async () => {
  const { id, version, settings } = await enabled();
  const trouble = { code: 'timeout', message: 'Too slow.', detail: null, step: 'tls', since: 1, failures: 9 };
  await forge.run(async () => {
    const cursor = await cursorStore(clock.now).get(id);
    assert.ok(cursor);
    await cursorStore(clock.now).put(id, { ...cursor, trouble: { ...trouble, notBefore: clock.now() + 3_600_000 } });
  });
  pushed.length = 0;
  const patient = { ...settings, timeoutMs: 30_000 };
  const { connection, report } = await call('connections.update', { id, version, settings: patient });
  assert.deepEqual([connection.state, report], ['enabled', null]);
  assert.deepEqual(pushed, [{ connectionIds: [id], delaySeconds: 0, force: true }]);
});
