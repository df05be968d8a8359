import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretIdOf } from '../../src/domain/entity';
import { connectionStore } from '../../src/store/connections';
import { tokenCacheStore } from '../../src/store/token-caches';
import { call, create, forge, refusal } from './connections-app';

test('keeps no password or tokens of a way to sign in that an edit left', async () => {
  const { id, version, settings } = await create();
  const { name, target } = settings;
  const google = {
    provider: 'google',
    name,
    target,
    credentialId: 'credential-1',
    username: 'ada@gmail.example',
  } as const;
  const changed = await call('connections.update', { id, version, settings: google });
  const left = () => Object.keys(forge.storage('')).filter((key) => key.includes(id) && /password|tokens/.test(key));
  assert.deepEqual(left(), []);
  await forge.run(async () => {
    const connection = await connectionStore().get(id);
    await tokenCacheStore().set(secretIdOf(connection ?? { id }), 'canary-tokens', undefined);
  });
  assert.equal(left().length, 1);
  const same = { ...google, description: 'Same account' };
  const kept = await call('connections.update', { id, version: changed.connection.version, settings: same });
  assert.equal(left().length, 1, 'an edit that keeps the account keeps its tokens');
  await call('connections.update', { id, version: kept.connection.version, settings, password: 'another' });
  assert.deepEqual(
    left().filter((key) => key.includes('tokens')),
    [],
  );
});

test('an id that the store takes for no key is an input error that names its field', async () => {
  const { settings } = await create();
  for (const wrong of ['', ' ', 'a/b', 'ä', '\u0000', 'a\nb', '"', 'x'.repeat(65)]) {
    const google = { provider: 'google', name: 'Wrong', target: settings.target, credentialId: wrong } as never;
    for (const [refused, field] of [
      [await refusal('connections.get', { id: wrong }), 'id'],
      [await refusal('connections.create', { settings: google }), 'settings.credentialId'],
      [
        await refusal('connections.test', { settings, authorizationId: `${wrong}${'y'.repeat(36)}/` }),
        'authorizationId',
      ],
    ] as const) {
      assert.equal(refused.kind, 'input', JSON.stringify(wrong));
      assert.deepEqual(Object.keys(refused.fields ?? {}), [field], JSON.stringify(wrong));
    }
  }
  assert.equal((await refusal('connections.get', { id: 'c-1_x:2.3#4' })).code, 'gone');
});
