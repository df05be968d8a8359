import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { TokenOwner } from '../../src/domain/oauth-ports';
import type { Mailbox } from '../../src/domain/ports';
import { gmailMailbox } from '../../src/mail/gmail/gmail-mailbox';
import { graphMailbox } from '../../src/mail/graph/graph-mailbox';
import { tokenSource } from '../../src/mail/token-source';
import { type GoogleEmulator, startGoogle } from '../emulator/google/google';
import { tenants } from '../emulator/identity/users';
import { type MicrosoftEmulator, startMicrosoft } from '../emulator/microsoft/microsoft';
import { type OAuthWorld, oauthWorld, startOf } from './world';

const gmailAddress = 'support@gmail.example';
const graphAddress = 'support@contoso.example';
let world: OAuthWorld;
let google: GoogleEmulator;
let microsoft: MicrosoftEmulator;
before(async () => {
  world = await oauthWorld({
    hosts: async (identity) => {
      google = await startGoogle({ verify: identity.verify('google') });
      microsoft = await startMicrosoft({ verify: identity.verify('microsoft') });
      return { 'gmail.googleapis.com': google.url, 'graph.microsoft.com': microsoft.url };
    },
  });
  google.deliver('Subject: to Gmail\r\n\r\nhello\r\n', { mailbox: gmailAddress });
  microsoft.deliver('Subject: to Graph\r\n\r\nhello\r\n', { mailbox: graphAddress });
});
after(async () => {
  await world.close();
  await google.close();
  await microsoft.close();
});

/** Uses a mailbox in one run of a function, with the tokens of an owner. */
function use<T>(
  owner: TokenOwner,
  fn: (mailbox: Mailbox) => Promise<T>,
  settings: { mailbox?: string; application?: boolean } = {},
): Promise<T> {
  return world.run((oauth) => {
    const deps = {
      fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) => fetch(input, init),
      now: Date.now,
      getAccessToken: tokenSource(oauth.accessToken, owner),
    };
    const { mailbox = 'me', application = false } = settings;
    return fn(
      owner.use === 'gmail'
        ? gmailMailbox({ folder: '', timeoutMs: 10_000 }, deps)
        : graphMailbox({ folder: '', mailbox, application, host: 'graph.microsoft.com', timeoutMs: 10_000 }, deps),
    );
  });
}

async function subjects(mailbox: Mailbox): Promise<string[]> {
  const { arrivals } = await mailbox.list(null, 10);
  const found: string[] = [];
  for await (const fetched of mailbox.fetch(
    arrivals.map(({ handle }) => handle),
    1_000_000,
  )) {
    if (fetched.outcome === 'raw') found.push(/Subject: (.*)\r\n/.exec(Buffer.from(fetched.raw).toString())?.[1] ?? '');
  }
  return found;
}

const isAccess = (thrown: unknown) => thrown instanceof AppError && thrown.kind === 'access';

for (const [provider, kind, address, subject] of [
  ['google', 'gmail', gmailAddress, 'to Gmail'],
  ['microsoft', 'graph', graphAddress, 'to Graph'],
] as const) {
  test(`${provider}: what was authorized reads mail, renews itself in the middle of it, and ends when it is revoked`, async () => {
    const { id } = await world.credential({ provider });
    const owner = await world.connect(
      { ...startOf(id, { use: kind }), connectionId: crypto.randomUUID() },
      { address },
    );
    assert.deepEqual(await use(owner, subjects), [subject]);

    const before = world.identity.tokenRequests.length;
    const both = await use(owner, async (mailbox) => {
      const first = await subjects(mailbox);
      world.identity.expireAccessTokens(address);
      return [...first, ...(await subjects(mailbox))];
    });
    assert.deepEqual(both, [subject, subject]);
    assert.equal(world.identity.tokenRequests.length, before + 1);

    world.identity.revoke(address);
    await assert.rejects(
      use(owner, subjects),
      (thrown) => thrown instanceof AppError && thrown.code === 'authorization-expired',
    );
  });
}

test('microsoft: an application reads the mailbox that it is told, without any sign-in', async () => {
  const { id } = await world.credential({
    provider: 'microsoft',
    tenant: tenants.contoso.id,
    grant: 'client-credentials',
  });
  const owner: TokenOwner = { id: 'application', credentialId: id, use: 'graph', shared: false };
  assert.deepEqual(await use(owner, subjects, { mailbox: graphAddress, application: true }), ['to Graph']);
});

test('microsoft: a shared mailbox needs the scope for it, and access to it', async () => {
  const shared = 'team@contoso.example';
  microsoft.deliver('Subject: to the team\r\n\r\nhello\r\n', { mailbox: shared });
  microsoft.grantFullAccess(shared, graphAddress);
  const { id } = await world.credential({ provider: 'microsoft' });
  const connect = (isShared: boolean) =>
    world.connect(
      { ...startOf(id, { shared: isShared }), connectionId: crypto.randomUUID() },
      { address: graphAddress },
    );
  assert.deepEqual(await use(await connect(true), subjects, { mailbox: shared }), ['to the team']);
  await assert.rejects(use(await connect(false), subjects, { mailbox: shared }), isAccess);
});
