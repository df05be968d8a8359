import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { test } from 'node:test';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { mailboxSettingsOf } from '../../src/mail/wire';
import { httpGateway } from '../support/gateway';
import { startTokenIssuer, type TokenIssuer } from '../support/invocation-tokens';
import { scriptedImap, scriptedSettings } from '../support/scripted-imap';

function start(environment: Record<string, string>, ...args: string[]) {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/gateway/main.ts', ...args], {
    env: { PATH, HOME, ...environment },
  });
  const said = { out: '', error: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.error += chunk;
  });
  const ended = once(child, 'close').then(([code]) => code);
  return { child, said, ended };
}

test('--help tells every setting', async () => {
  const { said, ended } = start({}, '--help');
  assert.equal(await ended, 0);
  assert.match(said.out, /GATEWAY_AUDIENCE/);
});

test('without its settings it names what is missing, and ends', async () => {
  const { said, ended } = start({ PORT: 'x' });
  assert.equal(await ended, 1);
  assert.match(said.error, /GATEWAY_AUDIENCE is required/);
  assert.match(said.error, /PORT must be/);
});

/** The settings of a gateway for local servers, as its environment. */
const local = (issuer: TokenIssuer) => ({
  PORT: '0',
  HOST: '127.0.0.1',
  GATEWAY_AUDIENCE: issuer.audience,
  GATEWAY_JWKS_URL: issuer.jwksUrl,
  GATEWAY_ALLOW_PRIVATE: '1',
  GATEWAY_ALLOW_PLAINTEXT: '1',
  GATEWAY_PORTS: '*',
});

/** Where it listens, once it does. */
async function addressOf({ child, said, ended }: ReturnType<typeof start>): Promise<string> {
  const address = /http:\/\/127\.0\.0\.1:\d+/;
  while (!address.test(said.out)) await Promise.race([once(child.stdout, 'data'), ended]);
  return address.exec(said.out)?.[0] ?? '';
}

test('SIGTERM cuts no request on the connections that clients have open: each learns with an answer that it was the last', async () => {
  const issuer = await startTokenIssuer();
  const server = await scriptedImap({});
  const gateway = start(local(issuer));
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
  const gateway = start(local(issuer));
  try {
    const url = await addressOf(gateway);
    const settings = scriptedSettings(server.port, { timeoutMs: 30_000 });
    const listing = gatewayMailbox(
      httpGateway(url, () => issuer.token()),
      settings,
      { password: 'secret' },
    ).list(null, 10);
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
