import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { type OAuthWorld, oauthWorld, startOf } from './world';

let world: OAuthWorld;
before(async () => {
  world = await oauthWorld();
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
