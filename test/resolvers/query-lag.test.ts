import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { alertSettings } from '../../src/domain/alert';
import { newEntity } from '../../src/resolvers/entity-rules';
import { alertStore } from '../../src/store/alerts';
import { type SecretWorld, secretWorld } from './secret-world';

/** What resolvers decide while queries are an hour behind. */
let w: SecretWorld;
before(async () => {
  w = await secretWorld({ queryLagMs: 3_600_000 });
});
after(() => w.forge.close());

const credential = (clientId: string) =>
  w.app.call('credentials.create', { settings: w.client(clientId), clientSecret: 'secret' });

test('two people add one name at once: exactly one wins, the other is told so beside the field', async () => {
  const settings = { ...w.imap('ada'), name: 'The same' };
  const results = await Promise.all(
    [1, 2, 3].map(() => w.app.send('connections.create', { settings, password: 'secret' })),
  );
  const refused = results.filter(({ ok }) => !ok);
  assert.equal(refused.length, 2);
  for (const { error } of refused as { error: { code: string; fields: object } }[]) {
    assert.equal(error.code, 'name-taken');
    assert.deepEqual(Object.keys(error.fields), ['settings.name']);
  }
});

test('copies that are asked for at once get names of their own, which cut no character in two', async () => {
  const name = `${'😀'.repeat(49)}ab`;
  const incoming = await w.app.call('connections.create', { settings: { ...w.imap('ada'), name }, password: 'secret' });
  const outgoing = await w.app.call('outgoing.create', { settings: { ...w.smtp('ada'), name }, password: 'secret' });
  const copies = [1, 2, 3, 4];
  const made = [
    await Promise.all(copies.map(() => w.app.call('connections.duplicate', { id: incoming.id }))),
    await Promise.all(copies.map(() => w.app.call('outgoing.duplicate', { id: outgoing.id }))),
  ];
  for (const kind of made) {
    const names = kind.map(({ settings }) => settings.name).sort();
    assert.deepEqual(
      names.map((one) => one.replace(/^(😀)+/u, '')),
      [' (copy 2)', ' (copy 3)', ' (copy 4)', ' (copy)'],
    );
    for (const one of names) assert.ok(one.length <= 100);
  }
});

test('a credential that somebody has just chosen is in use, and free once nobody has it', async () => {
  const { id } = await credential('1-x');
  const settings = { ...w.google('maria', id), name: 'Of Maria' };
  const made = await w.app.call('connections.create', { settings, ...(await w.signIn('maria', id)) });
  const { code, message } = await w.app.refusal('credentials.delete', { id });
  assert.deepEqual([code, /Of Maria/.test(message)], ['credential-in-use', true]);
  w.clock.advance(3_601_000);
  await w.app.call('connections.delete', { id: made.id, version: made.version });
  assert.equal(
    (await w.app.call('connections.list', {})).some((one) => one.id === made.id),
    true,
  );
  await w.app.call('credentials.delete', { id });
});

test('an outgoing connection that a rule has just chosen is in use', async () => {
  const sender = await w.app.call('outgoing.create', { settings: w.smtp('ada'), password: 'secret' });
  const channel = { type: 'email', outgoingId: sender.id, recipients: ['ops@example.com'] } as const;
  const settings = alertSettings.parse({ name: 'By mail', incidents: ['failing'], channel });
  await w.run(() => alertStore().insert({ ...newEntity(settings, 1), enabled: true, host: '' }));
  const { code, message } = await w.app.refusal('outgoing.delete', { id: sender.id, version: sender.version });
  assert.deepEqual([code, /By mail/.test(message)], ['connection-in-use', true]);
});
