import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSite, type StoredSite } from './stored-site';

/** Credentials that version 0.1 stored (test/fixtures/store-0.1) do not say which callback URL the provider has. */
const directory = fileURLToPath(new URL('../fixtures/store-0.1', import.meta.url));
const { now } = JSON.parse(readFileSync(`${directory}/now.json`, 'utf8'));
let site: StoredSite;
before(async () => {
  site = await openSite(directory, now);
});
after(() => site?.close());

const signedIn = async () => {
  const { credentials } = await site.call('credentials.list', {});
  return credentials.filter(({ settings }) => settings.grant === 'authorization-code');
};

test('says nothing of a changed callback URL where none was noted, and notes it with the next save', async () => {
  await site.forge.reinstall();
  const before = await signedIn();
  assert.ok(before.length > 0);
  for (const { formerCallbackUrl } of before) assert.equal(formerCallbackUrl, null);
  for (const { id, version, settings } of before)
    await site.call('credentials.update', { id, version, settings, clientSecret: '' });
  for (const { formerCallbackUrl } of await signedIn()) assert.equal(formerCallbackUrl, null);

  await site.forge.reinstall();
  const [{ callbackUrl } = { callbackUrl: '' }] = before;
  for (const { formerCallbackUrl } of await signedIn()) assert.equal(formerCallbackUrl, callbackUrl);
});
