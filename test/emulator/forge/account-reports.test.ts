import assert from 'node:assert/strict';
import { test } from 'node:test';
import { __requestAtlassianAsApp, privacy } from '@forge/api';
import { fixtureForge } from './fixture/forge';
import { manifestWith } from './fixture/manifest';

const withScope = () => manifestWith('    - read:jira-work\n', '    - read:jira-work\n    - report:personal-data\n');
const account = (accountId: string, updatedAt = '2026-11-20T09:00:00.000Z') => ({ accountId, updatedAt });
const post = (accounts: unknown) =>
  __requestAtlassianAsApp('/app/report-accounts', { method: 'POST', body: JSON.stringify({ accounts }) });

test('answers 204, or 200 with the accounts that something has to be done about', async () => {
  const forge = await fixtureForge({ manifest: await withScope() });
  const accounts = [account('ada'), account('bob'), account('eve')];
  assert.deepEqual(await forge.run(() => privacy.reportPersonalData(accounts)), []);
  forge.accountReports.setStatus('bob', 'closed');
  forge.accountReports.setStatus('eve', 'updated');
  assert.deepEqual(await forge.run(() => privacy.reportPersonalData(accounts)), [
    { accountId: 'bob', status: 'closed' },
    { accountId: 'eve', status: 'updated' },
  ]);
  assert.deepEqual(forge.accountReports.reports, [accounts, accounts]);
});

test('refuses more than 90 accounts, none, the unknown one, other shapes and other times', async () => {
  const forge = await fixtureForge({ manifest: await withScope() });
  for (const accounts of [
    Array.from({ length: 91 }, (_, index) => account(`a${index}`)),
    ...[[], [account('unknown')], [account('a b')], [account('ada', 'yesterday')], [{ accountId: 'ada' }], 'ada'],
  ])
    assert.equal((await forge.run(() => post(accounts))).status, 400, JSON.stringify(accounts).slice(0, 80));
  assert.deepEqual(forge.accountReports.reports, []);
});

test('refuses an app whose manifest does not ask for the scope', async () => {
  const forge = await fixtureForge();
  assert.equal((await forge.run(() => post([account('ada')]))).status, 403);
});
