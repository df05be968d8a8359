import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { credentialSettings } from '../../src/domain/credential';
import { type OutgoingSettings, outgoingSettings } from '../../src/domain/outgoing';
import { credentialStore } from '../../src/store/credentials';
import { call, clock, forge, world } from '../support/outgoing-resolvers';

const dayMs = 86_400_000;
const levelsOf = async (id: string) =>
  (await call('outgoing.list', {})).find((one) => one.id === id)?.expiries.map(({ of, level }) => `${of} ${level}`);

let count = 0;
function google(change: Partial<OutgoingSettings> = {}): OutgoingSettings {
  count += 1;
  const account = { credentialId: 'k1', username: 'support@gmail.example', fromAddress: 'support@gmail.example' };
  return outgoingSettings.parse({ provider: 'google', name: `Google ${count}`, ...account, ...change });
}
const authorizationId = 'a1';

beforeEach(() => {
  world.now = clock.now();
  world.accessEndsAt = 0;
});

test('a sign-in that was given for a limited time is warned of in the list as its end comes nearer', async () => {
  world.accessEndsAt = world.now + 40 * dayMs;
  const { id, expiries } = await call('outgoing.create', { settings: google(), authorizationId });
  assert.deepEqual(expiries, []);
  const seen: unknown[] = [];
  for (const days of [9, 14, 9, 7, 2]) {
    world.now += days * dayMs;
    seen.push(await levelsOf(id));
  }
  assert.deepEqual(seen, [[], ['sign-in notice'], ['sign-in notice'], ['sign-in urgent'], ['sign-in expired']]);
});

test('an edit keeps the end of the sign-in, and a new sign-in, or another account, brings its own', async () => {
  world.accessEndsAt = world.now + 5 * dayMs;
  const { id, version, settings } = await call('outgoing.create', { settings: google(), authorizationId });
  const edited = await call('outgoing.update', { id, version, settings: { ...settings, prefix: '[Desk]' } });
  assert.deepEqual(await levelsOf(id), ['sign-in warning']);

  world.accessEndsAt = world.now + 20 * dayMs;
  const again = { id, version: edited.connection.version, settings };
  const signedIn = await call('outgoing.update', { ...again, authorizationId });
  assert.deepEqual(await levelsOf(id), ['sign-in notice']);

  const other = { id, version: signedIn.connection.version, settings: google({ username: 'sales@gmail.example' }) };
  await call('outgoing.update', other);
  assert.deepEqual(await levelsOf(id), []);
});

test('a client secret that expires is warned of at each connection that uses it', async () => {
  const secretExpiresOn = new Date(world.now + 3 * dayMs).toISOString().slice(0, 10);
  const settings = credentialSettings.parse({ provider: 'google', name: 'Console', clientId: 'x', secretExpiresOn });
  const at = { createdAt: world.now, updatedAt: world.now };
  await forge.run(() => credentialStore().insert({ id: 'k2', version: 1, settings, ...at }));
  const { id } = await call('outgoing.create', { settings: google({ credentialId: 'k2' }), authorizationId });
  assert.deepEqual(await levelsOf(id), ['secret warning']);
  assert.deepEqual((await call('outgoing.get', { id })).expiries.length, 1);
});
