import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { mailboxSettingsOf } from '../../src/mail/wire';
import { startGateway, type TestGateway } from '../support/gateway';
import { scriptedImap, scriptedSettings } from '../support/scripted-imap';

/** The gateway works on so many requests at a time. None may keep its place longer than it lasts, and none of one customer all of them. */

/** Sends a whole request and hangs up once `until` says so. */
async function hangUp(gateway: TestGateway, path: string, body: string, until: () => Promise<void>): Promise<void> {
  const { hostname, port } = new URL(gateway.url);
  const token = await gateway.issuer.token();
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  const head = `POST ${path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  await new Promise<void>((resolve) => socket.write(head + body, () => resolve()));
  await until();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.destroy();
  await closed;
}

async function slowKeys(gateway: TestGateway) {
  const waiting: ServerResponse[] = [];
  let isOpen = false;
  const serve = async (response: ServerResponse) => {
    response.setHeader('content-type', 'application/json');
    response.end(await (await fetch(gateway.issuer.jwksUrl)).text());
  };
  const server = createServer((_request, response) => {
    if (isOpen) void serve(response);
    else waiting.push(response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`,
    asked: async () => {
      while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async answer() {
      isOpen = true;
      await Promise.all(waiting.map(serve));
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const eventually = async (check: () => Promise<boolean>) => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
};

test('a client that goes away while its token is checked takes no place from others', async () => {
  const trusted = await startGateway();
  const keys = await slowKeys(trusted);
  const gateway = await startGateway({ jwksUrl: keys.url, requests: 1, allowPlaintext: true });
  const server = await scriptedImap({});
  const body = JSON.stringify({
    settings: mailboxSettingsOf(scriptedSettings(server.port)),
    credentials: { password: 'secret' },
  });
  try {
    await hangUp({ ...gateway, issuer: trusted.issuer }, '/v1/mailbox/folders', body, keys.asked);
    // The gateway learns of it a moment later.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await keys.answer();
    const invoke = { ...gateway, issuer: trusted.issuer };
    const status = async () => {
      const authorization = `Bearer ${await invoke.issuer.token()}`;
      const headers = { 'content-type': 'application/json', authorization };
      return (await fetch(`${gateway.url}/v1/mailbox/folders`, { method: 'POST', headers, body })).status;
    };
    assert.ok(await eventually(async () => (await status()) === 200));
  } finally {
    await server.stop();
    await gateway.stop();
    await keys.stop();
    await trusted.stop();
  }
});

test('a client that goes away with its whole request sent leaves no session in use', async () => {
  const gateway = await startGateway({ sessionsPerInstallation: 1, allowPlaintext: true });
  const server = await scriptedImap({});
  const settings = mailboxSettingsOf(scriptedSettings(server.port));
  const body = (handles?: string[]) =>
    JSON.stringify({
      settings,
      credentials: { password: 'secret' },
      ...(handles && { handles, offset: 0, maxBytes: 9 }),
    });
  try {
    for (const pause of [0, 0, 0, 0, 1, 1, 2, 2, 3, 5, 8]) {
      const until = () => new Promise<void>((resolve) => setTimeout(resolve, pause));
      await hangUp(gateway, '/v1/mailbox/fetch', body(['7.1']), until);
    }
    const post = gateway.invoke();
    const isServed = async () => (await post('/v1/mailbox/folders', body())).status === 200;
    assert.ok(await eventually(isServed));
    assert.match(await (await fetch(`${gateway.url}/metrics`)).text(), /sessions\{state="busy"\} 0/);
  } finally {
    await server.stop();
    await gateway.stop();
  }
});

test('one installation gets no more than its share of the requests worked on at a time', async () => {
  const gateway = await startGateway({ requests: 3, requestsPerInstallation: 2, allowPlaintext: true });
  const silent = await scriptedImap({ greeting: null });
  const server = await scriptedImap({});
  const body = (port: number, username = 'alice') =>
    JSON.stringify({
      settings: mailboxSettingsOf(scriptedSettings(port, { username, timeoutMs: 30_000 })),
      credentials: { password: 'secret' },
    });
  const folders = async (installation: string, text: string) =>
    (await gateway.invoke(installation)('/v1/mailbox/folders', text)).status;
  const waiting = ['one', 'two'].map((username) => folders('busy', body(silent.port, username)).catch(() => 0));
  try {
    const isBusy = async () => (await (await fetch(`${gateway.url}/metrics`)).text()).includes('state="busy"} 2');
    assert.ok(await eventually(isBusy));
    assert.equal(await folders('busy', body(server.port)), 429);
    assert.equal(await folders('calm', body(server.port)), 200);
  } finally {
    await silent.stop();
    await Promise.all(waiting);
    assert.equal(await folders('busy', body(server.port)), 200);
    await server.stop();
    await gateway.stop();
  }
});

test('a request that arrives too slowly is given up, whoever sends it', async () => {
  const gateway = await startGateway({ requestSeconds: 1 });
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).setEncoding('latin1');
  let answer = '';
  socket
    .on('error', () => {})
    .on('data', (text) => {
      answer += text;
    });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const head = `POST /v1/mailbox/folders HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${await gateway.issuer.token()}`;
  socket.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`);
  const drip = setInterval(() => socket.write(' '), 100);
  await closed;
  clearInterval(drip);
  assert.match(answer, /^HTTP\/1\.1 408/);
  await gateway.stop();
});

test('one installation with two hundred requests leaves places for others', async () => {
  const gateway = await startGateway({ requests: 200, allowPlaintext: true });
  const silent = await scriptedImap({ greeting: null });
  const decent = await scriptedImap({});
  let refused = 0;
  const waiting = Array.from({ length: 200 }, (_, index) =>
    gatewayMailbox(
      gateway.invoke('greedy'),
      scriptedSettings(silent.port, { username: `user${index}`, timeoutMs: 30_000 }),
      { password: 'secret' },
    )
      .folders()
      .catch((error) => {
        refused += Reflect.get(Object(error), 'code') === 'gateway-busy' ? 1 : 0;
      }),
  );
  for (let tries = 0; tries < 400 && refused < 100; tries += 1) await new Promise((resolve) => setTimeout(resolve, 25));
  assert.equal(refused, 100);
  await gatewayMailbox(gateway.invoke('calm'), scriptedSettings(decent.port), { password: 'secret' }).folders();
  await silent.stop();
  await Promise.all(waiting);
  await decent.stop();
  await gateway.stop();
});
