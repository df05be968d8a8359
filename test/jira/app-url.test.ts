import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { appUrl } from '../../src/jira/app-url';
import { openSite, type Site } from './site';

let site: Site;
before(async () => {
  site = await openSite();
});
after(() => site.close());

const asked = () => site.forge.run(() => appUrl());

test('the app’s pages are at Jira’s own address, below the ids of app and environment', async () => {
  const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
  assert.match(
    (await asked()) ?? '',
    new RegExp(
      `^https://letterbox\\.atlassian\\.test/jira/settings/apps/3f0a4e6c-6f0e-4a57-9c3e-0b6d8f3b7a21/${uuid}$`,
    ),
  );
});

test('is unknown, and no trouble, when Jira does not tell it', async () => {
  for (const [status, body] of [
    [503, {}],
    [200, '<html>'],
    [200, { baseUrl: 'javascript:alert(1)' }],
    [200, {}],
  ] as const) {
    site.answerNext(status, body);
    assert.equal(await asked(), null);
  }
});
