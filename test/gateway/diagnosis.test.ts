import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { everyByte } from '../../src/mail/diagnosis-wire';
import { gatewayProbe } from '../../src/mail/gateway-probe';
import { httpGateway, startGateway, type TestGateway } from '../support/gateway';

/** What the gateway tells the app's diagnosis page, asked through the page's own probe. */

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway({ requests: 1 });
});
after(() => gateway.stop());

const probe = (token = () => gateway.issuer.token()) => gatewayProbe(() => httpGateway(gateway.url, token));

test('tells its version and its clock', async () => {
  const asked = Date.now();
  const hello = await probe().hello();
  assert.ok(hello.ok, JSON.stringify(hello));
  assert.match(hello.value.version, /^\d+\.\d+\.\d+/);
  assert.ok(hello.value.at >= asked && hello.value.at <= Date.now());
});

test('answers all values of a byte as they are', async () => {
  const bytes = await probe().bytes();
  assert.ok(bytes.ok);
  assert.deepEqual(Buffer.from(bytes.value), Buffer.from(everyByte));
});

test('holds an answer back, and for no longer than twenty seconds', async () => {
  assert.deepEqual(await probe().hold(0.01), { ok: true, value: null });
  const { status } = await gateway.invoke()('/v1/diagnosis/hold', '{"seconds":20.1}');
  assert.equal(status, 400);
});

/** Tries until it passes; its last failure is the test's. */
async function until(check: () => Promise<void>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const isPassed = await check().then(
      () => true,
      () => false,
    );
    if (isPassed) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await check();
}

/** Asks for an answer that is held back, and reads none. */
async function holding({ url, issuer }: TestGateway): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const body = '{"seconds":20}';
  const socket = connect(Number(port), hostname);
  const head = `POST /v1/diagnosis/hold HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${await issuer.token()}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  await new Promise<void>((resolve) => socket.write(head + body, () => resolve()));
  return socket;
}

test('gives the place of a held answer back when the client is gone', async () => {
  const comesTo = (wanted: string | null) =>
    until(async () => {
      const hello = await probe().hello();
      assert.equal(hello.ok ? null : hello.trouble, wanted);
    });
  const socket = await holding(gateway);
  await comesTo('busy');
  socket.destroy();
  await comesTo(null);
});

test('keeps no timer for clients that are gone', async (t) => {
  const roomy = await startGateway({ requests: 200 });
  t.after(() => roomy.stop());
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const sockets = await Promise.all(Array.from({ length: 40 }, () => holding(roomy)));
  await until(async () => assert.ok(timers() >= before + 40));
  for (const socket of sockets) socket.destroy();
  await until(async () => assert.ok(timers() < before + 20));
});

test('says what is wrong with a token of Atlassian’s, and its own time', async () => {
  const faults = [
    ['audience', { audience: 'ari:cloud:ecosystem::app/another' }],
    ['token-time', { expiresIn: -120 }],
    ['token', { issuer: 'somebody' }],
  ] as const;
  for (const [trouble, claims] of faults) {
    const hello = await probe(() => gateway.issuer.token(claims)).hello();
    assert.ok(!hello.ok && hello.at !== null);
    assert.deepEqual([hello.trouble, hello.detail], [trouble, 'HTTP 401']);
    assert.ok(Math.abs(hello.at - Date.now()) < 10_000);
  }
});

test('says nothing of what it expected to whoever has no token of Atlassian’s', async () => {
  const hello = await probe(async () => 'no.token.really').hello();
  assert.ok(!hello.ok);
  assert.equal(hello.trouble, 'token');
  for (const path of ['hello', 'bytes', 'hold'])
    assert.equal((await fetch(`${gateway.url}/v1/diagnosis/${path}`, { method: 'POST' })).status, 401, path);
});
