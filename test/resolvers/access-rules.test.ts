import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccountSettings, accessRules } from '../../src/resolvers/access-rules';

const unused = () => Promise.reject(new Error('not used'));
const rules = accessRules<AccountSettings>({
  secrets: { get: unused, set: unused, remove: unused },
  oauth: {
    ...{ accessToken: unused, begin: unused, complete: unused, outcome: unused, confirm: unused, forget: unused },
    ...{ createCredential: unused, updateCredential: unused, removeCredential: unused },
  },
  tokenUseOf: () => 'gmail',
  all: unused,
});

const settings = { provider: 'google', username: 'maria@gmail.example', credentialId: 'first' };
const before = { id: 'c1', settings };

test('a stored sign-in is used with the credential and the account that it was given for, and nothing else', () => {
  const connection = (changes: Partial<AccountSettings>) => rules.accessOf(before, { ...settings, ...changes }, {});
  assert.deepEqual(connection({}), { connectionId: 'c1' });
  assert.deepEqual(connection({ credentialId: 'second' }), { connectionId: null });
  assert.deepEqual(connection({ username: 'kim@gmail.example' }), { connectionId: null });
  assert.deepEqual(connection({ provider: 'microsoft-graph' }), { connectionId: null });
});
