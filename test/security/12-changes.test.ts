import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Product, startProduct } from '../support/product';

/** Security list, point 12: who changed which connection when stands in the activity log, without secrets; deleting leaves none. */
let product: Product;
before(async () => {
  product = await startProduct();
});
after(() => product.close());

const settings = {
  provider: 'imap' as const,
  name: 'Support mail',
  host: 'imap.example.com',
  port: 993,
  username: 'support',
  target: { projectId: '10000', issueTypeId: '10001' },
};

async function changesOf(connectionId?: string): Promise<[subject: string | null, by: string | null | undefined][]> {
  const { entries } = await product.call('activity.list', { result: 'changed', connectionId });
  return entries.map(({ subject, by }): [string | null, string | null | undefined] => [subject, by]).reverse();
}

test('who changed which connection when is in the activity log, by name of the field, without a secret', async () => {
  const created = await product.call('connections.create', { settings, password: 'canary-first' });
  const changed = { ...settings, host: 'mail.example.com' };
  const { connection } = await product.call('connections.update', {
    id: created.id,
    version: created.version,
    settings: changed,
    password: 'canary-second',
  });
  const copy = await product.call('connections.duplicate', { id: created.id });
  await product.call('connections.delete', { id: created.id, version: connection.version });
  assert.deepEqual(await changesOf(created.id), [
    ['Connection “Support mail” created', 'admin'],
    ['Connection “Support mail” changed (host, password)', 'admin'],
    ['Connection “Support mail” deleted', 'admin'],
  ]);
  assert.deepEqual(await changesOf(copy.id), [
    ['Connection “Support mail (copy)” made as a copy of “Support mail”', 'admin'],
  ]);
  assert.match(JSON.stringify(product.forge.storage('')), /mail\.example\.com/, 'the storage is looked through');
  assert.doesNotMatch(JSON.stringify(product.forge.storage('')), /canary/);
});

test('changes of credentials and outgoing connections are there too', async () => {
  const google = { name: 'Google', provider: 'google' as const, clientId: 'client' };
  const credential = await product.call('credentials.create', { settings: google, clientSecret: 'canary-secret' });
  await product.call('credentials.update', {
    id: credential.id,
    version: credential.version,
    settings: { ...google, clientId: 'other' },
    clientSecret: 'canary-other',
  });
  await product.call('credentials.delete', { id: credential.id });
  const smtp = {
    provider: 'smtp' as const,
    name: 'Out',
    fromAddress: 'a@example.com',
    host: 'smtp.example.com',
    port: 465,
  };
  const outgoing = await product.call('outgoing.create', { settings: smtp });
  const enabled = await product.call('outgoing.enable', { id: outgoing.id, version: outgoing.version });
  await product.call('outgoing.delete', { id: outgoing.id, version: enabled.version });
  assert.deepEqual(
    [...(await changesOf(credential.id)), ...(await changesOf(outgoing.id))].map(([subject]) => subject),
    [
      'OAuth2 credential “Google” created',
      'OAuth2 credential “Google” changed (clientId, client secret)',
      'OAuth2 credential “Google” deleted',
      'Outgoing connection “Out” created',
      'Outgoing connection “Out” enabled',
      'Outgoing connection “Out” deleted',
    ],
  );
});

test('an administrator who shortens the time that mail is kept shortens nothing of what was changed', async () => {
  const { id } = await product.call('connections.create', {
    settings: { ...settings, name: 'Watched' },
    password: 'canary',
  });
  await product.call('activity.saveSettings', { days: 1 });
  await product.forge.advance(363 * 86_400);
  await product.call('activity.saveSettings', { days: 1 });
  const { entries } = await product.call('activity.list', { connectionId: id });
  assert.deepEqual(
    entries.map(({ subject }) => subject),
    ['Connection “Watched” created'],
  );
  assert.deepEqual(await changesOf(id), [['Connection “Watched” created', 'admin']]);
  const days = (await changesOf('activity')).map(([subject]) => subject);
  assert.deepEqual(days, Array(2).fill('Setting “Keep entries” changed to one day'));
  await product.forge.advance(3 * 86_400);
  assert.deepEqual(await changesOf(id), []);
});

test('a name with line breaks or of any length makes no entry of another kind', async () => {
  const name = `x" deleted ${'y'.repeat(80)}`;
  const { id } = await product.call('connections.create', {
    settings: { ...settings, name },
    password: 'canary-third',
  });
  assert.deepEqual(await changesOf(id), [[`Connection “${name}” created`, 'admin']]);
});

test('a change that can not be noted is made all the same', async () => {
  product.forge.setFaults([{ match: 'kvs/api/v1/batch/set', when: 'before', kind: 'error', times: 9 }]);
  try {
    const created = await product.call('connections.create', {
      settings: { ...settings, name: 'Without a note' },
      password: 'canary-fourth',
    });
    assert.equal((await product.call('connections.get', { id: created.id })).settings.name, 'Without a note');
    assert.deepEqual(await changesOf(created.id), []);
  } finally {
    product.forge.setFaults([]);
  }
});

test('people are named as Jira names them, and whoever is gone is left out', async () => {
  const people = await product.call('jira.users', { accountIds: ['admin', 'nobody', 'agent'] });
  assert.deepEqual(people.map(({ id }) => id).sort(), ['admin', 'agent']);
  assert.ok(people.every(({ id, name }) => name !== '' && name !== id));
});

test('deleting a connection deletes its password, its cursor and its tokens, and nothing of another one', async () => {
  const keysOf = (id: string) => Object.keys(product.forge.storage('')).filter((key) => key.includes(id));
  const create = (name: string) =>
    product.call('connections.create', { settings: { ...settings, name }, password: 'canary-fifth' });
  const [gone, kept] = [await create('Goes'), await create('Stays')];
  const before = keysOf(kept.id).length;
  await product.call('connections.delete', { id: gone.id, version: gone.version });
  assert.deepEqual(keysOf(gone.id), []);
  assert.ok(before > 0 && keysOf(kept.id).length === before);
});
