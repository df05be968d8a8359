import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { type AccountSettings, accessRules, reportOf } from '../../src/resolvers/access-rules';

const unused = () => Promise.reject(new Error('not used'));
const unknown = () => Promise.reject(new Error('unknown here'));
const rules = accessRules<AccountSettings>({
  secrets: { get: unused, set: unused, remove: unused },
  oauth: {
    ...{ accessToken: unused, begin: unused, complete: unused, outcome: unknown, confirm: unused, forget: unused },
    ...{ createCredential: unused, updateCredential: unused, removeCredential: unused, giveUp: unused },
  },
  secretChanges: { begin: unused, isInUse: unused },
  tokenUseOf: () => 'gmail',
  users: unused,
  credentials: { list: unused },
});

const settings = { provider: 'google', username: 'maria@gmail.example', credentialId: 'first' };
const before = { id: 'c1', settings };

test('a stored sign-in is used with the credential and the account that it was given for, and nothing else', async () => {
  const connection = (changes: Partial<AccountSettings>) =>
    rules.accessOf(before, { ...settings, ...changes }, {}, { accountId: 'admin' });
  assert.deepEqual(await connection({}), { connectionId: 'c1', secretId: 'c1' });
  assert.deepEqual(await connection({ credentialId: 'second' }), { connectionId: null });
  assert.deepEqual(await connection({ username: 'kim@gmail.example' }), { connectionId: null });
  assert.deepEqual(await connection({ provider: 'microsoft-graph' }), { connectionId: null });
});

test("a sign-in of somebody else's is used for nothing", async () => {
  const stranger = { authorizationId: 'a1' };
  await assert.rejects(rules.accessOf(null, settings, stranger, { accountId: 'eve' }), /unknown here/);
  await assert.rejects(rules.accessOf(before, settings, stranger, { accountId: 'eve' }), /unknown here/);
});

test('a test that fails before a server was asked stops at its own step', async () => {
  const stepOf = async (code: string, options = {}) => {
    const { ok, steps } = await reportOf(() => Promise.reject(new AppError(code, 'transient', 'Why.', options)));
    return [ok, steps.map(({ step, message }) => `${step}: ${message}`).join()];
  };
  assert.deepEqual(await stepOf('gateway-unavailable'), [false, 'lookup: Why.']);
  assert.deepEqual(await stepOf('gateway-busy', { detail: 'HTTP 429' }), [false, 'lookup: Why.']);
  assert.deepEqual(await stepOf('host-unreachable', { step: 'connect' }), [false, 'connect: Why.']);
  assert.deepEqual(await stepOf('authorization-expired'), [false, 'sign-in: Why.']);
});
