import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startGoogle } from './google';

const modify = 'https://www.googleapis.com/auth/gmail.modify';
const base = '/gmail/v1/users/me';

async function setUp(context: TestContext) {
  const google = await startGoogle({
    verify: (token) => (token === 'good' ? { mailbox: 'a@example.com', scopes: [modify] } : null),
  });
  context.after(() => google.close());
  const call = async (path: string, init: RequestInit = {}, token = 'good') => {
    const response = await fetch(google.url + path, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
    const text = await response.text();
    return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : null };
  };
  const post = (path: string, body: unknown) =>
    call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  return { google, call, post, id: google.deliver('Subject: x\r\n\r\n', { mailbox: 'a@example.com' }) };
}

test('refuses a token it does not know, with the body that Google sends', async (context) => {
  const { call } = await setUp(context);
  const refused = await call(`${base}/profile`, {}, 'bad');
  assert.equal(refused.status, 401);
  assert.equal(refused.json.error.status, 'UNAUTHENTICATED');
  assert.equal((await call(`${base}/profile`)).status, 200);
});

test('deletes for good only with the scope for everything', async (context) => {
  const { call, post, id } = await setUp(context);
  const refused = await call(`${base}/messages/${id}`, { method: 'DELETE' });
  assert.equal(refused.status, 403);
  assert.equal(refused.json.error.errors[0].reason, 'insufficientPermissions');
  assert.equal((await post(`${base}/messages/${id}/trash`, {})).status, 200);
});

test('refuses parameters, fields, labels and ids that do not exist', async (context) => {
  const { call, post, id } = await setUp(context);
  assert.equal((await call(`${base}/messages?folder=INBOX`)).status, 400);
  assert.equal((await call(`${base}/messages?labelIds=Nope`)).status, 400);
  assert.equal((await call(`${base}/messages?maxResults=501`)).status, 400);
  assert.equal((await call(`${base}/messages/not-an-id?format=raw`)).status, 400);
  assert.equal((await call(`${base}/messages/1234?format=raw`)).status, 404);
  assert.equal((await post(`${base}/messages/${id}/modify`, { addLabels: ['INBOX'] })).status, 400);
  assert.equal((await post(`${base}/messages/${id}/modify`, { addLabelIds: ['Nope'] })).status, 400);
  assert.equal((await post(`${base}/messages/${id}/modify`, {})).status, 400);
  assert.equal((await post(`${base}/messages/${id}/modify`, { removeLabelIds: ['UNREAD'] })).status, 200);
});

test('takes 100 calls in a batch, and no more', async (context) => {
  const { call } = await setUp(context);
  const batch = (count: number) => {
    const part = `--b\r\nContent-Type: application/http\r\nContent-ID: <c>\r\n\r\nGET ${base}/profile HTTP/1.1\r\n\r\n\r\n`;
    return call('/batch/gmail/v1', {
      method: 'POST',
      body: `${part.repeat(count)}--b--`,
      headers: { 'content-type': 'multipart/mixed; boundary=b' },
    });
  };
  assert.equal((await batch(101)).status, 400);
  const taken = await batch(100);
  assert.equal(taken.status, 200);
  assert.equal(taken.text.match(/HTTP\/1\.1 200 OK/g)?.length, 100);
});

test('knows history only back to where it was forgotten', async (context) => {
  const { google, call } = await setUp(context);
  const before = (await call(`${base}/profile`)).json.historyId;
  assert.equal((await call(`${base}/history?startHistoryId=${before}`)).status, 200);
  google.expireHistory('a@example.com');
  assert.equal((await call(`${base}/history?startHistoryId=${before}`)).status, 404);
  const now = (await call(`${base}/profile`)).json.historyId;
  assert.equal((await call(`${base}/history?startHistoryId=${now}`)).status, 200);
});

test('hands out single fields of a header, and refuses formats it does not know', async (context) => {
  const { google, call } = await setUp(context);
  const raw = 'From: Ann\r\n <ann@example.org>\r\nX-Other: 1\r\nSubject: =?utf-8?Q?gr=C3=BCn?=\r\n\r\nSubject: no\r\n';
  const id = google.deliver(raw, { mailbox: 'a@example.com' });
  const asked = await call(
    `${base}/messages/${id}?format=metadata&metadataHeaders=subject&metadataHeaders=From&fields=id,internalDate,payload/headers`,
  );
  assert.deepEqual(Object.keys(asked.json).sort(), ['id', 'internalDate', 'payload']);
  assert.deepEqual(asked.json.payload.headers, [
    { name: 'From', value: 'Ann <ann@example.org>' },
    { name: 'Subject', value: '=?utf-8?Q?gr=C3=BCn?=' },
  ]);
  assert.equal((await call(`${base}/messages/${id}?format=short`)).status, 400);
});
