import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { TokenOwner } from '../../src/domain/oauth-ports';
import { tokenCacheStore } from '../../src/store/token-caches';
import { tenants } from '../emulator/identity/users';
import { type OAuthWorld, oauthWorld, startOf } from './world';

let world: OAuthWorld;
before(async () => {
  world = await oauthWorld();
});
after(() => world.close());
afterEach(() => {
  world.forge.setFaults([]);
  for (const behaviour of Object.values(world.identity.behaviour)) {
    Object.assign(behaviour, { accessTokenSeconds: 3_599, isStrict: false });
  }
});

const isCode = (code: string) => (thrown: unknown) => thrown instanceof AppError && thrown.code === code;
const token = (owner: TokenOwner, rejected?: string) => world.run((oauth) => oauth.accessToken(owner, rejected));
const requests = () => world.identity.tokenRequests.length;
const stored = (slot: string) => world.forge.run(() => tokenCacheStore().get(slot));

const both = [
  { provider: 'google', use: 'gmail', address: 'maria@gmail.example' },
  { provider: 'microsoft', use: 'graph', address: 'maria@contoso.example' },
] as const;
type One = (typeof both)[number];

async function connected({ provider, use, address }: One): Promise<TokenOwner> {
  const { id } = await world.credential({ provider });
  return world.connect({ ...startOf(id, { use }), connectionId: crypto.randomUUID() }, { address });
}

for (const one of both) {
  test(`${one.provider}: gives the stored token without asking anybody while it is good`, async () => {
    const owner = await connected(one);
    const before = requests();
    const first = await token(owner);
    const { reads, writes } = world.forge.usage().kvs;
    assert.equal(await token(owner), first);
    assert.equal(requests(), before);
    const after = world.forge.usage().kvs;
    assert.deepEqual([after.reads - reads, after.writes - writes], [3, 0], 'credential, client secret, tokens');
    assert.equal((await world.identity.inspect(first))?.user?.address, one.address);
  });

  test(`${one.provider}: renews a token that ended`, async () => {
    world.identity.behaviour[one.provider].accessTokenSeconds = 60;
    const owner = await connected(one);
    const before = requests();
    const first = await token(owner);
    assert.notEqual(await token(owner), first);
    assert.equal(requests(), before + 2);
  });

  test(`${one.provider}: renews a token that the mail provider refused, once`, async () => {
    const owner = await connected(one);
    const refused = await token(owner);
    world.identity.expireAccessTokens(one.address);
    const before = requests();
    const fresh = await token(owner, refused);
    assert.notEqual(fresh, refused);
    assert.equal(await token(owner, refused), fresh);
    assert.equal(requests(), before + 1);
    assert.notEqual(await world.identity.inspect(fresh), null);
  });

  test(`${one.provider}: two runs and more renew once, although the refresh token is good for one use`, async () => {
    Object.assign(world.identity.behaviour[one.provider], { isStrict: true, rotates: true });
    const owner = await connected(one);
    const refused = await token(owner);
    for (let round = 0, last = refused; round < 3; round += 1) {
      const before = requests();
      const fresh = await Promise.all(Array.from({ length: 5 }, () => token(owner, last)));
      assert.equal(new Set(fresh).size, 1);
      assert.equal(requests(), before + 1);
      last = fresh[0] ?? '';
    }
    Object.assign(world.identity.behaviour[one.provider], { rotates: one.provider === 'microsoft' });
  });

  test(`${one.provider}: stores what was renewed before anybody may use it`, async () => {
    const owner = await connected(one);
    const refused = await token(owner);
    const fresh = await token(owner, refused);
    assert.ok((await stored(owner.id))?.includes(fresh));
  });

  test(`${one.provider}: does not use a renewed token that could not be stored`, async () => {
    const owner = await connected(one);
    const refused = await token(owner);
    const before = await stored(owner.id);
    world.forge.setFaults([{ match: 'kvs/api/v1/secret/set', when: 'before', kind: 'error', times: 100 }]);
    await assert.rejects(token(owner, refused), isCode('tokens-not-stored'));
    assert.equal(await stored(owner.id), before);
    world.forge.setFaults([]);
    assert.notEqual(await token(owner, refused), refused);
  });

  test(`${one.provider}: a store that fails for a moment does not cost a refresh token`, async () => {
    Object.assign(world.identity.behaviour[one.provider], { isStrict: true });
    const owner = await connected(one);
    const refused = await token(owner);
    world.forge.setFaults([{ match: 'kvs/api/v1/secret/set', when: 'before', kind: 'error', times: 2 }]);
    const fresh = await token(owner, refused);
    assert.notEqual(await token(owner, fresh), fresh);
  });

  test(`${one.provider}: takes over from a run that died while it renewed`, async () => {
    const owner = await connected(one);
    const refused = await token(owner);
    const host = one.provider === 'google' ? 'oauth2.googleapis.com' : 'login.microsoftonline.com';
    world.forge.setFaults([{ match: host, when: 'before', kind: 'kill', times: 1 }]);
    await assert.rejects(token(owner, refused));
    assert.notEqual(await token(owner, refused), refused);
  });

  test(`${one.provider}: says what to do when the authorization has ended`, async () => {
    const owner = await connected(one);
    const refused = await token(owner);
    world.identity.revoke(one.address);
    await assert.rejects(token(owner, refused), (thrown) => {
      assert.ok(thrown instanceof AppError);
      assert.deepEqual([thrown.code, thrown.kind], ['authorization-expired', 'access']);
      assert.match(thrown.message, /Authorize the connection again/);
      return true;
    });
  });

  const passing: [string, { status: number; headers?: Record<string, string>; body: string }, number | undefined][] = [
    [
      '429 with Retry-After in seconds',
      { status: 429, headers: { 'retry-after': '7' }, body: '{"error":"slow_down"}' },
      7_000,
    ],
    ['429 without Retry-After', { status: 429, body: '' }, undefined],
    ['503 with a Retry-After of a year', { status: 503, headers: { 'retry-after': '31536000' }, body: '' }, 86_400_000],
    ['500', { status: 500, body: '{"error":"invalid_grant"}' }, undefined],
    ['504 with a page', { status: 504, body: '<html>' }, undefined],
    ['a page with 200', { status: 200, body: '<html><body>Sign in to the hotel network</body></html>' }, undefined],
    [
      'a cut answer with 200',
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{"access_token":"abc' },
      undefined,
    ],
    [
      'an answer without a token',
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{"expires_in":3600}' },
      undefined,
    ],
    [
      '403 without an error of OAuth2',
      { status: 403, headers: { 'content-type': 'application/json' }, body: '{"message":"Forbidden"}' },
      undefined,
    ],
    ['a page with 403', { status: 403, body: '<html>proxy</html>' }, undefined],
  ];
  for (const [name, answer, retryAfterMs] of passing) {
    test(`${one.provider}: ${name} passes by itself, and is asked for once`, async () => {
      const owner = await connected(one);
      const refused = await token(owner);
      const before = requests();
      world.identity.failTokenRequests({ provider: one.provider, ...answer, times: 1 });
      await assert.rejects(token(owner, refused), (thrown) => {
        assert.ok(thrown instanceof AppError);
        assert.deepEqual(
          [thrown.code, thrown.kind, thrown.retryAfterMs],
          ['token-endpoint-busy', 'transient', retryAfterMs],
        );
        return true;
      });
      assert.equal(requests(), before + 1);
      assert.notEqual(await token(owner, refused), refused);
    });
  }

  test(`${one.provider}: keeps to a Retry-After that is a date`, async () => {
    const owner = await connected(one);
    const refused = await token(owner);
    const date = new Date(world.clock.now() + 90_000).toUTCString();
    world.identity.failTokenRequests({
      provider: one.provider,
      status: 429,
      headers: { 'retry-after': date },
      body: '',
      times: 1,
    });
    await assert.rejects(token(owner, refused), (thrown) => {
      const wait = thrown instanceof AppError ? thrown.retryAfterMs : undefined;
      assert.ok(wait !== undefined && wait > 30_000 && wait <= 90_000, String(wait));
      return true;
    });
  });

  test(`${one.provider}: an unreachable provider is no reason to suspend`, async () => {
    const owner = await connected(one);
    const refused = await token(owner);
    const host = one.provider === 'google' ? 'oauth2.googleapis.com' : 'login.microsoftonline.com';
    world.forge.setFaults([{ match: host, when: 'before', kind: 'timeout', times: 1 }]);
    await assert.rejects(token(owner, refused), (thrown) => thrown instanceof AppError && thrown.kind === 'transient');
    assert.notEqual(await token(owner, refused), refused);
  });

  test(`${one.provider}: asks for a new authorization when the client id was changed`, async () => {
    const owner = await connected(one);
    const other = await world.credential({ provider: one.provider });
    await assert.rejects(token({ ...owner, id: 'nobody' }), isCode('authorization-missing'));
    await assert.rejects(token({ ...owner, credentialId: 'none' }), isCode('credential-missing'));
    const refused = await token(owner);
    await assert.rejects(
      token({ ...owner, credentialId: other.id }, refused),
      (thrown) => thrown instanceof AppError && thrown.kind === 'access',
    );
  });
}

test('an application gets one token for all connections that use its credential', async () => {
  const { id } = await world.credential({
    provider: 'microsoft',
    tenant: tenants.contoso.domain,
    grant: 'client-credentials',
  });
  const owner = (connection: string): TokenOwner => ({ id: connection, credentialId: id, use: 'graph', shared: false });
  const before = requests();
  const first = await token(owner('a1'));
  assert.equal(await token(owner('a2')), first);
  assert.equal(requests(), before + 1);
  assert.deepEqual((await world.identity.inspect(first))?.scopes, ['https://graph.microsoft.com/.default']);
  assert.notEqual(await token(owner('a1'), first), first);
  assert.notEqual(await token({ ...owner('a1'), use: 'imap' }), first);
});

test('an application whose secret has expired is told so', async () => {
  const credential = await world.credential({
    provider: 'microsoft',
    tenant: tenants.contoso.id,
    grant: 'client-credentials',
  });
  await world.run((oauth) => oauth.updateCredential({ ...credential, clientSecret: 'expired' }));
  await assert.rejects(
    token({ id: 'a3', credentialId: credential.id, use: 'graph', shared: false }),
    isCode('client-secret-refused'),
  );
});

test('takes no connection for a sign-in that is not confirmed: its tokens would be lent out, and forgotten within the hour', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const start = { ...startOf(id, { use: 'gmail' }), connectionId: 'c6' };
  const owner = await world.connect(start, { address: 'maria@gmail.example' });
  const mine = await world.run((oauth) => oauth.accessToken(owner));
  await assert.rejects(
    world.run((oauth) => oauth.accessToken({ ...owner, unconfirmed: true }, mine)),
    isCode('authorization-missing'),
  );
  await world.forge.advance(60 * 60 + 1);
  assert.ok(await world.run((oauth) => oauth.accessToken(owner, mine)));
});

test('keeps tokens that nobody confirms for an hour only, renewed or not', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { authorizationId } = await world.authorize(startOf(id, { use: 'gmail' }), { address: 'maria@gmail.example' });
  const owner = { id: authorizationId, unconfirmed: true, credentialId: id, use: 'gmail', shared: false } as const;
  const first = await world.run((oauth) => oauth.accessToken(owner));
  assert.notEqual(await world.run((oauth) => oauth.accessToken(owner, first)), first);
  await world.forge.advance(60 * 60 + 1);
  await assert.rejects(
    world.run((oauth) => oauth.accessToken(owner)),
    isCode('authorization-missing'),
  );
});
