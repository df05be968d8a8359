import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AlertChannel, alertSettings, mergedSecret, noSecret, secretProblems } from '../../src/domain/alert';

const slack: AlertChannel = { type: 'slack' };
const opsgenie: AlertChannel = { type: 'opsgenie', region: 'us' };
const webhook: AlertChannel = { type: 'webhook', headerName: 'Authorization' };
const url = 'https://alerts.example.com/x';
const host = 'alerts.example.com';

test('a new rule needs what its channel posts with', () => {
  assert.deepEqual(Object.keys(secretProblems(slack, noSecret, null)), ['url']);
  assert.deepEqual(Object.keys(secretProblems(opsgenie, noSecret, null)), ['apiKey']);
  assert.deepEqual(Object.keys(secretProblems(webhook, { ...noSecret, url }, null)), ['headerValue']);
  assert.deepEqual(
    secretProblems({ type: 'email', outgoingId: 'o', recipients: ['a@example.com'] }, noSecret, null),
    {},
  );
});

test('an edit keeps what is stored for the same channel, and nothing of another', () => {
  assert.deepEqual(secretProblems(slack, noSecret, { channel: slack, host: 'hooks.slack.com' }), {});
  assert.deepEqual(Object.keys(secretProblems(slack, noSecret, { channel: webhook, host })), ['url']);
  const eu: AlertChannel = { type: 'opsgenie', region: 'eu' };
  assert.deepEqual(Object.keys(secretProblems(eu, noSecret, { channel: opsgenie, host: '' })), ['apiKey']);
  const stored = { url: 'https://hooks.slack.com/x', apiKey: '', headerValue: '' };
  assert.deepEqual(mergedSecret(slack, noSecret, stored), stored);
  assert.deepEqual(mergedSecret(opsgenie, { ...noSecret, apiKey: 'new' }, stored), { ...noSecret, apiKey: 'new' });
});

test('a header’s value goes only where it was given for', () => {
  const stored = { channel: webhook, host };
  assert.deepEqual(secretProblems(webhook, { ...noSecret, url }, stored), {});
  const elsewhere = { ...noSecret, url: 'https://thief.example.com/x' };
  assert.deepEqual(Object.keys(secretProblems(webhook, elsewhere, stored)), ['headerValue']);
  const renamed: AlertChannel = { ...webhook, headerName: 'X-Key' };
  assert.deepEqual(Object.keys(secretProblems(renamed, noSecret, stored)), ['headerValue']);
  const without: AlertChannel = { ...webhook, headerName: '' };
  assert.equal(mergedSecret(without, noSecret, { url, apiKey: '', headerValue: 'old' }).headerValue, '');
});

test('a secret header can’t be one that belongs to the request, or break out of it', () => {
  const rule = { name: 'Own', incidents: ['suspended'] };
  for (const headerName of ['Host', 'content-length', 'Cookie', 'X-Forwarded-Host', 'a b', 'a:b', 'a\r\nb']) {
    assert.ok(!alertSettings.safeParse({ ...rule, channel: { type: 'webhook', headerName } }).success, headerName);
  }
  assert.ok(alertSettings.safeParse({ ...rule, channel: { type: 'webhook', headerName: 'X-Api-Key' } }).success);
});

test('a rule needs a name, something to tell of, and sensible minutes', () => {
  const rule = { name: 'Ops', incidents: ['failing'], channel: slack };
  assert.equal(alertSettings.parse(rule).failingMinutes, 15);
  for (const wrong of [{ name: ' ' }, { incidents: [] }, { failingMinutes: 4 }, { failingMinutes: 1_441 }]) {
    assert.ok(!alertSettings.safeParse({ ...rule, ...wrong }).success, JSON.stringify(wrong));
  }
});
