import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type Identity, startIdentity } from './identity';
import { signIn } from './sign-in';
import { tenants } from './users';

let identity: Identity;
before(async () => {
  identity = await startIdentity();
});
after(() => identity.close());

const redirectUri = 'https://letterbox.example/callback';
const providers = {
  google: {
    authorize: 'https://accounts.google.com/o/oauth2/v2/auth',
    token: 'https://oauth2.googleapis.com/token',
    scope: 'openid email https://www.googleapis.com/auth/gmail.modify',
    extra: { access_type: 'offline', prompt: 'consent' },
    address: 'support@gmail.example',
  },
  microsoft: {
    authorize: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    token: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    scope: 'openid profile email offline_access https://outlook.office.com/IMAP.AccessAsUser.All',
    extra: {},
    address: 'support@contoso.example',
  },
} as const;
type Name = keyof typeof providers;

interface Begun {
  name: Name;
  client: { clientId: string; clientSecret: string };
  verifier: string;
  code: string;
}

function authorizationUrl(
  name: Name,
  clientId: string,
  change: Record<string, string> = {},
): { url: string; verifier: string } {
  const { authorize, scope, extra } = providers[name];
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state: 'a state',
    scope,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...extra,
    ...change,
  });
  return { url: `${authorize}?${query}`, verifier };
}

async function begin(name: Name, change: Record<string, string> = {}): Promise<Begun> {
  const client = await identity.registerClient({ provider: name, redirectUris: [redirectUri] });
  const { url, verifier } = authorizationUrl(name, client.clientId, change);
  const back = await signIn(identity, url, { address: providers[name].address });
  assert.equal(back.searchParams.get('state'), 'a state');
  return { name, client, verifier, code: back.searchParams.get('code') ?? '' };
}

async function post(name: Name, form: Record<string, string>, token: string = providers[name].token) {
  const response = await fetch(identity.localUrl(token), { method: 'POST', body: new URLSearchParams(form) });
  const body: Record<string, unknown> = await response.json();
  return { status: response.status, body };
}

const redeem = ({ name, client, verifier, code }: Begun, change: Record<string, string> = {}) =>
  post(name, {
    grant_type: 'authorization_code',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    redirect_uri: redirectUri,
    code,
    code_verifier: verifier,
    ...change,
  });

const renew = ({ name, client }: Begun, refreshToken: unknown) =>
  post(name, {
    grant_type: 'refresh_token',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    refresh_token: String(refreshToken),
  });

for (const name of ['google', 'microsoft'] as const) {
  test(`${name}: gives tokens for a code, and new ones for the refresh token`, async () => {
    const begun = await begin(name);
    const { status, body } = await redeem(begun);
    assert.equal(status, 200);
    const facts = await identity.inspect(String(body.access_token));
    assert.equal(facts?.user?.address, providers[name].address);
    const renewed = await renew(begun, body.refresh_token);
    assert.equal(renewed.status, 200);
    assert.notEqual(renewed.body.access_token, body.access_token);
    assert.equal(name === 'microsoft', typeof renewed.body.refresh_token === 'string');
  });

  test(`${name}: refuses a code a second time, and ends what it gave for it`, async () => {
    const begun = await begin(name);
    const { body } = await redeem(begun);
    const again = await redeem(begun);
    assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant']);
    assert.equal(await identity.inspect(String(body.access_token)), null);
  });

  test(`${name}: refuses a wrong verifier, secret or redirect address with a code`, async () => {
    for (const [change, error] of [
      [{ code_verifier: randomBytes(32).toString('base64url') }, 'invalid_grant'],
      [{ client_secret: 'wrong' }, 'invalid_client'],
      [{ redirect_uri: 'https://letterbox.example/other' }, 'invalid_grant'],
      [{ code: 'wrong' }, 'invalid_grant'],
    ] as const) {
      const begun = await begin(name);
      const { status, body } = await redeem(begun, change);
      assert.equal(body.error, error, JSON.stringify(change));
      assert.equal(status, error === 'invalid_client' ? 401 : 400);
      assert.equal((await redeem(begun)).status, 200, 'the right one still works');
    }
  });

  test(`${name}: shows no sign-in page for a wrong client, redirect address or scope`, async () => {
    const { clientId } = await identity.registerClient({ provider: name, redirectUris: [redirectUri] });
    const choice = { address: providers[name].address };
    for (const change of [
      { client_id: 'nobody' },
      { redirect_uri: 'https://evil.example/' },
      { scope: 'openid everything' },
    ]) {
      const { url } = authorizationUrl(name, clientId, change);
      await assert.rejects(signIn(identity, url, choice), /answered 400/, JSON.stringify(change));
    }
    await signIn(identity, authorizationUrl(name, clientId).url, choice);
  });

  test(`${name}: tells the application that the person cancelled`, async () => {
    const { clientId } = await identity.registerClient({ provider: name, redirectUris: [redirectUri] });
    const back = await signIn(identity, authorizationUrl(name, clientId).url, {
      address: providers[name].address,
      cancel: true,
    });
    assert.deepEqual([back.searchParams.get('error'), back.searchParams.get('code')], ['access_denied', null]);
  });

  test(`${name}: refuses what was revoked, and only that`, async () => {
    const begun = await begin(name);
    const { body } = await redeem(begun);
    identity.expireAccessTokens(providers[name].address);
    assert.equal(await identity.inspect(String(body.access_token)), null);
    assert.equal((await renew(begun, body.refresh_token)).status, 200);
    identity.revoke(providers[name].address);
    assert.equal((await renew(begun, body.refresh_token)).body.error, 'invalid_grant');
  });

  test(`${name}: a strict provider revokes everything when a refresh token comes twice`, async () => {
    const before = { ...identity.behaviour[name] };
    Object.assign(identity.behaviour[name], { isStrict: true, rotates: true });
    try {
      const begun = await begin(name);
      const { body } = await redeem(begun);
      const second = await renew(begun, body.refresh_token);
      assert.equal(second.status, 200);
      assert.equal((await renew(begun, body.refresh_token)).body.error, 'invalid_grant');
      assert.equal((await renew(begun, second.body.refresh_token)).body.error, 'invalid_grant');
    } finally {
      Object.assign(identity.behaviour[name], before);
    }
  });
}

test('google: gives a refresh token only for offline access with consent', async () => {
  for (const [change, has] of [
    [{ access_type: 'online' }, false],
    [{ prompt: 'select_account' }, false],
    [{ prompt: 'consent select_account' }, true],
  ] as const) {
    const { body } = await redeem(await begin('google', change));
    assert.equal('refresh_token' in body, has, JSON.stringify(change));
    assert.ok(!String(body.scope).includes('offline_access'));
  }
});

test('google: revokes a token for whoever holds it', async () => {
  const begun = await begin('google');
  const { body } = await redeem(begun);
  const revoked = await post('google', { token: String(body.refresh_token) }, 'https://oauth2.googleapis.com/revoke');
  assert.deepEqual(revoked, { status: 200, body: {} });
  assert.equal((await renew(begun, body.refresh_token)).body.error_description, 'Token has been expired or revoked.');
  assert.equal((await post('google', { token: 'nothing' }, 'https://oauth2.googleapis.com/revoke')).status, 400);
});

test('microsoft: names tenant and account in a signed id token', async () => {
  const { body } = await redeem(await begin('microsoft'));
  const keys = createRemoteJWKSet(
    new URL(identity.localUrl('https://login.microsoftonline.com/common/discovery/v2.0/keys')),
  );
  const { payload } = await jwtVerify(String(body.id_token), keys, {
    issuer: `https://login.microsoftonline.com/${tenants.contoso.id}/v2.0`,
  });
  assert.deepEqual([payload.tid, payload.preferred_username], [tenants.contoso.id, 'support@contoso.example']);
  const info: unknown = JSON.parse(Buffer.from(String(body.client_info), 'base64url').toString());
  assert.deepEqual(info, { uid: payload.oid, utid: payload.tid });
});

test('microsoft: signs in only accounts of the tenant, and knows no other tenants', async () => {
  const { clientId } = await identity.registerClient({ provider: 'microsoft', redirectUris: [redirectUri] });
  const { url } = authorizationUrl('microsoft', clientId);
  const at = (tenant: string, address: string) => signIn(identity, url.replace('/common/', `/${tenant}/`), { address });
  await at(tenants.contoso.domain, 'maria@contoso.example');
  await at('common', 'sam@outlook.example');
  await assert.rejects(at(tenants.contoso.id, 'lee@fabrikam.example'), /does not offer/);
  await assert.rejects(at('organizations', 'sam@outlook.example'), /does not offer/);
  await assert.rejects(at('nowhere.example', 'maria@contoso.example'), /answered 400/);
});

test('microsoft: gives an application its own token in its own tenant', async () => {
  const { clientId, clientSecret } = await identity.registerClient({
    provider: 'microsoft',
    redirectUris: [redirectUri],
  });
  const ask = (tenant: string, scope: string) =>
    post(
      'microsoft',
      { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope },
      `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
    );
  const { status, body } = await ask(tenants.contoso.id, 'https://graph.microsoft.com/.default');
  assert.equal(status, 200);
  const facts = await identity.inspect(String(body.access_token));
  assert.deepEqual([facts?.user, facts?.scopes], [null, ['https://graph.microsoft.com/.default']]);
  assert.equal('refresh_token' in body, false);
  assert.equal((await ask('common', 'https://graph.microsoft.com/.default')).status, 400);
});

test('tells a mail server whose token it has, if the token is for mail', async () => {
  const imap = await redeem(await begin('microsoft'));
  const graph = await redeem(
    await begin('microsoft', { scope: 'openid offline_access https://graph.microsoft.com/Mail.ReadWrite' }),
  );
  const introspect = async (init: RequestInit, query = ''): Promise<Record<string, unknown>> =>
    (await fetch(`${identity.introspectionUrl}${query}`, init)).json();
  const token = String(imap.body.access_token);
  const answers = [
    await introspect({ method: 'POST', body: new URLSearchParams({ token }) }),
    await introspect({ headers: { authorization: `Bearer ${token}` } }),
    await introspect({}, `?token=${token}`),
  ];
  for (const answer of answers) assert.deepEqual([answer.active, answer.username], [true, 'support@contoso.example']);
  assert.deepEqual(await introspect({}, `?token=${String(graph.body.access_token)}`), { active: false });
  assert.deepEqual(await introspect({}, '?token=nothing'), { active: false });
});

test('fails on command, as often as told', async () => {
  const begun = await begin('google');
  identity.failTokenRequests({
    provider: 'google',
    status: 429,
    headers: { 'retry-after': '3' },
    body: '{}',
    times: 1,
  });
  const { status } = await redeem(begun);
  assert.equal(status, 429);
  assert.equal((await redeem(begun)).status, 200);
});

test('keeps clients, grants and refresh tokens over a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'letterbox-identity-'));
  const file = join(folder, 'identity.journal');
  const outer = identity;
  try {
    identity = await startIdentity({ file });
    const begun = await begin('microsoft');
    const { body } = await redeem(begun);
    await identity.close();
    identity = await startIdentity({ file });
    assert.equal((await renew(begun, body.refresh_token)).status, 200);
    await identity.close();
  } finally {
    identity = outer;
    await rm(folder, { recursive: true, force: true });
  }
});
