import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionSettings } from '../../src/domain/connection';
import type { Credential } from '../../src/domain/credential';
import { expiriesOf } from '../../src/domain/expiry';
import { outgoingSettings } from '../../src/domain/outgoing';
import { settingsOf } from '../support/world';

const dayMs = 86_400_000;
const now = Date.UTC(2026, 10, 20, 9);

const google = connectionSettings.parse({
  provider: 'google',
  name: 'Support',
  credentialId: 'credential',
  username: 'support@gmail.example',
  target: { projectId: '10000', issueTypeId: '10001' },
});

function credentialUntil(secretExpiresOn: string): Credential {
  const settings = {
    provider: 'google',
    grant: 'authorization-code',
    name: 'Google',
    clientId: 'id',
    secretExpiresOn,
  } as const;
  return { id: 'credential', version: 1, settings, createdAt: 0, updatedAt: 0 };
}

for (const [days, level] of [
  [31, undefined],
  [30, 'notice'],
  [8, 'notice'],
  [7, 'warning'],
  [2, 'warning'],
  [1, 'urgent'],
  [0.1, 'urgent'],
  [-0.1, 'expired'],
  [-40, 'expired'],
] as const) {
  test(`a sign-in that ends in ${days} days is ${level ?? 'nothing to speak of'}`, () => {
    const [expiry, ...others] = expiriesOf({ settings: google, accessEndsAt: now + days * dayMs }, null, now);
    assert.deepEqual([expiry?.level, others], [level, []]);
    if (expiry === undefined) return;
    assert.equal(expiry.of, 'sign-in');
    assert.match(expiry.message, /^The access to support@gmail\.example end.*Authorize again/);
  });
}

test('who sends has no place in a mailbox to be kept', () => {
  const settings = outgoingSettings.parse({
    provider: 'google',
    name: 'Sender',
    fromAddress: 'support@gmail.example',
    credentialId: 'credential',
    username: 'support@gmail.example',
  });
  const [expiry] = expiriesOf({ settings, accessEndsAt: now + dayMs }, null, now);
  assert.match(expiry?.message ?? '', /^The access to support@gmail\.example ends in a day .* Authorize again\.$/);
});

test('an expired secret and a sign-in that ends soon are two things to do', () => {
  const found = expiriesOf({ settings: google, accessEndsAt: now + dayMs }, credentialUntil('2026-11-19'), now);
  assert.deepEqual(
    found.map(({ of, level }) => [of, level]),
    [
      ['secret', 'expired'],
      ['sign-in', 'urgent'],
    ],
  );
});

test('a sign-in whose end the provider did not tell is not warned about, nor a password', () => {
  assert.deepEqual(expiriesOf({ settings: google }, credentialUntil(''), now), []);
  assert.deepEqual(expiriesOf({ settings: google, accessEndsAt: 0 }, null, now), []);
  assert.deepEqual(expiriesOf({ settings: settingsOf(), accessEndsAt: now }, null, now), []);
});
