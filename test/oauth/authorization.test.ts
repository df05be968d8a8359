import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { Confirmation } from '../../src/domain/oauth-ports';
import { signIn } from '../emulator/identity/sign-in';
import { tenants } from '../emulator/identity/users';
import { type OAuthWorld, oauthWorld, startOf } from './world';

let world: OAuthWorld;
/** Requests for one tenant reach another one instead, as if its page had let a stranger in. */
let detour: { from: string; to: string } | null = null;
before(async () => {
  world = await oauthWorld({
    aroundFetch: (fetch) => (input, init) => {
      const url = String(input);
      return fetch(detour && !url.includes('.well-known') ? url.replace(detour.from, detour.to) : url, init);
    },
  });
});
after(() => world.close());

const isCode = (code: string) => (thrown: unknown) => thrown instanceof AppError && thrown.code === code;
const outcomeOf = (authorizationId: string, accountId = 'admin') =>
  world.run((oauth) => oauth.outcome({ authorizationId, accountId }));
const meant = (credentialId: string) => ({ credentialId, use: 'gmail' }) as const;
const works = /^200 .*You can close this window/;
const fails = /^400 .*That did not work/;

test('connects a Google mailbox, and says which one', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const begun = await world.authorize(startOf(id, { use: 'gmail' }), { address: 'maria@gmail.example' });
  assert.match(begun.page, works);
  assert.deepEqual(await outcomeOf(begun.authorizationId), { state: 'connected', mailbox: 'maria@gmail.example' });
});

test('notes when access ends that a person gave Google for a limited time, once it is confirmed', async () => {
  const { id: credentialId } = await world.credential({ provider: 'google' });
  const choice = { address: 'maria@gmail.example' };
  const confirmed = async () => {
    const { authorizationId } = await world.authorize(startOf(credentialId, { use: 'gmail' }), choice);
    const meaning = { connectionId: 'limited', ...meant(credentialId), mailbox: choice.address };
    const confirmation = { authorizationId, accountId: 'admin', ...meaning };
    return world.run((oauth) => oauth.confirm(confirmation));
  };
  assert.deepEqual(await confirmed(), { accessEndsAt: 0 }, 'without a limit');
  const { google } = world.identity.behaviour;
  google.grantSeconds = 7 * 86_400;
  const before = world.clock.now();
  const { accessEndsAt } = await confirmed();
  google.grantSeconds = null;
  assert.ok(accessEndsAt >= before + 7 * 86_400_000 && accessEndsAt <= world.clock.now() + 7 * 86_400_000);
});

for (const tenant of ['common', 'organizations', tenants.contoso.id, tenants.contoso.domain]) {
  test(`connects a Microsoft mailbox of the tenant ${tenant}`, async () => {
    const { id } = await world.credential({ provider: 'microsoft', tenant });
    const begun = await world.authorize(startOf(id), { address: 'support@contoso.example' });
    assert.match(begun.page, works);
    assert.deepEqual(await outcomeOf(begun.authorizationId), {
      state: 'connected',
      mailbox: 'support@contoso.example',
    });
  });
}

test('connects a mailbox of each national cloud through its own hosts', async () => {
  for (const cloud of ['us-gcc-high', 'us-dod', 'china'] as const) {
    const { id } = await world.credential({ provider: 'microsoft', tenant: 'organizations', cloud });
    const host = cloud === 'china' ? 'login.partner.microsoftonline.cn' : 'login.microsoftonline.us';
    const before = world.forge.usage().egress[host] ?? 0;
    const { page } = await world.authorize(startOf(id, { use: 'imap' }), { address: 'maria@contoso.example' });
    assert.match(page, works);
    assert.equal(world.forge.usage().egress[host], before + 1);
  }
});

test('asks with PKCE and a state of 256 bits, and for no more than the use needs', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { url } = await world.run((oauth) =>
    oauth.begin(startOf(id, { use: 'gmail', loginHint: 'maria@gmail.example' })),
  );
  const query = new URL(url).searchParams;
  assert.equal(query.get('code_challenge_method'), 'S256');
  assert.match(query.get('code_challenge') ?? '', /^[\w-]{43}$/);
  assert.match(query.get('state') ?? '', /^[0-9a-f-]{36}\.[\w-]{43}$/);
  assert.equal(query.get('scope'), 'https://www.googleapis.com/auth/gmail.modify openid email');
  assert.equal(query.get('login_hint'), 'maria@gmail.example');
});

test('uses a state once', async () => {
  const { id } = await world.credential({ provider: 'microsoft' });
  const { url, authorizationId } = await world.run((oauth) => oauth.begin(startOf(id)));
  const back = await signIn(world.identity, url, { address: 'maria@contoso.example' });
  const pages = await Promise.all([world.comeBack(back), world.comeBack(back), world.comeBack(back)]);
  assert.deepEqual(pages.map((page) => page.slice(0, 3)).sort(), ['200', '400', '400']);
  assert.match(await world.comeBack(back), fails);
  assert.deepEqual(await outcomeOf(authorizationId), { state: 'connected', mailbox: 'maria@contoso.example' });
});

test('refuses a state that was changed, and still takes the right one', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { url, authorizationId } = await world.run((oauth) => oauth.begin(startOf(id, { use: 'gmail' })));
  const back = await signIn(world.identity, url, { address: 'maria@gmail.example' });
  const state = back.searchParams.get('state') ?? '';
  const [ownId, secret] = state.split('.');
  for (const forged of [
    '',
    'x',
    `${ownId}`,
    `${ownId}.`,
    `${ownId}.${secret}x`,
    `${ownId}.${'A'.repeat(43)}`,
    `${crypto.randomUUID()}.${secret}`,
  ]) {
    const changed = new URL(back);
    changed.searchParams.set('state', forged);
    assert.match(await world.comeBack(changed), fails, forged);
  }
  const doubled = new URL(back);
  doubled.searchParams.append('state', state);
  assert.match(await world.comeBack(doubled), fails);
  assert.deepEqual(await outcomeOf(authorizationId), { state: 'waiting' });
  assert.match(await world.comeBack(back), works);
});

test('refuses a sign-in that took longer than ten minutes', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { url, authorizationId } = await world.run((oauth) => oauth.begin(startOf(id, { use: 'gmail' })));
  const back = await signIn(world.identity, url, { address: 'maria@gmail.example' });
  await world.forge.advance(10 * 60 + 1);
  assert.match(await world.comeBack(back), fails);
  const outcome = await outcomeOf(authorizationId);
  assert.equal(outcome.state === 'failed' && outcome.code, 'sign-in-expired');
});

test('says that the person cancelled', async () => {
  for (const [provider, address] of [
    ['google', 'maria@gmail.example'],
    ['microsoft', 'maria@contoso.example'],
  ] as const) {
    const { id } = await world.credential({ provider });
    const { authorizationId, page } = await world.authorize(
      startOf(id, { use: provider === 'google' ? 'gmail' : 'graph' }),
      { address, cancel: true },
    );
    assert.match(page, fails);
    const outcome = await outcomeOf(authorizationId);
    assert.equal(outcome.state === 'failed' && outcome.code, 'authorization-denied');
  }
});

test('says which access was left out on the consent page', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { authorizationId } = await world.authorize(startOf(id, { use: 'gmail' }), {
    address: 'maria@gmail.example',
    without: ['gmail'],
  });
  const outcome = await outcomeOf(authorizationId);
  assert.equal(outcome.state, 'failed');
  assert.match(outcome.state === 'failed' ? outcome.message : '', /missing: gmail\.modify/);
});

test('says that the client secret is wrong', async () => {
  for (const [provider, address] of [
    ['google', 'maria@gmail.example'],
    ['microsoft', 'maria@contoso.example'],
  ] as const) {
    const { id, version, settings } = await world.credential({ provider });
    await world.run((oauth) => oauth.updateCredential({ id, version, settings, clientSecret: 'wrong' }));
    const { authorizationId } = await world.authorize(startOf(id, { use: provider === 'google' ? 'gmail' : 'graph' }), {
      address,
    });
    const outcome = await outcomeOf(authorizationId);
    assert.equal(outcome.state === 'failed' && outcome.code, 'client-secret-refused');
  }
});

for (const tenant of [tenants.contoso.id, tenants.contoso.domain, 'organizations']) {
  test(`refuses an account of another organisation than ${tenant}`, async () => {
    const { id } = await world.credential({ provider: 'microsoft', tenant });
    const { url, authorizationId } = await world.run((oauth) => oauth.begin(startOf(id)));
    const address = tenant === 'organizations' ? 'sam@outlook.example' : 'lee@fabrikam.example';
    await assert.rejects(signIn(world.identity, url, { address }), /does not offer/);
    const back = await signIn(world.identity, url.replace(`/${tenant}/`, '/common/'), { address });
    detour = { from: `/${tenant}/oauth2`, to: '/common/oauth2' };
    try {
      assert.match(await world.comeBack(back), fails);
    } finally {
      detour = null;
    }
    const outcome = await outcomeOf(authorizationId);
    assert.equal(outcome.state === 'failed' && outcome.code, 'wrong-tenant');
  });
}

test('shows and gives a sign-in to nobody but the account that began it', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { authorizationId } = await world.authorize(startOf(id, { use: 'gmail' }), { address: 'maria@gmail.example' });
  await assert.rejects(outcomeOf(authorizationId, 'agent'), isCode('authorization-unknown'));
  const confirmation = { authorizationId, connectionId: 'c1', ...meant(id), mailbox: 'maria@gmail.example' };
  await assert.rejects(
    world.run((oauth) => oauth.confirm({ ...confirmation, accountId: 'agent' })),
    isCode('authorization-unknown'),
  );
  await world.run((oauth) => oauth.confirm({ ...confirmation, accountId: 'admin' }));
});

test('confirms the mailbox and the connection that were meant, once, and within the hour', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const begin = () =>
    world.authorize(startOf(id, { use: 'gmail', connectionId: 'c2' }), { address: 'maria@gmail.example' });
  const confirm = (authorizationId: string, change: Partial<Confirmation> = {}) =>
    world.run((oauth) =>
      oauth.confirm({
        authorizationId,
        accountId: 'admin',
        connectionId: 'c2',
        ...meant(id),
        mailbox: 'maria@gmail.example',
        ...change,
      }),
    );
  const first = await begin();
  await assert.rejects(
    confirm(first.authorizationId, { mailbox: 'support@gmail.example' }),
    isCode('authorization-unconfirmed'),
  );
  for (const change of [{ connectionId: 'c3' }, { credentialId: 'another' }, { use: 'gmail-send' }] as const) {
    await assert.rejects(confirm(first.authorizationId, change), isCode('authorization-unconfirmed'));
  }
  await confirm(first.authorizationId);
  await assert.rejects(confirm(first.authorizationId), isCode('authorization-unknown'));

  const late = await begin();
  await world.forge.advance(60 * 60 + 1);
  await assert.rejects(confirm(late.authorizationId), isCode('authorization-unconfirmed'));
});

test('confirms nothing that is not complete', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const { authorizationId } = await world.run((oauth) => oauth.begin(startOf(id, { use: 'gmail' })));
  const confirmation = {
    authorizationId,
    accountId: 'admin',
    connectionId: 'c4',
    ...meant(id),
    mailbox: 'maria@gmail.example',
  };
  await assert.rejects(
    world.run((oauth) => oauth.confirm(confirmation)),
    isCode('authorization-unconfirmed'),
  );
});

test('keeps the tokens of a connection until a new sign-in is confirmed', async () => {
  const { id } = await world.credential({ provider: 'google' });
  const start = { ...startOf(id, { use: 'gmail' }), connectionId: 'c5' };
  const owner = await world.connect(start, { address: 'maria@gmail.example' });
  const old = await world.run((oauth) => oauth.accessToken(owner));
  const { authorizationId } = await world.authorize(start, { address: 'maria@gmail.example' });
  assert.equal(await world.run((oauth) => oauth.accessToken(owner)), old);
  // ... while a form that is not saved can try the new ones already.
  assert.notEqual(
    await world.run((oauth) => oauth.accessToken({ ...owner, id: authorizationId, unconfirmed: true })),
    old,
  );
  await world.run((oauth) =>
    oauth.confirm({
      ...meant(id),
      authorizationId,
      accountId: 'admin',
      connectionId: 'c5',
      mailbox: 'maria@gmail.example',
    }),
  );
  assert.notEqual(await world.run((oauth) => oauth.accessToken(owner)), old);
});

test('begins no sign-in where none is needed, nor without a credential', async () => {
  const { id } = await world.credential({
    provider: 'microsoft',
    tenant: tenants.contoso.id,
    grant: 'client-credentials',
  });
  await assert.rejects(
    world.run((oauth) => oauth.begin(startOf(id))),
    isCode('authorization-needless'),
  );
  await assert.rejects(
    world.run((oauth) => oauth.begin(startOf('none'))),
    isCode('credential-missing'),
  );
});
