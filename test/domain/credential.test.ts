import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CredentialSettings, credentialSettings, secretExpiry } from '../../src/domain/credential';

const google = { name: 'Mail', provider: 'google', clientId: 'id.apps.googleusercontent.com' };
const microsoft = { name: 'Mail', provider: 'microsoft', clientId: 'id', tenant: 'common' };
const problems = (input: unknown): string[] => {
  const result = credentialSettings.safeParse(input);
  return result.success ? [] : result.error.issues.map((issue) => issue.path.join('.'));
};

test('fills in what a form may leave out', () => {
  assert.deepEqual(credentialSettings.parse(google), { ...google, grant: 'authorization-code', secretExpiresOn: '' });
  assert.deepEqual(credentialSettings.parse(microsoft), {
    ...microsoft,
    grant: 'authorization-code',
    cloud: 'global',
    secretExpiresOn: '',
  });
});

test('takes every way to name a tenant, and nothing that would change the path', () => {
  for (const tenant of [
    'common',
    'organizations',
    'example.com',
    'a.b-c.example',
    'A1C0DE00-0000-4000-8000-00000C047050',
  ]) {
    assert.deepEqual(problems({ ...microsoft, tenant }), [], tenant);
  }
  for (const tenant of [
    '',
    'consumers',
    'example',
    '..',
    '../common',
    'a/b',
    'example.com/',
    'example.com?x',
    'ex ample.com',
    '-a.com',
    '1.2.3.4',
  ]) {
    assert.deepEqual([...new Set(problems({ ...microsoft, tenant }))], ['tenant'], tenant);
  }
});

test('writes tenants in one way', () => {
  const settings = credentialSettings.parse({ ...microsoft, tenant: ' Example.COM ' });
  assert.equal(settings.provider === 'microsoft' && settings.tenant, 'example.com');
});

test('wants one organisation for client credentials, and for Google no such grant', () => {
  const application = { ...microsoft, grant: 'client-credentials' };
  assert.deepEqual(problems({ ...application, tenant: 'common' }), ['tenant']);
  assert.deepEqual(problems({ ...application, tenant: 'organizations' }), ['tenant']);
  assert.deepEqual(problems({ ...application, tenant: 'example.com' }), []);
  assert.deepEqual(problems({ ...google, grant: 'client-credentials' }), ['grant']);
});

test('has no personal accounts in national clouds', () => {
  assert.deepEqual(problems({ ...microsoft, cloud: 'china' }), ['tenant']);
  assert.deepEqual(problems({ ...microsoft, cloud: 'china', tenant: 'organizations' }), []);
});

test('refuses unknown fields, line breaks and what is no date', () => {
  assert.deepEqual(problems({ ...google, clientSecret: 'x' }), ['']);
  assert.deepEqual(problems({ ...google, clientId: 'a\r\nb' }), ['clientId']);
  assert.deepEqual(problems({ ...google, name: '' }), ['name']);
  for (const secretExpiresOn of ['tomorrow', '2027-02-30', '31.01.2027']) {
    assert.deepEqual(problems({ ...google, secretExpiresOn }), ['secretExpiresOn'], secretExpiresOn);
  }
  assert.deepEqual(problems({ ...google, secretExpiresOn: '2027-01-31' }), []);
});

test('warns 30, 7 and 1 days before a client secret expires, and after it has', () => {
  const now = Date.UTC(2026, 10, 20, 23, 59);
  const at = (secretExpiresOn: string): CredentialSettings => credentialSettings.parse({ ...google, secretExpiresOn });
  const levels: [string, string | undefined, number | undefined][] = [
    ['', undefined, undefined],
    ['2026-12-21', undefined, undefined],
    ['2026-12-20', 'notice', 30],
    ['2026-11-28', 'notice', 8],
    ['2026-11-27', 'warning', 7],
    ['2026-11-22', 'warning', 2],
    ['2026-11-21', 'urgent', 1],
    ['2026-11-20', 'urgent', 0],
    ['2026-11-19', 'expired', -1],
  ];
  for (const [date, level, daysLeft] of levels) {
    const expiry = secretExpiry(at(date), now);
    assert.deepEqual([expiry?.level, expiry?.daysLeft], [level, daysLeft], date);
  }
  assert.match(
    secretExpiry(at('2026-11-21'), now)?.message ?? '',
    /“Mail” expires tomorrow \(2026-11-21\)\. Create a new secret/,
  );
});
