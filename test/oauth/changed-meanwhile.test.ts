import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { type OAuthWorld, oauthWorld, startOf } from './world';

let world: OAuthWorld;
const deleted = new Set<string>();
before(async () => {
  world = await oauthWorld({ isInUse: async (secretId) => !deleted.has(secretId) });
});
after(() => world.close());

const isCode = (code: string) => (thrown: unknown) => thrown instanceof AppError && thrown.code === code;

test('confirms nothing for a credential whose application or tenant was edited since', async () => {
  for (const change of [
    { tenant: 'contoso.example' },
    { clientId: 'another' },
    { cloud: 'china', tenant: 'organizations' },
  ] as const) {
    const { clientSecret: _, ...credential } = await world.credential({ provider: 'microsoft' });
    const { id } = credential;
    const { authorizationId } = await world.authorize(startOf(id), { address: 'maria@contoso.example' });
    const settings = { ...credential.settings, ...change } as typeof credential.settings;
    await world.run((oauth) => oauth.updateCredential({ ...credential, settings, clientSecret: '' }));
    const place = { connectionId: 'c7', credentialId: id, use: 'graph', mailbox: 'maria@contoso.example' } as const;
    const confirm = () => world.run((oauth) => oauth.confirm({ authorizationId, accountId: 'admin', ...place }));
    await assert.rejects(confirm(), isCode('authorization-unconfirmed'));
    const saved = await world.run((oauth) =>
      oauth.updateCredential({ ...credential, version: credential.version + 1, clientSecret: '' }),
    );
    assert.equal(saved.settings.clientId, credential.settings.clientId);
    await confirm();
  }
});

test('a renewal that ends after its connection was deleted leaves no tokens', async () => {
  for (const [provider, use, address] of [
    ['google', 'gmail', 'maria@gmail.example'],
    ['microsoft', 'graph', 'maria@contoso.example'],
  ] as const) {
    const { id } = await world.credential({ provider });
    const owner = await world.connect({ ...startOf(id, { use }), connectionId: crypto.randomUUID() }, { address });
    const first = await world.run((oauth) => oauth.accessToken(owner));
    const stored = () => Object.keys(world.forge.storage(`tokens:${owner.id}`));
    assert.equal((await world.run((oauth) => oauth.accessToken(owner, first))) === first, false);
    assert.equal(stored().length, 1, 'what is there keeps its renewed tokens');
    deleted.add(owner.id);
    const second = await world.run((oauth) => oauth.accessToken(owner));
    await assert.rejects(
      world.run((oauth) => oauth.accessToken(owner, second)),
      isCode('authorization-missing'),
    );
    assert.deepEqual(stored(), []);
  }
});
