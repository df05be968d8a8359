// First: `@forge/api` keeps the fetch that it finds.
import './globals';
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { fetch as forgeFetch } from '@forge/api';
import { fixtureForge } from './fixture/forge';
import { notingServer } from './fixture/server';

const refused = (status: number, code: string) => ({ name: 'PROXY_ERR', status, errorCode: code });

test('reaches the hosts that the manifest lists, where the emulator puts them', async () => {
  const server = await notingServer(() => ({ body: 'hello', headers: { 'x-told': 'yes' } }));
  const forge = await fixtureForge({
    hosts: { 'api.example': server.url, 'deep.wild.example': `${server.url}/base/` },
  });
  await forge.run(async () => {
    const response = await fetch('https://api.example/a?b=c', {
      method: 'POST',
      headers: { 'x-sent': '1' },
      body: 'mail',
    });
    assert.deepEqual([response.status, response.headers.get('x-told'), await response.text()], [200, 'yes', 'hello']);
    assert.equal(await (await forgeFetch('https://deep.wild.example/d')).text(), 'hello');
  });
  assert.deepEqual(
    server.seen.map(({ method, path, body }) => [method, path, String(body)]),
    [
      ['POST', '/a?b=c', 'mail'],
      ['GET', '/base/d', ''],
    ],
  );
  assert.equal(server.seen[0]?.headers['x-sent'], '1');
  assert.deepEqual(forge.usage().egress, { 'api.example': 1, 'deep.wild.example': 1 });
});

test('refuses hosts that the manifest does not list, plain HTTP and other ports', async () => {
  const server = await notingServer();
  const hosts = Object.fromEntries(
    ['api.example', 'api.example:25', 'other.example', '127.0.0.1'].map((host) => [host, server.url]),
  );
  const forge = await fixtureForge({ hosts });
  await forge.run(async () => {
    for (const url of [
      'https://other.example/',
      'https://wild.example/',
      'https://api.example.evil.example/',
      'https://api.example:25/',
      `https://127.0.0.1:${server.port}/`,
      'https://forge.cdn.prod.atlassian-dev.net/',
    ]) {
      await assert.rejects(fetch(url), refused(403, 'REQUEST_EGRESS_ALLOWLIST_ERR'), url);
    }
    await assert.rejects(fetch('http://api.example/'), refused(400, 'HTTPS_ONLY'));
    await fetch('https://api.example/');
    await assert.rejects(fetch('https://api.example:8443/'), refused(502, 'UPSTREAM_UNREACHABLE'));
  });
  assert.equal(server.seen.length, 1);
});

test('checks each hop of a redirect', async () => {
  const server = await notingServer(({ path }) => {
    if (path === '/inside') return { status: 302, headers: { location: '/there' } };
    if (path === '/outside') return { status: 307, headers: { location: 'https://other.example/' } };
    return { body: path };
  });
  const forge = await fixtureForge({ hosts: { 'api.example': server.url } });
  await forge.run(async () => {
    assert.equal(await (await fetch('https://api.example/inside', { method: 'POST', body: 'x' })).text(), '/there');
    await assert.rejects(fetch('https://api.example/outside'), refused(403, 'REQUEST_EGRESS_ALLOWLIST_ERR'));
    assert.equal((await fetch('https://api.example/outside', { redirect: 'manual' })).status, 307);
    await assert.rejects(fetch('https://api.example/inside', { redirect: 'error' }), TypeError);
  });
});

test('hands credentials to no other host by a redirect', async () => {
  const server = await notingServer(({ path }) => {
    if (path === '/same') return { status: 302, headers: { location: '/' } };
    return path === '/other' ? { status: 302, headers: { location: 'https://a.wild.example/' } } : {};
  });
  const forge = await fixtureForge({ hosts: { 'api.example': server.url, 'a.wild.example': server.url } });
  const headers = { authorization: 'Bearer secret' };
  await forge.run(() => fetch('https://api.example/same', { headers }));
  assert.equal(server.seen.at(-1)?.headers.authorization, 'Bearer secret');
  await forge.run(() => fetch('https://api.example/other', { headers }));
  assert.equal(server.seen.at(-1)?.headers.authorization, undefined);
});

test('allows 100 requests for each started minute of the function', async () => {
  const server = await notingServer();
  const forge = await fixtureForge({ hosts: { 'api.example': server.url } });
  const requests = async (count: number) => {
    for (let n = 0; n < count; n += 1) await fetch('https://api.example/');
  };
  await forge.run(() => requests(100));
  await assert.rejects(
    forge.run(() => requests(101)),
    refused(429, 'TOO_MANY_REQUESTS'),
  );
  await forge.run(() => requests(101), { timeoutSeconds: 61 });
});

test('gives up a request when its signal does', async () => {
  const server = await notingServer(() => new Promise(() => undefined));
  const forge = await fixtureForge({ hosts: { 'api.example': server.url } });
  await assert.rejects(
    forge.run(() => fetch('https://api.example/', { signal: AbortSignal.timeout(20) })),
    { name: 'TimeoutError' },
  );
});

test('does not stream bodies', async () => {
  const forge = await fixtureForge();
  const init = { method: 'POST', body: new ReadableStream(), duplex: 'half' };
  await assert.rejects(
    forge.run(() => fetch('https://api.example/', init)),
    TypeError,
  );
});

test('opens no socket for function code, by whatever module it asks for one', async () => {
  const server = await notingServer();
  const forge = await fixtureForge();
  const attempts: Record<string, () => { on(event: 'error', listener: (error: Error) => void): unknown }> = {
    'node:net': () => connect(server.port, '127.0.0.1'),
    'node:tls': () => connectTls(server.port, '127.0.0.1'),
    'node:http': () => httpRequest(server.url),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    const error = await forge.run(() => new Promise<Error>((resolve) => attempt().on('error', resolve)));
    assert.match(error.message, /may not open sockets/, name);
  }
  assert.deepEqual(server.seen, []);
});

test('leaves the network alone outside an invocation', async () => {
  const server = await notingServer(() => ({ body: 'hello' }));
  await fixtureForge();
  assert.equal(await (await fetch(server.url)).text(), 'hello');
  await new Promise<void>((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.end(resolve));
    socket.on('error', reject);
  });
});
