import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { issueBody, testJira, upload } from './asking';

const text = (bytes: string) => new Uint8Array(Buffer.from(bytes));

describe('attachments', () => {
  test('keeps the bytes that were uploaded', async () => {
    const { jira, ask } = testJira();
    await ask('POST', 'issue', issueBody());
    const bytes = new Uint8Array([0, 255, 13, 10, 128]);
    const answer = await upload(jira, 'SUP-1', { name: 'Grüße.bin', type: 'application/x-thing', bytes });
    assert.equal(answer.status, 200);
    const [attachment] = JSON.parse(String(answer.body));
    assert.equal(attachment.filename, 'Grüße.bin');
    assert.equal(attachment.size, 5);
    const content = await jira.handle({
      method: 'GET',
      path: `/rest/api/3/attachment/content/${attachment.id}?redirect=false`,
      headers: {},
      body: new Uint8Array(),
      as: { type: 'app' },
    });
    assert.deepEqual(Buffer.from(content.body), Buffer.from(bytes));
    assert.equal((await ask('GET', `attachment/content/${attachment.id}`)).status, 303);
    assert.equal((await ask('DELETE', `attachment/${attachment.id}`)).status, 204);
    assert.equal((await ask('GET', `attachment/${attachment.id}`)).status, 404);
  });

  test('refuses an upload without the token that keeps foreign forms out', async () => {
    const { jira, ask } = testJira();
    await ask('POST', 'issue', issueBody());
    assert.equal(
      (await upload(jira, 'SUP-1', { name: 'a.txt', type: 'text/plain', bytes: text('a') }, {})).status,
      403,
    );
    assert.equal((await ask('GET', 'issue/SUP-1')).body.fields.attachment.length, 0);
  });

  test('refuses a file over the limit, and takes one at the limit', async () => {
    const { jira, ask } = testJira({ attachmentLimit: 10 });
    await ask('POST', 'issue', issueBody());
    assert.equal((await ask('GET', 'attachment/meta')).body.uploadLimit, 10);
    const file = (size: number) => ({ name: 'a.txt', type: 'text/plain', bytes: text('x'.repeat(size)) });
    assert.equal((await upload(jira, 'SUP-1', file(11))).status, 413);
    assert.equal((await upload(jira, 'SUP-1', file(10))).status, 200);
    assert.equal((await upload(jira, 'SUP-9', file(10))).status, 404);
  });
});
