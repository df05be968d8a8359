import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { type OAuthWorld, oauthWorld, startOf } from './world';

let world: OAuthWorld;
before(async () => {
  world = await oauthWorld();
});
after(() => world.close());
afterEach(() => world.forge.setFaults([]));

const isCode = (code: string) => (thrown: unknown) => thrown instanceof AppError && thrown.code === code;

async function gmail(credentialId: string) {
  const owner = await world.connect(
    { ...startOf(credentialId, { use: 'gmail' }), connectionId: crypto.randomUUID() },
    { address: 'maria@gmail.example' },
  );
  return { owner, token: await world.run((oauth) => oauth.accessToken(owner)) };
}

test('ends the tokens of a deleted connection at Google and in the store', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { owner, token } = await gmail(id);
  await world.run((oauth) => oauth.forget(owner, true));
  assert.equal(await world.identity.inspect(token), null);
  await assert.rejects(
    world.run((oauth) => oauth.accessToken(owner)),
    isCode('authorization-missing'),
  );
});

test('leaves the tokens at Google alone while another connection needs them', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const [first, second] = [await gmail(id), await gmail(id)];
  await world.run((oauth) => oauth.forget(first.owner, false));
  await assert.rejects(
    world.run((oauth) => oauth.accessToken(first.owner)),
    isCode('authorization-missing'),
  );
  assert.notEqual(await world.run((oauth) => oauth.accessToken(second.owner, second.token)), second.token);
});

test('forgets the tokens even when Google cannot be reached', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { owner, token } = await gmail(id);
  world.forge.setFaults([{ match: 'oauth2.googleapis.com/revoke', when: 'before', kind: 'error', times: 1 }]);
  await world.run((oauth) => oauth.forget(owner, true));
  assert.notEqual(await world.identity.inspect(token), null);
  await assert.rejects(
    world.run((oauth) => oauth.accessToken(owner)),
    isCode('authorization-missing'),
  );
  assert.ok(world.log.some((line) => line.includes('tokens-not-revoked')));
});

test('forgets the tokens of a Microsoft connection', async () => {
  const { id } = await world.credential({ provider: 'microsoft' });
  const owner = await world.connect({ ...startOf(id), connectionId: 'm1' }, { address: 'maria@contoso.example' });
  await world.run((oauth) => oauth.forget(owner, true));
  await assert.rejects(
    world.run((oauth) => oauth.accessToken(owner)),
    isCode('authorization-missing'),
  );
});
