import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invokeRemote, ProxyRequestError } from '@forge/api';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { fixtureForge, temporaryFolder } from './fixture/forge';
import { notingServer } from './fixture/server';

const audience = 'ari:cloud:ecosystem::app/00000000-0000-4000-8000-000000000001';
const tokenOf = ({ headers }: { headers: { authorization?: string | undefined } }) =>
  (headers.authorization ?? '').replace('Bearer ', '');

async function verify(forge: { jwks(): Promise<unknown> }, token: string) {
  const keys = createLocalJWKSet((await forge.jwks()) as JSONWebKeySet);
  return jwtVerify(token, keys, { issuer: 'forge/invocation-token', audience, algorithms: ['RS256'] });
}

test('forwards to where the remote is, bytes both ways', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
  const server = await notingServer(() => ({ body: bytes, headers: { 'content-type': 'application/octet-stream' } }));
  const forge = await fixtureForge({ remotes: { backend: `${server.url}/base` } });
  await forge.run(async () => {
    const init: { method: string; body: ArrayBuffer } = { method: 'POST', body: bytes.buffer };
    const response = await invokeRemote('backend', { path: '/v1/fetch?a=b', headers: { 'x-sent': '1' }, ...init });
    assert.equal(response.headers.get('content-type'), 'application/octet-stream');
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
  });
  const [request] = server.seen;
  assert.deepEqual([request?.method, request?.path, request?.headers['x-sent']], ['POST', '/base/v1/fetch?a=b', '1']);
  assert.deepEqual(new Uint8Array(request?.body ?? []), bytes);
  assert.match(String(request?.headers['x-b3-traceid']), /^[0-9a-f]{32}$/);
  assert.deepEqual(forge.usage().egress, { 'remote:backend': 1 });
});

test('proves itself with an invocation token that names app, installation and environment', async () => {
  const server = await notingServer();
  const forge = await fixtureForge({ remotes: { backend: server.url } });
  await forge.run(() => invokeRemote('backend', { path: '/', headers: { authorization: 'Bearer forged' } }));
  const token = tokenOf(server.seen[0] ?? { headers: {} });
  const { payload } = await verify(forge, token);
  const { app } = payload as { app: Record<string, Record<string, unknown>> };
  assert.equal(app.id, audience);
  assert.match(String(app.installationId), /^ari:cloud:ecosystem::installation\/[0-9a-f-]{36}$/);
  assert.equal(app.environment?.type, 'DEVELOPMENT');
  assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 25);
  assert.equal(payload.context, undefined);
  const tampered = `${token.slice(0, -10)}${'A'.repeat(10)}`;
  await assert.rejects(verify(forge, tampered));
});

test('keeps its key and its installation in the directory, and shares neither with another one', async () => {
  const server = await notingServer();
  const directory = await temporaryFolder();
  const tokens: string[] = [];
  for (const folder of [directory, directory, await temporaryFolder()]) {
    const forge = await fixtureForge({ remotes: { backend: server.url }, directory: folder });
    await forge.run(() => invokeRemote('backend', { path: '/' }));
    tokens.push(tokenOf(server.seen.at(-1) ?? { headers: {} }));
    await forge.close();
  }
  const kids = tokens.map((token) => decodeProtectedHeader(token).kid);
  assert.equal(kids[0], kids[1]);
  assert.notEqual(kids[0], kids[2]);
  const same = await fixtureForge({ directory });
  const [first, second] = await Promise.all(
    tokens.slice(0, 2).map(async (token) => (await verify(same, token)).payload.app),
  );
  assert.deepEqual(first, second);
  await assert.rejects(verify(same, tokens[2] ?? ''));
});

test('refuses remotes that the manifest does not declare for computing', async () => {
  const server = await notingServer();
  const forge = await fixtureForge({ remotes: { unknown: server.url, 'storage-only': server.url } });
  for (const key of ['unknown', 'storage-only']) {
    await assert.rejects(
      forge.run(() => invokeRemote(key, { path: '/' })),
      { name: 'INVALID_REMOTE_ERR', remoteKey: key },
    );
  }
  assert.deepEqual(server.seen, []);
});

test('passes an error of the remote as it is, and fails when the remote is not there', async () => {
  const server = await notingServer(() => ({ status: 503, headers: { 'retry-after': '9' } }));
  const forge = await fixtureForge({ remotes: { backend: server.url } });
  const busy = await forge.run(() => invokeRemote('backend', { path: '/' }));
  assert.deepEqual([busy.status, busy.headers.get('retry-after')], [503, '9']);
  const nowhere = await fixtureForge({ remotes: { backend: 'http://127.0.0.1:1' } });
  await assert.rejects(
    nowhere.run(() => invokeRemote('backend', { path: '/' })),
    ProxyRequestError,
  );
});

test('carries 5 MB and refuses more, both ways', async () => {
  const limit = 5 * 1024 * 1024;
  const server = await notingServer(({ path }) => ({ body: Buffer.alloc(Number(path.slice(1))) }));
  const forge = await fixtureForge({ remotes: { backend: server.url } });
  await forge.run(async () => {
    const post = (body: ArrayBuffer) => invokeRemote('backend', { path: '/0', method: 'POST', body });
    await post(new ArrayBuffer(limit));
    await assert.rejects(post(new ArrayBuffer(limit + 1)), ProxyRequestError);
    assert.equal((await (await invokeRemote('backend', { path: `/${limit}` })).arrayBuffer()).byteLength, limit);
    await assert.rejects(invokeRemote('backend', { path: `/${limit + 1}` }), ProxyRequestError);
  });
});

test('does not wait longer than the function may run', async () => {
  const server = await notingServer(() => new Promise(() => undefined));
  const forge = await fixtureForge({ remotes: { backend: server.url } });
  await assert.rejects(
    forge.run(() => invokeRemote('backend', { path: '/' }), { timeoutSeconds: 0.05 }),
    /timed out|504/,
  );
});
