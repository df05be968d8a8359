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

const headerProblem = (headerName: string) =>
  alertSettings.safeParse({ name: 'Own', incidents: ['suspended'], channel: { type: 'webhook', headerName } }).error
    ?.issues[0]?.message;

for (const name of [
  ...[
    'Host',
    'content-length',
    'Content-Type',
    'Transfer-Encoding',
    'Connection',
    'TE',
    'Trailer',
    'Expect',
    'Upgrade',
  ],
  ...[
    'Keep-Alive',
    'Proxy-Authorization',
    'Proxy-Connection',
    'Cookie',
    'Forwarded',
    'X-Forwarded-Host',
    'Via',
    'Date',
  ],
  ...['Origin', 'Referer', 'User-Agent', 'Accept', 'Accept-Encoding', 'Sec-Fetch-Site', 'X-HTTP-Method-Override'],
  ...['Forge-Proxy-Authorization', 'Transfer_Encoding', 'CONTENT_LENGTH'],
]) {
  test(`a secret header is not ${name}, which belongs to the request`, () => {
    assert.equal(
      headerProblem(name),
      `“${name}” belongs to the request itself. Use another header, such as Authorization.`,
    );
  });
}

test('a secret header has a name of its own that does not break out of the line', () => {
  for (const name of ['a b', 'a:b', 'a\r\nb', 'ü']) assert.match(headerProblem(name) ?? '', /^Use letters/, name);
  for (const name of ['', 'Authorization', 'X-Api-Key', 'X-Host', 'Hostess', 'Team', 'Expectation', 'Auth_Token']) {
    assert.equal(headerProblem(name), undefined, name);
  }
});

test('a rule needs a name, something to tell of, and sensible minutes', () => {
  const rule = { name: 'Ops', incidents: ['failing'], channel: slack };
  assert.equal(alertSettings.parse(rule).failingMinutes, 15);
  for (const wrong of [{ name: ' ' }, { incidents: [] }, { failingMinutes: 4 }, { failingMinutes: 1_441 }]) {
    assert.ok(!alertSettings.safeParse({ ...rule, ...wrong }).success, JSON.stringify(wrong));
  }
});
