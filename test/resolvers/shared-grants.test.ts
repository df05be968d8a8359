import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TokenOwner } from '../../src/domain/oauth-ports';
import { type AccountSettings, accessRules } from '../../src/resolvers/access-rules';

const credential = (id: string, clientId: string) => ({
  ...{ id, version: 1, createdAt: 0, updatedAt: 0 },
  settings: { provider: 'google', grant: 'authorization-code', name: id, clientId, secretExpiresOn: '' } as const,
});
const credentials = [credential('one', '77-a.example'), credential('same', '77-b.example'), credential('else', '8-c')];
const deleted = { id: 'gone', settings: { provider: 'google', username: 'maria@gmail.example', credentialId: 'one' } };

/** Whether the grant is revoked when the connection is deleted while these others are there. */
async function isRevoked(...others: Partial<AccountSettings>[]): Promise<boolean> {
  const forgotten: { owner: TokenOwner; revoke: boolean }[] = [];
  const unused = () => Promise.reject(new Error('not used'));
  const rules = accessRules<AccountSettings>({
    secrets: { get: unused, set: unused, remove: async () => undefined },
    secretChanges: { begin: async () => ({ end: async () => undefined }), isInUse: unused },
    oauth: {
      ...{ accessToken: unused, begin: unused, complete: unused, outcome: unused, confirm: unused },
      ...{ createCredential: unused, updateCredential: unused, removeCredential: unused, giveUp: unused },
      forget: async (owner, revoke) => void forgotten.push({ owner, revoke }),
    },
    tokenUseOf: () => 'gmail',
    users: async (_credentialIds, uses) =>
      [{}, ...others]
        .map((change, index) =>
          index === 0 ? deleted : { id: `other ${index}`, settings: { ...deleted.settings, ...change } },
        )
        .filter(uses),
    credentials: { list: async () => credentials },
  });
  await rules.forget(deleted, async () => undefined);
  return forgotten.some(({ revoke }) => revoke);
}

test('a grant is revoked when nobody else uses it, and only then', async () => {
  assert.equal(await isRevoked(), true);
  assert.equal(await isRevoked({}), false, 'in or out alike');
  assert.equal(await isRevoked({ username: 'Maria@Gmail.example' }), false, 'whatever the case of letters');
  assert.equal(await isRevoked({ credentialId: 'same' }), false, 'another client of the same Google project');
});

test('another account, another project or a password keeps no grant alive', async () => {
  assert.equal(await isRevoked({ username: 'kim@gmail.example' }), true);
  assert.equal(await isRevoked({ credentialId: 'else' }), true);
  assert.equal(await isRevoked({ credentialId: undefined } as never), true);
});
