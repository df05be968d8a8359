import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { httpGateway } from '../support/gateway';
import { startTokenIssuer } from '../support/invocation-tokens';
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
  const gateway = start({
    PORT: '0',
    HOST: '127.0.0.1',
    GATEWAY_AUDIENCE: issuer.audience,
    GATEWAY_JWKS_URL: issuer.jwksUrl,
    GATEWAY_ALLOW_PRIVATE: '1',
    GATEWAY_ALLOW_PLAINTEXT: '1',
    GATEWAY_PORTS: '*',
  });
  try {
    const address = /http:\/\/127\.0\.0\.1:\d+/;
    while (!address.test(gateway.said.out)) await Promise.race([once(gateway.child.stdout, 'data'), gateway.ended]);
    const url = address.exec(gateway.said.out)?.[0] ?? '';
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
