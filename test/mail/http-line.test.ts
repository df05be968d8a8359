import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpReply } from '../../src/mail/http';
import { httpLine } from '../../src/mail/http-line';

const reply = (status: number, size: number, headers: Record<string, string> = {}): HttpReply => ({
  status,
  size,
  headers: new Headers(headers),
  body: null,
});
const id = `AAMkADFhMWI${'x'.repeat(140)}=`;

for (const [what, request, outcome, expected] of [
  [
    'how something is asked for, and how much came in what time',
    { path: '/gmail/v1/users/me/messages?labelIds=INBOX&maxResults=50' },
    reply(200, 12_345),
    'GET /gmail/v1/users/me/messages?labelIds=INBOX&maxResults=50 → 200, 12,345 bytes, 46 ms',
  ],
  [
    'the beginning of an id',
    { path: `/v1.0/me/mailFolders/${id}/messages/${encodeURIComponent(id)}/$value` },
    reply(404, 0),
    'GET /v1.0/me/mailFolders/AAMkADFh…/messages/AAMkADFh…/$value → 404, 0 bytes, 46 ms',
  ],
  [
    'the beginning of an id as the key of a collection',
    { path: `/v1.0/me/mailFolders('${id}')/messages/delta?$deltatoken=${id}` },
    reply(200, 0),
    "GET /v1.0/me/mailFolders('AAMkADFh…')/messages/delta?$deltatoken=… → 200, 0 bytes, 46 ms",
  ],
  [
    'whose mailbox it is',
    { path: '/v1.0/users/support.of.everything%40contoso.example/messages?$select=id' },
    reply(200, 1),
    'GET /v1.0/users/support.of.everything@contoso.example/messages?$select=id → 200, 1 bytes, 46 ms',
  ],
  [
    'nothing of what is searched for',
    { path: '/gmail/v1/users/me/messages?q=from%3Acanary&pageToken=canary&$filter=subject%20eq%20%27canary%27' },
    reply(200, 1),
    'GET /gmail/v1/users/me/messages?q=…&pageToken=…&$filter=… → 200, 1 bytes, 46 ms',
  ],
  [
    'how long the provider wants to be left alone',
    { method: 'POST', path: '/v1.0/$batch', body: 'canary' },
    reply(429, 200, { 'retry-after': '30' }),
    'POST /v1.0/$batch → 429, 200 bytes, 46 ms, Retry-After: 30',
  ],
  [
    'that nobody answered',
    { method: 'PATCH', path: '/v1.0/me' },
    'no answer in time',
    'PATCH /v1.0/me → no answer in time, 46 ms',
  ],
  [
    'a path that can not be decoded, as one line',
    { path: '/v1.0/%E0%A4%A\r\nS: forged' },
    reply(200, 1),
    'GET /v1.0/%E0%A4%A S: forged → 200, 1 bytes, 46 ms',
  ],
] as const) {
  test(`shows ${what}`, () => assert.equal(httpLine(request, outcome, 45.6), expected));
}

test('shows no token, wherever it stands', () => {
  const token = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(40)}.${'b'.repeat(40)}`;
  for (const path of [`/v1.0/me?access_token=${token}`, `/v1.0/me?$select=${token}`, `/v1.0/${token}`]) {
    assert.doesNotMatch(httpLine({ path }, reply(200, 1), 1), /aaaa|bbbb/, path);
  }
});
