import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { TokenOwner } from '../../src/domain/oauth-ports';
import { revokeEndMs } from '../../src/oauth/limits';
import { type OAuthWorld, oauthWorld, startOf } from './world';

let world: OAuthWorld;
/** Requests to Google's revocation that get no answer, and heed no signal. */
let isGoogleSilent = false;
before(async () => {
  world = await oauthWorld({
    aroundFetch: (fetch) => (input, init) =>
      isGoogleSilent && String(input).endsWith('/revoke') ? new Promise<never>(() => undefined) : fetch(input, init),
  });
});
after(() => world.close());
afterEach(() => {
  isGoogleSilent = false;
  world.forge.setFaults([]);
  world.log.length = 0;
});

const revocations = () => world.forge.usage().egress['oauth2.googleapis.com'] ?? 0;
const giveUp = (accounts: readonly (readonly TokenOwner[])[], remainingMs = () => 55_000) =>
  world.run((oauth) => oauth.giveUp(accounts, remainingMs));
const isGivenUp = (thrown: unknown) =>
  thrown instanceof AppError && thrown.code === 'authorization-missing' && /was uninstalled/.test(thrown.message);
const assertGivenUp = (owner: TokenOwner) =>
  assert.rejects(
    world.run((oauth) => oauth.accessToken(owner)),
    isGivenUp,
  );

async function gmail(credentialId: string, address = 'maria@gmail.example') {
  const start = { ...startOf(credentialId, { use: 'gmail' }), connectionId: crypto.randomUUID() };
  const owner = await world.connect(start, { address });
  return { owner, token: await world.run((oauth) => oauth.accessToken(owner)) };
}

test('revokes at Google what was given, once for each account, and says afterwards what became of it', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const [first, second] = [await gmail(id), await gmail(id)];
  const other = await gmail(id, 'support@gmail.example');
  const before = revocations();
  await giveUp([[first.owner, second.owner], [other.owner]]);
  assert.equal(revocations() - before, 2);
  for (const { owner, token } of [first, second, other]) {
    assert.equal(await world.identity.inspect(token), null);
    await assertGivenUp(owner);
  }
  await giveUp([[first.owner, second.owner]]);
  assert.equal(revocations() - before, 2, 'nothing is left to revoke');
  const again = await world.connect(
    { ...startOf(id, { use: 'gmail' }), connectionId: first.owner.id },
    { address: 'maria@gmail.example' },
  );
  assert.ok(await world.run((oauth) => oauth.accessToken(again)), 'and it can be authorized again');
});

test('tries the next tokens of an account where the first could not be revoked', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const [first, second] = [await gmail(id), await gmail(id)];
  world.forge.setFaults([{ match: 'oauth2.googleapis.com/revoke', when: 'before', kind: 'error', times: 1 }]);
  await giveUp([[first.owner, second.owner]]);
  assert.equal(await world.identity.inspect(second.token), null);
  assert.ok(world.log.some((line) => line.includes('tokens-not-revoked')));
});

test('forgets what Microsoft gave, which has no way to revoke it', async () => {
  const { id } = await world.credential({ provider: 'microsoft' });
  const owner = await world.connect({ ...startOf(id), connectionId: 'm1' }, { address: 'maria@contoso.example' });
  await giveUp([[owner]]);
  await assertGivenUp(owner);
});

test('forgets the tokens of an application, which gets new ones without anybody', async () => {
  const { id } = await world.credential({
    provider: 'microsoft',
    tenant: 'contoso.example',
    grant: 'client-credentials',
  });
  const owner: TokenOwner = { id: 'a1', credentialId: id, use: 'graph', shared: false };
  const token = await world.run((oauth) => oauth.accessToken(owner));
  assert.ok(`tokens:application-${id}` in world.forge.storage('tokens:'));
  await giveUp([[owner]]);
  assert.equal(`tokens:application-${id}` in world.forge.storage('tokens:'), false);
  assert.notEqual(await world.run((oauth) => oauth.accessToken(owner)), token);
});

test('leaves a connection alone that nobody has authorized', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const owner: TokenOwner = { id: 'never', credentialId: id, use: 'gmail', shared: false };
  await giveUp([[owner]]);
  await assert.rejects(
    world.run((oauth) => oauth.accessToken(owner)),
    /is not authorized yet/,
  );
});

test('a storage that fails for one account keeps the others from nothing', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const [first, second] = [await gmail(id), await gmail(id, 'support@gmail.example')];
  world.forge.setFaults([{ match: `tokens:${first.owner.id}`, when: 'before', kind: 'error', times: 1 }]);
  await giveUp([[first.owner], [second.owner]]);
  await assertGivenUp(second.owner);
  assert.ok(world.log.some((line) => line.includes('tokens-not-forgotten')));
});

test('without time left it revokes nothing, and forgets all the same', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { owner, token } = await gmail(id);
  await giveUp([[owner]], () => 2 * revokeEndMs);
  assert.notEqual(await world.identity.inspect(token), null);
  await assertGivenUp(owner);
});

test('waits for Google as long as there is time, and forgets then', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { owner } = await gmail(id);
  isGoogleSilent = true;
  await giveUp([[owner]], () => 2 * revokeEndMs + 50);
  await assertGivenUp(owner);
  assert.ok(world.log.some((line) => line.includes('"timeout"')));
});

test('ends in time where the storage does not', async () => {
  const { id } = await world.credential({ provider: 'microsoft' });
  const owner = await world.connect({ ...startOf(id), connectionId: 'm2' }, { address: 'maria@contoso.example' });
  world.forge.setFaults([{ match: `tokens:${owner.id}`, when: 'before', kind: 'timeout', times: 1 }]);
  await giveUp([[owner]], () => 0);
  assert.ok(world.log.some((line) => line.includes('giving-up-cut-short')));
});
