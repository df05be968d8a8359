import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { signIn } from '../emulator/identity/sign-in';
import { type OAuthWorld, oauthWorld, startOf } from '../oauth/world';

/**
 * Security list, point 11: PKCE with S256; a state of 256 bits, for one use, ten minutes, one account and one connection; the
 * public callback tells nothing; the mailbox that was connected is shown and confirmed. Every rule by itself, with what it
 * must let through: test/oauth/authorization.test.ts.
 */

let world: OAuthWorld;
before(async () => {
  world = await oauthWorld();
});
after(() => world.close());

const address = 'maria@contoso.example';
async function begin(connectionId: string | null = null) {
  const { id } = await world.credential({ provider: 'microsoft' });
  const begun = await world.run((oauth) => oauth.begin(startOf(id, { connectionId })));
  return { ...begun, credentialId: id, back: await signIn(world.identity, begun.url, { address }) };
}

test('each sign-in has a state and a verifier of its own, of 256 bits', async () => {
  const { id } = await world.credential({ provider: 'microsoft' });
  const seen = new Set<string>();
  for (let count = 0; count < 5; count += 1) {
    const { url } = await world.run((oauth) => oauth.begin(startOf(id)));
    const query = new URL(url).searchParams;
    assert.equal(query.get('code_challenge_method'), 'S256');
    const secret = query.get('state')?.split('.')[1] ?? '';
    assert.equal(Buffer.from(secret, 'base64url').byteLength, 32);
    assert.equal(Buffer.from(query.get('code_challenge') ?? '', 'base64url').byteLength, 32);
    seen.add(secret).add(query.get('code_challenge') ?? '');
  }
  assert.equal(seen.size, 10);
});

test('the public callback answers alike, whatever is wrong, and names nobody', async () => {
  const { back } = await begin();
  const changed = (change: (url: URL) => void) => {
    const url = new URL(back);
    change(url);
    return url;
  };
  const answers = new Set<string>();
  for (const url of [
    changed((one) => {
      one.search = '';
    }),
    changed((one) => one.searchParams.set('state', 'x')),
    changed((one) => one.searchParams.set('state', `${crypto.randomUUID()}.${'A'.repeat(43)}`)),
    changed((one) => one.searchParams.set('code', 'of-somebody-else')),
  ]) {
    answers.add(await world.comeBack(url));
  }
  assert.equal(answers.size, 1, [...answers].join('\n'));
  assert.doesNotMatch([...answers].join(), /state|code|maria|contoso|credential|expired/i);
});

test('what another account, another connection or another mailbox is given for is not confirmed', async () => {
  const connectionId = crypto.randomUUID();
  const { authorizationId, credentialId, back } = await begin(connectionId);
  await world.comeBack(back);
  const confirm = (change: Record<string, string>) =>
    world.run((oauth) =>
      oauth.confirm({
        authorizationId,
        accountId: 'admin',
        connectionId,
        credentialId,
        use: 'graph',
        mailbox: address,
        ...change,
      }),
    );
  await assert.rejects(confirm({ accountId: 'agent' }));
  await assert.rejects(confirm({ connectionId: crypto.randomUUID() }));
  await assert.rejects(confirm({ credentialId: crypto.randomUUID() }));
  await assert.rejects(confirm({ mailbox: 'somebody@contoso.example' }));
  await confirm({});
  await assert.rejects(confirm({}), 'a second time');
});

test('a sign-in that took longer than ten minutes is refused, and one within them is not', async () => {
  const slow = await begin();
  const quick = await begin();
  // The emulated provider keeps real time, and its tokens are not to look old.
  await world.forge.advance(4 * 60);
  assert.match(await world.comeBack(quick.back), /^200 /);
  await world.forge.advance(6 * 60 + 1);
  assert.match(await world.comeBack(slow.back), /^400 /);
});
