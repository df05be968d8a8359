import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type SecretWorld, secretWorld } from './secret-world';

let w: SecretWorld;
let credentialId = '';
before(async () => {
  w = await secretWorld();
  credentialId = (await w.app.call('credentials.create', { settings: w.client('1-x'), clientSecret: 'of 1-x' })).id;
});
after(() => w.forge.close());

const withPassword = (user: string) =>
  w.app.call('connections.create', { settings: w.imap(user), password: `of ${user}` });
const withSignIn = async (user: string) =>
  w.app.call('connections.create', {
    settings: w.google(user, credentialId),
    ...(await w.signIn(user, credentialId)),
  });
const sender = (user: string) => w.app.call('outgoing.create', { settings: w.smtp(user), password: `of ${user}` });

/** What administrators do: prepared whole, then broken at each of its calls. */
const changes: Record<string, () => Promise<() => Promise<unknown>>> = {
  'a connection is made': async () => {
    const settings = w.imap('ada');
    return () => w.app.send('connections.create', { settings, password: 'of ada' });
  },
  'its password is edited': async () => {
    const { id, version, settings } = await withPassword('ada');
    const edited = { ...settings, username: 'ben' } as never;
    return () => w.app.send('connections.update', { id, version, settings: edited, password: 'of ben' });
  },
  'its settings are edited': async () => {
    const { id, version, settings } = await withPassword('ada');
    return () => w.app.send('connections.update', { id, version, settings: { ...settings, intervalMinutes: 7 } });
  },
  'it is copied': async () => {
    const { id } = await withPassword('ada');
    return () => w.app.send('connections.duplicate', { id });
  },
  'it is deleted': async () => {
    const { id, version } = await withPassword('ada');
    return () => w.app.send('connections.delete', { id, version });
  },
  'a connection is made with a sign-in': async () => {
    const payload = { settings: w.google('maria', credentialId), ...(await w.signIn('maria', credentialId)) };
    return () => w.app.send('connections.create', payload);
  },
  'it signs in as somebody else': async () => {
    const { id, version, settings } = await withSignIn('maria');
    const payload = { settings: { ...settings, username: 'kim' } as never, ...(await w.signIn('kim', credentialId)) };
    return () => w.app.send('connections.update', { id, version, ...payload });
  },
  'a password takes the place of its sign-in': async () => {
    const { id, version } = await withSignIn('maria');
    const settings = w.imap('maria');
    return () => w.app.send('connections.update', { id, version, settings, password: 'of maria' });
  },
  'its sign-in is deleted with it': async () => {
    const { id, version } = await withSignIn('maria');
    return () => w.app.send('connections.delete', { id, version });
  },
  'a sender is edited': async () => {
    const { id, version, settings } = await sender('ada');
    const edited = { ...settings, username: 'ben' } as never;
    return () => w.app.send('outgoing.update', { id, version, settings: edited, password: 'of ben' });
  },
  'a sender is deleted': async () => {
    const { id, version } = await sender('ada');
    return () => w.app.send('outgoing.delete', { id, version });
  },
  'a credential is made': async () => {
    const settings = w.client('2-x');
    return () => w.app.send('credentials.create', { settings, clientSecret: 'of 2-x' });
  },
  'a client secret is edited': async () => {
    const { id, version, settings } = await w.app.call('credentials.create', {
      settings: w.client('2-x'),
      clientSecret: 'of 2-x',
    });
    const edited = { ...settings, clientId: '3-x' };
    return () => w.app.send('credentials.update', { id, version, settings: edited, clientSecret: 'of 3-x' });
  },
  'a credential is deleted': async () => {
    const { id } = await w.app.call('credentials.create', { settings: w.client('2-x'), clientSecret: 'of 2-x' });
    return () => w.app.send('credentials.delete', { id });
  },
};

for (const [what, prepare] of Object.entries(changes)) {
  test(`settings and secret belong together, and no secret is left over, wherever it breaks off that ${what}`, async () => {
    let most = 0;
    for (const when of ['before', 'after'] as const) {
      for (const kind of ['kill', 'error'] as const) {
        for (let at = 1; ; at += 1) {
          const change = await prepare();
          w.calls.count = 0;
          w.forge.setFaults([{ match: '', skip: at - 1, times: 1, when, kind }]);
          await change().catch(() => undefined);
          w.forge.setFaults([]);
          const isOver = w.calls.count < at;
          await w.assertTogether(`${what}: ${kind} ${when} call ${at}`);
          await removeAll();
          if (isOver) break;
          most = Math.max(most, at);
        }
      }
    }
    assert.ok(most >= 4, `${most} calls`);
  });
}

async function removeAll(): Promise<void> {
  for (const { id, version } of await w.app.call('connections.list', {}))
    await w.app.call('connections.delete', { id, version });
  for (const { id, version } of await w.app.call('outgoing.list', {}))
    await w.app.call('outgoing.delete', { id, version });
  for (const { id } of (await w.app.call('credentials.list', {})).credentials)
    if (id !== credentialId) await w.app.call('credentials.delete', { id });
}
