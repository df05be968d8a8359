import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { type ConnectionSettings, connectionSettings } from '../../src/domain/connection';
import { call, create, seen } from './connections-app';

const target = { projectId: '10000', issueTypeId: '10001' };
const imap = { provider: 'imap', host: 'mail.example.com', port: 993, username: 'support@example.com' };
const pop3 = { ...imap, provider: 'pop3', port: 995 };
const google = { provider: 'google', credentialId: 'g', username: 'support@example.com' };
const graph = { provider: 'microsoft-graph', credentialId: 'm', username: 'ada@example.com' };
const microsoftImap = { ...graph, provider: 'microsoft-imap' };
const shared = { sharedMailbox: 'support@example.com' };

let made = 0;
function settings(change: Record<string, unknown>): ConnectionSettings {
  made += 1;
  return connectionSettings.parse({ name: `Reader ${made}`, target, ...change });
}
const add = (change: Record<string, unknown>) =>
  call('connections.create', { settings: settings(change), password: 'secret' });

afterEach(async () => {
  for (const { id, version } of await call('connections.list', {})) await call('connections.delete', { id, version });
});

const same: [string, Record<string, unknown>, Record<string, unknown>][] = [
  ['one user of one server', imap, imap],
  [
    'addresses and hosts in different case',
    imap,
    { ...imap, host: 'MAIL.Example.com', username: 'Support@Example.COM' },
  ],
  ['no folder and INBOX', imap, { ...imap, folder: 'INBOX' }],
  ['folders in different case', { ...imap, folder: 'Sales/New' }, { ...imap, folder: 'sales/new' }],
  ['different ports of one server', imap, { ...imap, encryption: 'starttls', port: 143 }],
  ['IMAP and POP3 of one server', imap, pop3],
  ['one Gmail account by two credentials', google, { ...google, credentialId: 'other' }],
  ['Gmail by OAuth2 and by a password', google, { ...imap, host: 'imap.gmail.com' }],
  ['Graph and IMAP of one Microsoft account', graph, { ...microsoftImap, folder: 'Inbox' }],
  [
    'Microsoft by OAuth2 and by a password',
    graph,
    { ...imap, host: 'outlook.office365.com', username: 'ada@example.com' },
  ],
  [
    'one shared mailbox by two accounts',
    { ...graph, ...shared },
    { ...microsoftImap, ...shared, username: 'ben@example.com' },
  ],
  [
    'a mailbox of its own and the same one shared',
    { ...graph, ...shared },
    { ...graph, username: shared.sharedMailbox },
  ],
];
for (const [what, first, second] of same) {
  test(`says that two connections read one mailbox: ${what}`, async () => {
    const one = await add(first);
    const two = await add(second);
    assert.deepEqual(one.alsoReadBy, []);
    assert.deepEqual(two.alsoReadBy, [{ id: one.id, name: one.settings.name }]);
    const got = await call('connections.get', { id: one.id });
    assert.deepEqual(got.alsoReadBy, [{ id: two.id, name: two.settings.name }]);
  });
}

const different: [string, Record<string, unknown>, Record<string, unknown>][] = [
  ['two users', imap, { ...imap, username: 'sales@example.com' }],
  ['two servers', imap, { ...imap, host: 'mail.example.org' }],
  ['two folders', imap, { ...imap, folder: 'Sales' }],
  ['an address at Google and at Microsoft', google, { ...graph, username: google.username }],
  ['an account and the shared mailbox that it opens', graph, { ...graph, ...shared }],
  ['two that nobody has signed in for', { ...google, username: '' }, { ...google, username: '' }],
];
for (const [what, first, second] of different) {
  test(`says nothing of different mailboxes: ${what}`, async () => {
    await add(first);
    await add(second);
    assert.deepEqual(
      (await call('connections.list', {})).map(({ alsoReadBy }) => alsoReadBy),
      [[], []],
    );
  });
}

test('says it in the list, after a save that made it so, and when a connection is enabled, whatever the state of the other', async () => {
  const support = await create({ name: 'Support' });
  const other = await create({ name: 'Other', username: 'sales@example.com' });
  const reader = { id: support.id, name: 'Support' };
  assert.deepEqual(other.alsoReadBy, []);
  const { connection: saved } = await call('connections.update', {
    ...{ id: other.id, version: other.version, password: 'x' },
    settings: { ...other.settings, username: support.settings.username },
  });
  assert.deepEqual(saved.alsoReadBy, [reader]);
  const { id, version } = saved;
  assert.deepEqual((await call('connections.enable', { id, version, start: { from: 'now' } })).alsoReadBy, [reader]);
  assert.deepEqual(
    (await call('connections.list', {})).map(({ alsoReadBy }) => alsoReadBy.map(({ name }) => name)),
    [['Support'], ['Other']],
  );
  const copy = await call('connections.duplicate', { id: support.id });
  assert.deepEqual(copy.alsoReadBy.map(({ name }) => name).sort(), ['Other', 'Support']);
});

test('reads the list of connections once for that', async () => {
  const { id, version, settings: before } = await create();
  await create();
  const lists = async (work: () => Promise<unknown>) => {
    seen.length = 0;
    await work();
    return seen.filter(({ label }) => label.includes('entity/query')).length;
  };
  assert.equal(await lists(() => call('connections.list', {})), 1);
  assert.equal(await lists(() => call('connections.get', { id })), 1);
  assert.equal(await lists(() => create()), 1);
  assert.equal(await lists(() => call('connections.update', { id, version, settings: before })), 1);
  assert.equal(await lists(() => call('connections.enable', { id, version: version + 1, start: { from: 'now' } })), 1);
});
