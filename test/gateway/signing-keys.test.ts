import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, mock, test } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { invocationVerifier, TokenRefused } from '../../src/gateway/invocation-token';
import { signingKeys } from '../../src/gateway/signing-keys';

/** What the gateway trusts while the server of the keys is away, on a clock that the tests move. */
const minute = 60_000;
const hour = 60 * minute;
const audience = 'ari:cloud:ecosystem::app/one';
const issuer = 'forge/invocation-token';

let published: JWK[] = [];
let isDown = false;
let fetches = 0;
const server = createServer((_request, response) => {
  fetches += 1;
  if (isDown) response.writeHead(500).end();
  else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
});

let old: CryptoKey;
let fresh: CryptoKey;
let keys: JWK[];
before(async () => {
  const pairs = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  keys = await Promise.all(
    pairs.map(async ({ publicKey }, at) => ({ ...(await exportJWK(publicKey)), kid: `key${at}`, alg: 'RS256' })),
  );
  [old, fresh] = [pairs[0].privateKey, pairs[1].privateKey];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mock.timers.enable({ apis: ['Date'], now: Date.UTC(2031, 4, 1) });
});
after(async () => {
  mock.timers.reset();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  published = keys.slice(0, 1);
  isDown = false;
  fetches = 0;
});

const urlOf = () => {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
};

/** The status for a token that was signed just now, by one of the keys. */
function gateway() {
  const failures: unknown[] = [];
  const trusted = signingKeys(urlOf(), (failure) => failures.push(failure));
  const verify = invocationVerifier({ issuer, audience }, trusted);
  const status = async (kid = 'key0') => {
    const token = await new SignJWT({ app: { installationId: 'one' } })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime('25s')
      .sign(kid === 'key0' ? old : fresh);
    return verify(`Bearer ${token}`).then(
      () => 200,
      (error: unknown) => (error instanceof TokenRefused ? error.status : Promise.reject(error)),
    );
  };
  return { status, trusted, failures };
}

test('known keys are trusted for a day while their server is away, and then no more', async () => {
  const { status, failures } = gateway();
  assert.equal(await status(), 200);
  isDown = true;
  for (let hours = 1; hours <= 23; hours += 1) {
    mock.timers.tick(hour);
    assert.equal(await status(), 200, `after ${hours} hours`);
  }
  assert.ok(failures.length > 0 && failures.every((failure) => failure !== null));
  mock.timers.tick(hour + minute);
  assert.equal(await status(), 503);
  isDown = false;
  assert.equal(await status(), 200);
});

test('while their server is away it is asked once a minute, however many requests come', async () => {
  const { status } = gateway();
  await status();
  isDown = true;
  mock.timers.tick(11 * minute);
  fetches = 0;
  for (let requests = 0; requests < 10; requests += 1) await status();
  assert.equal(fetches, 1);
});

test('a key that is not published any more is refused ten minutes later', async () => {
  const { status } = gateway();
  assert.equal(await status(), 200);
  published = keys.slice(1);
  mock.timers.tick(9 * minute);
  assert.equal(await status(), 200);
  mock.timers.tick(2 * minute);
  assert.equal(await status(), 401);
  assert.equal(await status('key1'), 200);
});

test('a new key is fetched at once; while that is not possible, the gateway says that it is its own trouble', async () => {
  const { status } = gateway();
  await status();
  mock.timers.tick(minute);
  isDown = true;
  assert.equal(await status('key1'), 503);
  assert.equal(await status(), 200);
  isDown = false;
  published = keys;
  assert.equal(await status('key1'), 200);
});

test('is ready once it has keys, which it fetches without a request', async () => {
  const { trusted } = gateway();
  isDown = true;
  assert.equal(trusted.areKnown(), false);
  await until(() => fetches > 0);
  isDown = false;
  await until(() => trusted.areKnown());
  isDown = true;
  mock.timers.tick(hour);
  assert.equal(trusted.areKnown(), true);
});

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    assert.ok(tries < 1_000, 'it never came');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
