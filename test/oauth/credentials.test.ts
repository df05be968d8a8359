import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { secretIdOf } from '../../src/domain/entity';
import { clientSecretStore, credentialStore } from '../../src/store/credentials';
import { type OAuthWorld, oauthWorld } from './world';

let world: OAuthWorld;
before(async () => {
  world = await oauthWorld();
});
after(() => world.close());

const isCode = (code: string, field?: string) => (thrown: unknown) =>
  thrown instanceof AppError && thrown.code === code && thrown.field === field;
const all = () => world.forge.run(() => credentialStore().list());
const secretOf = (id: string) =>
  world.forge.run(async () => {
    const credential = await credentialStore().get(id);
    return clientSecretStore().get(credential === null ? id : secretIdOf(credential));
  });

test('keeps credentials by name, and their secrets apart', async () => {
  const second = await world.credential({ provider: 'google' }, 'B');
  const first = await world.credential({ provider: 'microsoft' }, 'A');
  assert.deepEqual(
    (await all()).map(({ settings }) => settings.name),
    ['A', 'B'],
  );
  assert.equal(await secretOf(second.id), second.clientSecret);
  const { clientSecret, ...plain } = first;
  assert.deepEqual(await world.forge.run(() => credentialStore().get(first.id)), plain);
  const written = JSON.stringify(world.forge.storage('credential/'));
  assert.ok(written.includes(first.id) && !written.includes(clientSecret));
});

test('gives a name once, in any case of letters', async () => {
  const taken = await world.credential({ provider: 'google' }, 'Taken');
  await assert.rejects(world.credential({ provider: 'google' }, 'TAKEN'), isCode('name-taken', 'settings.name'));
  const other = await world.credential({ provider: 'google' }, 'Other');
  const rename = (name: string) =>
    world.run((oauth) => oauth.updateCredential({ ...other, settings: { ...other.settings, name }, clientSecret: '' }));
  await assert.rejects(rename('taken'), isCode('name-taken', 'settings.name'));
  await rename('other');
  assert.equal(taken.settings.name, 'Taken');
});

test('keeps the secret that a form left empty, and replaces one that was entered', async () => {
  const credential = await world.credential({ provider: 'google' });
  const changed = await world.run((oauth) => oauth.updateCredential({ ...credential, clientSecret: '' }));
  assert.equal(await secretOf(credential.id), credential.clientSecret);
  assert.equal(changed.version, credential.version + 1);
  await world.run((oauth) => oauth.updateCredential({ ...changed, clientSecret: 'new' }));
  assert.equal(await secretOf(credential.id), 'new');
});

test('saves only over the version that was read, secret included', async () => {
  const credential = await world.credential({ provider: 'google' });
  await world.run((oauth) => oauth.updateCredential({ ...credential, clientSecret: '' }));
  await assert.rejects(
    world.run((oauth) => oauth.updateCredential({ ...credential, clientSecret: 'late' })),
    isCode('stale-version'),
  );
  assert.equal(await secretOf(credential.id), credential.clientSecret);
});

test('removes what no connection uses, and its secret with it', async () => {
  const credential = await world.credential({ provider: 'google' });
  await assert.rejects(
    world.run((oauth) => oauth.removeCredential(credential.id, ['Support'])),
    isCode('credential-in-use'),
  );
  assert.equal(await secretOf(credential.id), credential.clientSecret);
  await world.run((oauth) => oauth.removeCredential(credential.id, []));
  assert.equal(await secretOf(credential.id), null);
  assert.equal(
    (await all()).some(({ id }) => id === credential.id),
    false,
  );
  await assert.rejects(
    world.run((oauth) => oauth.removeCredential(credential.id, [])),
    isCode('credential-missing'),
  );
});
