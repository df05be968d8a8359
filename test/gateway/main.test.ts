import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { mailboxSettingsOf } from '../../src/mail/wire';
import { addressOf, callProgram, localSettings, startProgram } from '../support/gateway-program';
import { startTokenIssuer } from '../support/invocation-tokens';
import { scriptedImap, scriptedSettings } from '../support/scripted-imap';

test('--help tells every setting', async () => {
  const { said, ended } = startProgram({}, { args: ['--help'] });
  assert.equal(await ended, 0);
  assert.match(said.out, /GATEWAY_AUDIENCE/);
});

test('without its settings it names what is missing, and ends', async () => {
  const { said, ended } = startProgram({ PORT: 'x' });
  assert.equal(await ended, 1);
  assert.match(said.error, /GATEWAY_AUDIENCE is required/);
  assert.match(said.error, /PORT must be/);
});

test('where it cannot listen it says why and what to do, and ends', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = String(typeof address === 'object' ? address?.port : 0);
  const settings = localSettings({ audience: 'ari:cloud:ecosystem::app/one', jwksUrl: 'http://127.0.0.1:1/' });
  const starts = [
    [{ ...settings, PORT: port }, new RegExp(`Another program listens on port ${port} .* set PORT`)],
    // An address for documentation, which no machine has (RFC 5737).
    [{ ...settings, HOST: '203.0.113.9' }, /203\.0\.113\.9 is no address of this machine. Set HOST/],
  ] as const;
  try {
    for (const [given, reason] of starts) {
      const { said, ended, child } = startProgram(given);
      const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
      assert.equal(await ended, 1);
      clearTimeout(timer);
      assert.match(said.error, reason);
    }
  } finally {
    other.close();
  }
});

test('an argument that is no option is named, since settings are variables', async () => {
  const { said, ended } = startProgram(
    localSettings({ audience: 'ari:cloud:ecosystem::app/one', jwksUrl: 'http://127.0.0.1:1/' }),
    { args: ['--port'] },
  );
  assert.equal(await ended, 1);
  assert.match(said.error, /--port is no option/);
});

test('SIGTERM cuts no request on the connections that clients have open: each learns with an answer that it was the last', async () => {
  const issuer = await startTokenIssuer();
  const server = await scriptedImap({});
  const gateway = startProgram(localSettings(issuer));
  let answers = 0;
  try {
    const url = await addressOf(gateway);
    const authorization = `Bearer ${await issuer.token()}`;
    const headers = { 'content-type': 'application/json', authorization };
    const ask = (agent: Agent, username: string) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const settings = mailboxSettingsOf(scriptedSettings(server.port, { username }));
        const body = JSON.stringify({ settings, credentials: { password: 'secret' }, position: '7:0', limit: 10 });
        request(`${url}/v1/mailbox/list`, { method: 'POST', agent, headers }, (response) => {
          response.resume().once('end', () => resolve(response));
        })
          .once('error', reject)
          .end(body);
      });
    const askUntilTheLast = async (user: number) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let isLast = false; !isLast; answers += 1) {
        const { statusCode, headers } = await ask(agent, `user${user}`);
        assert.equal(statusCode, 200);
        isLast = headers.connection === 'close';
      }
    };
    const asking = Promise.all(Array.from({ length: 20 }, (_, user) => askUntilTheLast(user)));
    while (answers < 100) await Promise.race([asking, new Promise((resolve) => setTimeout(resolve, 20))]);
    gateway.child.kill('SIGTERM');
    await asking;
    assert.equal(await gateway.ended, 0);
  } finally {
    gateway.child.kill('SIGKILL');
    await server.stop();
    await issuer.stop();
  }
});

test('after SIGTERM it takes new requests for a while, and tells balancers that it is not ready', async () => {
  const issuer = await startTokenIssuer();
  const server = await scriptedImap({});
  const gateway = startProgram({ ...localSettings(issuer), GATEWAY_SHUTDOWN_DELAY_SECONDS: '600' });
  try {
    const url = await addressOf(gateway);
    const statusOf = async (path: string) => (await fetch(`${url}${path}`)).status;
    while ((await statusOf('/readyz')) !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
    gateway.child.kill('SIGTERM');
    while (!gateway.said.out.includes('closing')) await once(gateway.child.stdout, 'data');
    // Longer than clients are waited for that have a connection open.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.deepEqual([await statusOf('/readyz'), await statusOf('/healthz')], [503, 200]);
    const mailbox = gatewayMailbox(callProgram(url, issuer), scriptedSettings(server.port), { password: 'secret' });
    assert.deepEqual((await mailbox.list('7:0', 10)).arrivals, []);
  } finally {
    gateway.child.kill('SIGKILL');
    await server.stop();
    await issuer.stop();
  }
});

test('after SIGTERM it finishes the request at work, says goodbye to the mail server, and ends', async () => {
  const issuer = await startTokenIssuer();
  let answer: (() => void) | undefined;
  const server = await scriptedImap({
    on: {
      'uid fetch': (tag, _args, socket) => {
        answer = () => void socket.write(`${tag} OK done\r\n`);
        return undefined;
      },
    },
  });
  const gateway = startProgram(localSettings(issuer));
  try {
    const url = await addressOf(gateway);
    const settings = scriptedSettings(server.port, { timeoutMs: 30_000 });
    const listing = gatewayMailbox(callProgram(url, issuer), settings, { password: 'secret' }).list(null, 10);
    listing.catch(() => {});
    while (answer === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    gateway.child.kill('SIGTERM');
    while (!gateway.said.out.includes('closing')) await once(gateway.child.stdout, 'data');
    answer();
    assert.deepEqual((await listing).arrivals, []);
    assert.equal(await gateway.ended, 0);
    assert.ok(server.commands.includes('LOGOUT'));
  } finally {
    gateway.child.kill('SIGKILL');
    await server.stop();
    await issuer.stop();
  }
});
