import assert from 'node:assert/strict';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { buildGateway } from '../../src/gateway/server';
import { gatewayEntry, startGateway, type TestGateway, testConfig } from '../support/gateway';

/** What anybody can take of a gateway who has no token: connections. */

function open(gateway: TestGateway): { socket: Socket; closed: Promise<string> } {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).setEncoding('latin1');
  let said = '';
  socket
    .on('error', () => {})
    .on('data', (text) => {
      said += text;
    });
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve(said))) };
}

const health = async (gateway: TestGateway, agent?: Agent, path = '/healthz') =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(`${gateway.url}${path}`, { ...(agent && { agent }) }, (response) => {
      response.resume().once('end', () => resolve(response));
    }).once('error', reject);
  });

test('a connection on which nothing comes is closed, and so is one that sends half a head', async () => {
  const gateway = await startGateway({ headSeconds: 1 });
  const silent = open(gateway);
  const half = open(gateway);
  half.socket.write('GET /healthz HTTP/1.1\r\n');
  await Promise.all([silent.closed, half.closed]);
  await gateway.stop();
});

test('a connection that was used is closed when it lies idle for too long, and not before', async () => {
  const gateway = await startGateway({ headSeconds: 1, keepAliveSeconds: 2 });
  const { socket, closed } = open(gateway);
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  // Longer than a new connection may be silent.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.equal((await closed).match(/HTTP\/1\.1 200/g)?.length, 2);
  await gateway.stop();
});

test('silent connections, however many, keep no client out', async () => {
  const gateway = await startGateway({ connections: 20 });
  const floods = Array.from({ length: 100 }, () => open(gateway));
  assert.equal((await health(gateway)).statusCode, 200);
  const isOpen = floods.filter(({ socket }) => !socket.destroyed);
  await Promise.all(floods.slice(0, 80).map(({ closed }) => closed));
  assert.ok(isOpen.length >= 1);
  for (const { socket } of floods) socket.destroy();
  await gateway.stop();
});

test('while it drains, each answer is the last of its connection, and balancers are sent away', async () => {
  const issuerOf = await startGateway();
  const { app, drain } = buildGateway(testConfig(issuerOf.issuer), gatewayEntry);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const gateway = { ...issuerOf, url };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  assert.equal((await health(gateway, agent)).headers.connection, 'keep-alive');
  const drained = drain(0);
  const last = await health(gateway, agent, '/readyz');
  assert.deepEqual([last.statusCode, last.headers.connection], [503, 'close']);
  await drained;
  await app.close();
  await issuerOf.stop();
});
