import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startMicrosoft } from './microsoft';

const owner = 'a@example.com';

async function setUp(context: TestContext, latencyMs = 1) {
  const microsoft = await startMicrosoft({
    verify: (token) => (token === 'good' ? { mailbox: owner, scopes: ['Mail.ReadWrite'] } : null),
    latencyMs,
  });
  context.after(() => microsoft.close());
  const call = async (path: string, init: RequestInit = {}, token = 'good') => {
    const response = await fetch(`${microsoft.url}/v1.0${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text.startsWith('{') ? JSON.parse(text) : null };
  };
  const write = (method: string, path: string, body: unknown, type = 'application/json') =>
    call(path, { method, body: JSON.stringify(body), headers: { 'content-type': type } });
  return {
    microsoft,
    call,
    write,
    id: encodeURIComponent(microsoft.deliver('Subject: x\r\n\r\n', { mailbox: owner })),
  };
}

test('refuses a token it does not know, with the body that Graph sends', async (context) => {
  const { call } = await setUp(context);
  const refused = await call('/me/mailFolders/inbox', {}, 'bad');
  assert.deepEqual([refused.status, refused.json.error.code], [401, 'InvalidAuthenticationToken']);
  assert.equal((await call('/me/mailFolders/inbox')).status, 200);
});

test('refuses options, fields and ids that do not exist', async (context) => {
  const { call, write, id } = await setUp(context);
  assert.equal((await call('/me/mailFolders/inbox/messages?$select=size')).status, 400);
  assert.equal((await call('/me/mailFolders/inbox/messages?$top=1001')).status, 400);
  assert.equal((await call('/me/mailFolders/inbox/messages?limit=5')).status, 400);
  assert.equal((await call('/me/mailFolders/inbox/messages/delta?$filter=isRead eq true')).status, 400);
  assert.equal((await call('/me/messages/42/$value')).json.error.code, 'ErrorInvalidIdMalformed');
  assert.equal((await write('PATCH', `/me/messages/${id}`, { read: true })).status, 400);
  assert.equal((await write('PATCH', `/me/messages/${id}`, { isRead: true }, 'text/plain')).status, 400);
  assert.equal((await write('PATCH', `/me/messages/${id}`, { isRead: true })).status, 200);
  assert.equal((await call(`/me/messages/${id}/$value`)).status, 200);
});

test('counts and filters by date and by being read, and sorts only by what is filtered first', async (context) => {
  const { microsoft, call, id } = await setUp(context);
  microsoft.deliver('Subject: y\r\n\r\n', { mailbox: owner, receivedAt: Date.UTC(2020, 0, 2), read: true });
  const list = (query: string) => call(`/me/mailFolders/inbox/messages?${query}`);
  assert.deepEqual((await list('$count=true&$top=1')).json['@odata.count'], 2);
  assert.equal('@odata.count' in (await list('$top=1')).json, false);
  const unread = await list('$filter=isRead eq false&$count=true');
  assert.deepEqual([unread.json['@odata.count'], unread.json.value[0].isRead], [1, false]);
  const both = '$filter=receivedDateTime ge 2020-01-01T00:00:00Z and isRead eq true&$orderby=receivedDateTime';
  assert.deepEqual(
    (await list(both)).json.value.map(({ receivedDateTime }: { receivedDateTime: string }) => receivedDateTime),
    ['2020-01-02T00:00:00Z'],
  );
  const sorted = await list('$filter=isRead eq false&$orderby=receivedDateTime');
  assert.deepEqual([sorted.status, sorted.json.error.code], [400, 'InefficientFilter']);
  assert.equal((await list('$filter=isRead eq 0')).status, 400);
  assert.equal((await call(`/me/messages/${id}?$select=body`)).status, 400);
});

test('shows who sent a message and what it is about, decoded', async (context) => {
  const { microsoft, call } = await setUp(context);
  const raw = 'From: =?utf-8?Q?J=C3=BCrgen?=\r\n <j@example.org>\r\nSubject: =?utf-8?B?Z3LDvG4=?=\r\n\r\n';
  const id = encodeURIComponent(microsoft.deliver(raw, { mailbox: owner }));
  const { json } = await call(`/me/mailFolders/inbox/messages/${id}?$select=from,subject`);
  assert.equal(json.subject, 'grün');
  assert.deepEqual(json.from, { emailAddress: { name: 'Jürgen', address: 'j@example.org' } });
});

test('finds a message below a folder only while it is there', async (context) => {
  const { microsoft, call, id } = await setUp(context);
  assert.equal((await call(`/me/mailFolders/inbox/messages/${id}`)).status, 200);
  microsoft.move(owner, decodeURIComponent(id), 'Archive');
  assert.equal((await call(`/me/mailFolders/inbox/messages/${id}`)).status, 404);
  assert.equal((await call(`/me/messages/${id}`)).status, 200);
});

test('gives the MIME form below messages, and refuses it below a folder', async (context) => {
  const { call, id } = await setUp(context);
  const refused = await call(`/me/mailFolders/inbox/messages/${id}/$value`);
  assert.deepEqual([refused.status, refused.json.error.code], [405, 'ErrorInvalidRequest']);
  assert.equal((await call(`/me/messages/${id}/$value`)).status, 200);
});

test('takes twenty calls in a batch, and no more', async (context) => {
  const { write } = await setUp(context);
  const batch = (count: number) =>
    write('POST', '/$batch', {
      requests: Array.from({ length: count }, (_, n) => ({
        id: String(n),
        method: 'GET',
        url: '/me/mailFolders/inbox',
      })),
    });
  assert.equal((await batch(21)).status, 400);
  assert.equal((await batch(20)).json.responses.length, 20);
});

test('refuses the fifth call at once for one mailbox', async (context) => {
  const { call } = await setUp(context, 500);
  const statuses = await Promise.all(
    Array.from({ length: 12 }, async () => (await call('/me/mailFolders/inbox')).status),
  );
  assert.ok(statuses.includes(429));
  assert.ok(statuses.includes(200));
});

test('a delta round tells what changed, with a new token each time, and forgets them on command', async (context) => {
  const { microsoft, call, id } = await setUp(context);
  const follow = (link: string) => call(link.replace('https://graph.microsoft.com/v1.0', ''));
  const all = await call('/me/mailFolders/inbox/messages/delta');
  const created = await call('/me/mailFolders/inbox/messages/delta?changeType=created');
  assert.equal(all.json.value.length, 1);
  microsoft.read(owner, decodeURIComponent(id));
  assert.equal((await follow(all.json['@odata.deltaLink'])).json.value.length, 1);
  const read = await follow(created.json['@odata.deltaLink']);
  assert.deepEqual(
    Object.keys(read.json.value[0]),
    ['@odata.type', 'id', 'isRead'],
    'told all the same, but not whole',
  );
  assert.notEqual(read.json['@odata.deltaLink'], created.json['@odata.deltaLink']);
  assert.deepEqual((await follow(read.json['@odata.deltaLink'])).json.value, []);
  microsoft.expireDeltas();
  assert.equal((await follow(all.json['@odata.deltaLink'])).status, 410);
});

test('a message that leaves a folder and comes back is told as removed alone where ids are immutable', async (context) => {
  const { microsoft, call, id } = await setUp(context);
  const prefer = 'IdType="ImmutableId"';
  const follow = async (link: string, headers = {}) =>
    (await call(link.replace('https://graph.microsoft.com/v1.0', ''), { headers })).json;
  const link = (await follow('/me/mailFolders/inbox/messages/delta?changeType=created'))['@odata.deltaLink'];
  microsoft.move(owner, decodeURIComponent(id), 'Archive');
  microsoft.move(owner, decodeURIComponent(id), 'Inbox');
  assert.deepEqual((await follow(link, { prefer })).value, [
    { id: decodeURIComponent(id), '@removed': { reason: 'deleted' } },
  ]);
  assert.ok(
    (await follow(link)).value.some((one: object) => !('@removed' in one)),
    'else it is a new message',
  );
});
