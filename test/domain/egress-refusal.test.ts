import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEgressRefusal } from '../../src/domain/egress-refusal';
import { httpApi } from '../../src/mail/http';
import { tokenRequests } from '../../src/oauth/token-request';

const failing = (fields: Record<string, unknown>) => Object.assign(new Error('failed'), fields);
/** What the platform may do where a host is not allowed. */
const refusals: Record<string, typeof fetch> = {
  'the name': () => Promise.reject(failing({ name: 'REQUEST_EGRESS_ALLOWLIST_ERR', status: 403 })),
  'the code': () => Promise.reject(failing({ name: 'PROXY_ERR', status: 403, errorCode: 'BLOCKED_EGRESS' })),
  'the text of an error': () => Promise.reject(failing({ status: 403, message: 'Outbound egress is not allowed.' })),
  'the text of an answer': async () => new Response('{"message":"Blocked by egress policy"}', { status: 403 }),
};

for (const [by, fetch] of Object.entries(refusals)) {
  test(`knows by ${by} that a host is not allowed`, async () => {
    const expected = { code: 'host-not-allowed', kind: 'transient', uncertain: false };
    const options = { name: 'Gmail', origin: 'https://gmail.googleapis.com', timeoutMs: 1_000, explain: () => null };
    const api = httpApi(options, { fetch, getAccessToken: async () => 'token', now: () => 0 });
    await assert.rejects(api.send({ path: '/' }), expected);
    const send = tokenRequests('google', { fetch, now: () => 0 });
    await assert.rejects(send({ method: 'POST', url: 'https://oauth2.googleapis.com/token', headers: {} }), expected);
  });
}

test('takes nothing else for it', () => {
  for (const other of [null, 'EGRESS', failing({ status: 403 }), failing({ status: 502, message: 'egress failed' })]) {
    assert.equal(isEgressRefusal(other), false);
  }
});
