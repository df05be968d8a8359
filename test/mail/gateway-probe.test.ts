import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayProbe } from '../../src/mail/gateway-probe';

const proxyError = (status: number, errorCode: string) =>
  Object.assign(new Error(`Forge platform failed to process runtime HTTP request - ${status} - ${errorCode}`), {
    status,
    errorCode,
  });

const thrown: [string, Error, string, string][] = [
  ['a certificate that is not trusted', proxyError(502, 'TLS_HANDSHAKE_FAILED'), 'tls', '502 TLS_HANDSHAKE_FAILED'],
  ['an expired certificate', proxyError(500, 'CERT_HAS_EXPIRED'), 'tls', '500 CERT_HAS_EXPIRED'],
  ['a proxy that waits no longer', proxyError(504, 'SOMETHING_NEW'), 'timeout', '504 SOMETHING_NEW'],
  ['our own timer', new Error('No answer came within 8 seconds.'), 'timeout', 'nothing came back'],
  ['a refused connection', proxyError(502, 'UPSTREAM_UNREACHABLE'), 'unreachable', '502 UPSTREAM_UNREACHABLE'],
  ['an unknown name', proxyError(424, 'DNS_NOT_FOUND'), 'unreachable', '424 DNS_NOT_FOUND'],
];
for (const [what, error, trouble, detail] of thrown) {
  test(`tells ${what} by what the platform throws`, async () => {
    const probe = gatewayProbe(() => () => Promise.reject(error));
    assert.deepEqual(await probe.hello(), { ok: false, trouble, detail, at: null });
  });
}

const refusal = (fault: string) => JSON.stringify({ error: 'no', fault, at: 5 });
const answered: [string, number, string, string, number | null][] = [
  ['a gateway of another app', 401, refusal('audience'), 'audience', 5],
  ['a gateway with another time', 401, refusal('time'), 'token-time', 5],
  ['a gateway without Atlassian’s keys', 503, refusal('keys'), 'keys', 5],
  [
    'a gateway of an earlier version that refuses',
    401,
    '{"error":"The invocation token is not valid here."}',
    'token',
    null,
  ],
  ['a proxy that wants a password', 401, '<html>', 'token', null],
  ['a full gateway', 429, '{"error":"Too many requests at a time."}', 'busy', null],
  ['another server', 404, '<html>Not found</html>', 'stranger', null],
  ['another server’s page', 200, '<html>Welcome</html>', 'stranger', null],
  ['a proxy whose gateway is down', 502, 'Bad Gateway', 'failed', null],
  ['a proxy that waits no longer', 504, 'Gateway Timeout', 'timeout', null],
];
for (const [what, status, body, trouble, at] of answered) {
  test(`tells ${what} by its answer of ${status}`, async () => {
    const probe = gatewayProbe(() => async () => ({ status, bytes: Buffer.from(body) }));
    const hello = await probe.hello();
    assert.ok(!hello.ok);
    assert.deepEqual([hello.trouble, hello.at], [trouble, at]);
  });
}

test('gives a held answer its time, and the way of it', async () => {
  const given: number[] = [];
  const probe = gatewayProbe((ms) => {
    given.push(ms);
    return async () => ({ status: 200, bytes: Buffer.from('{}') });
  });
  for (const seconds of [5, 20]) assert.deepEqual(await probe.hold(seconds), { ok: true, value: null });
  assert.deepEqual(given, [7_000, 22_000]);
});
