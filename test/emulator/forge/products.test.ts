import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asApp, asUser, NeedsAuthenticationError, ProxyRequestError, requestJira, route } from '@forge/api';
import { fixtureForge, notingProduct } from './fixture/forge';
import { manifestWith, manifestWithout } from './fixture/manifest';

const issue = route`/rest/api/3/issue/SUP-1?fields=summary`;

test('asks the product as the app, as the user or as nobody', async () => {
  const jira = notingProduct();
  const forge = await fixtureForge({ products: { jira } });
  await forge.run(
    async () => {
      assert.deepEqual(await (await asApp().requestJira(issue)).json(), { asked: 1 });
      await asUser().requestJira(issue);
      await requestJira(issue);
    },
    { accountId: 'anna' },
  );
  assert.deepEqual(
    jira.asked.map(({ as }) => as),
    [{ type: 'app' }, { type: 'user', accountId: 'anna' }, { type: 'none' }],
  );
  assert.equal(jira.asked[0]?.path, '/rest/api/3/issue/SUP-1?fields=summary');
  assert.equal(forge.usage().egress.jira, 3);
});

test('passes method, headers and bytes, also of a form with files', async () => {
  const jira = notingProduct();
  const manifest = await manifestWith('read:jira-work', 'read:jira-work\n    - write:jira-work');
  const forge = await fixtureForge({ products: { jira }, manifest });
  await forge.run(async () => {
    await asApp().requestJira(route`/rest/api/3/issue`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Atlassian-Token': 'no-check' },
      body: '{"a":"ä"}',
    });
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array([0, 255, 13, 10])]), 'bytes.bin');
    const init: object = { method: 'POST', body: form };
    await asApp().requestJira(route`/rest/api/3/issue/SUP-1/attachments`, init);
  });
  const [json, form] = jira.asked;
  assert.deepEqual(
    [json?.method, json?.headers['content-type'], json?.headers['x-atlassian-token']],
    ['POST', 'application/json', 'no-check'],
  );
  assert.equal(Buffer.from(json?.body ?? []).toString(), '{"a":"ä"}');
  assert.match(form?.headers['content-type'] ?? '', /^multipart\/form-data; boundary=/);
  assert.ok(Buffer.from(form?.body ?? []).includes(Buffer.from([0, 255, 13, 10])));
});

test('answers 401 without the scope in the manifest', async () => {
  const jira = notingProduct();
  const forge = await fixtureForge({ products: { jira } });
  await forge.run(async () => {
    assert.equal((await asApp().requestJira(issue)).status, 200);
    const refused = await asApp().requestJira(issue, { method: 'DELETE' });
    assert.deepEqual(
      [refused.status, await refused.json()],
      [401, { code: 401, message: 'Unauthorized; scope does not match' }],
    );
  });
  assert.equal(jira.asked.length, 1);
  const scopeless = await fixtureForge({ manifest: await manifestWithout('read:jira-work') });
  await scopeless.run(async () => assert.equal((await asApp().requestJira(issue)).status, 401));
});

test('can not act as a user when there is none, or as another one', async () => {
  const jira = notingProduct();
  const forge = await fixtureForge({ products: { jira } });
  await assert.rejects(
    forge.run(() => asUser().requestJira(issue)),
    NeedsAuthenticationError,
  );
  await assert.rejects(
    forge.run(() => asUser('ben').requestJira(issue)),
    ProxyRequestError,
  );
  await assert.rejects(
    forge.run(() => asUser('ben').requestJira(issue), { accountId: 'anna' }),
    ProxyRequestError,
  );
  await forge.run(() => asUser('anna').requestJira(issue), { accountId: 'anna' });
  assert.equal(jira.asked.length, 1);
});

test('fails for a product that is not on the site', async () => {
  const confluence = notingProduct();
  const page = () => asApp().requestConfluence(route`/wiki/api/v2/pages`);
  const without = await fixtureForge();
  await assert.rejects(without.run(page), ProxyRequestError);
  const both = await fixtureForge({ products: { jira: notingProduct(), confluence } });
  assert.equal((await both.run(page)).status, 200);
});

test('passes an empty answer and an error of the product as they are', async () => {
  const answers = [
    { status: 204, headers: {}, body: '' },
    { status: 429, headers: { 'retry-after': '7' }, body: '{}' },
  ];
  const jira = { handle: async () => answers.shift() ?? { status: 500, headers: {}, body: '' }, scopes: () => [] };
  const forge = await fixtureForge({ products: { jira } });
  await forge.run(async () => {
    assert.equal((await asApp().requestJira(issue)).status, 204);
    const busy = await asApp().requestJira(issue);
    assert.deepEqual([busy.status, busy.headers.get('retry-after')], [429, '7']);
  });
});
