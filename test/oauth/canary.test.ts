import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { tokenHosts } from '../../src/domain/oauth-endpoints';
import { signIn } from '../emulator/identity/sign-in';
import { tenants } from '../emulator/identity/users';
import { type OAuthWorld, oauthWorld, startOf } from './world';

/** Everything that must not be seen, as it passed by. */
const secrets = new Set<string>();
/** Everything that can be seen. */
const seen: string[] = [];
let world: OAuthWorld;

before(async () => {
  world = await oauthWorld({
    aroundFetch: (fetch) => async (input, init) => {
      for (const [name, value] of new URLSearchParams(String(init?.body ?? ''))) {
        if (['client_secret', 'code', 'code_verifier', 'refresh_token', 'token'].includes(name)) secrets.add(value);
      }
      const response = await fetch(input, init);
      const answer: unknown = await response
        .clone()
        .json()
        .catch(() => null);
      if (typeof answer === 'object' && answer !== null) {
        for (const [name, value] of Object.entries(answer)) {
          if (['access_token', 'refresh_token', 'id_token'].includes(name)) secrets.add(String(value));
        }
      }
      return response;
    },
  });
});
after(() => world.close());

const formsOf = (secret: string) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];

/** What stands before each secret that a text shows. */
function leaksIn(text: string): string[] {
  const places = [...secrets].flatMap(formsOf).map((form) => text.indexOf(form));
  return places.filter((place) => place >= 0).map((place) => text.slice(Math.max(0, place - 200), place));
}

/** Shows what a flow ends with, as the most talkative log would write it. */
async function show(flow: Promise<unknown>): Promise<void> {
  seen.push(
    await flow.then(
      (value) => inspect(value, { depth: 20, showHidden: true }),
      (thrown) => inspect(thrown, { depth: 20, showHidden: true }),
    ),
  );
}

async function everyFlow(provider: 'google' | 'microsoft', use: 'gmail' | 'graph', address: string): Promise<void> {
  const { id, clientSecret } = await world.credential({ provider });
  secrets.add(clientSecret);
  const connectionId = crypto.randomUUID();
  const start = { ...startOf(id, { use }), connectionId };
  const { url, authorizationId } = await world.run((oauth) => oauth.begin(start));
  secrets.add(new URL(url).searchParams.get('state')?.split('.')[1] ?? '');
  const back = await signIn(world.identity, url, { address });
  await show(world.comeBack(back));
  await show(world.comeBack(back));
  await show(world.run((oauth) => oauth.outcome({ authorizationId, accountId: 'admin' })));
  await show(
    world.run((oauth) =>
      oauth.confirm({
        authorizationId,
        accountId: 'admin',
        connectionId,
        credentialId: id,
        use,
        mailbox: address,
      }),
    ),
  );
  const owner = { id: connectionId, credentialId: id, use, shared: false };
  const refused = await world.run((oauth) => oauth.accessToken(owner));
  const fail = (status: number, body: string) => world.identity.failTokenRequests({ provider, status, body, times: 1 });
  const json = { error: 'invalid_scope', error_description: 'nothing\r\nof interest' };
  for (const [status, body] of [
    [429, ''],
    [500, '{}'],
    [200, '<html>'],
    [400, JSON.stringify(json)],
  ] as const) {
    fail(status, body);
    await show(world.run((oauth) => oauth.accessToken(owner, refused)));
  }
  for (const fault of [
    { match: 'kvs/api/v1/secret/set', when: 'before', kind: 'error', times: 9 },
    { match: tokenHosts.find((host) => host.includes(provider)) ?? 'nothing', when: 'before', kind: 'error', times: 9 },
  ] as const) {
    world.forge.setFaults([fault]);
    await show(world.run((oauth) => oauth.accessToken(owner, refused)));
    world.forge.setFaults([]);
  }
  world.identity.revoke(address);
  await show(world.run((oauth) => oauth.accessToken(owner, refused)));
  await show(world.run((oauth) => oauth.forget(owner, true)));
}

test('no token, code, state, verifier or client secret is in any log, error, page or plain storage', async () => {
  await everyFlow('google', 'gmail', 'maria@gmail.example');
  await everyFlow('microsoft', 'graph', 'maria@contoso.example');
  const application = await world.credential({
    provider: 'microsoft',
    tenant: tenants.contoso.id,
    grant: 'client-credentials',
  });
  await world.run((oauth) => oauth.updateCredential({ ...application, clientSecret: 'a-wrong-secret-of-some-length' }));
  secrets.add('a-wrong-secret-of-some-length');
  await show(
    world.run((oauth) => oauth.accessToken({ id: 'a', credentialId: application.id, use: 'graph', shared: false })),
  );

  seen.push(...world.log, JSON.stringify(world.forge.storage('')));
  const everything = seen.join('\n');
  assert.ok(secrets.size > 15, `only ${secrets.size} secrets passed by`);
  assert.match(everything, /authorization-expired/);
  assert.deepEqual(leaksIn(everything), []);
  for (const secret of secrets) {
    for (const form of formsOf(secret)) assert.notDeepEqual(leaksIn(`... ${form} ...`), [], 'a leak would be found');
  }
});

test('asked no host but the token hosts that the manifest lists', () => {
  const asked = Object.keys(world.forge.usage().egress);
  assert.deepEqual(
    asked.filter((host) => !tokenHosts.includes(host)),
    [],
  );
  assert.deepEqual(asked.sort(), ['login.microsoftonline.com', 'oauth2.googleapis.com']);
});
