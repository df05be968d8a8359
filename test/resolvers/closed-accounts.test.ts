import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSite, type StoredSite } from '../store/stored-site';

/** The report of personal data, by the whole app on a site that version 0.1 stored (test/fixtures/store-0.1). */
const directory = fileURLToPath(new URL('../fixtures/store-0.1', import.meta.url));
const { now } = JSON.parse(readFileSync(`${directory}/now.json`, 'utf8'));
const day = 86_400_000;
let site: StoredSite;
before(async () => {
  site = await openSite(directory, now);
});
after(() => site?.close());

const changes = async () => (await site.call('activity.list', { result: 'changed' })).entries;
const report = () => site.forge.trigger('report-accounts');
const reported = () => site.forge.accountReports.reports.map((accounts) => accounts.map(({ accountId }) => accountId));

test('reports who changed settings with the oldest time, once a week; a report that fails is made the next day', async () => {
  const entries = await changes();
  assert.ok(entries.length > 0);
  site.forge.setFaults([{ match: '/app/report-accounts', when: 'after', kind: 'kill', times: 1 }]);
  await report();
  site.forge.accountReports.reports.length = 0;
  site.clock.advance(day);
  await report();
  assert.deepEqual(reported(), [['admin']]);
  const oldest = (await site.call('activity.list', { result: 'dismissed' })).entries
    .concat(await allChanges())
    .filter(({ by }) => by === 'admin')
    .reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
  const [[account] = []] = site.forge.accountReports.reports;
  assert.equal(Date.parse(account?.updatedAt ?? ''), oldest);
  for (let today = 0; today < 6; today += 1) {
    site.clock.advance(day);
    await report();
  }
  assert.equal(reported().length, 1);
});

async function allChanges() {
  const entries = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof site.call<'activity.list'>>> = await site.call('activity.list', {
      result: 'changed',
      ...(cursor !== undefined && { cursor }),
    });
    entries.push(...page.entries);
    cursor = page.cursor;
  }
  return entries;
}

test('erases the id of an account that was closed, and keeps what happened; it is not reported again', async () => {
  const before = await allChanges();
  site.forge.accountReports.setStatus('admin', 'closed');
  site.forge.accountReports.reports.length = 0;
  site.clock.advance(day);
  await report();
  assert.deepEqual(reported(), [['admin']]);
  const after = await allChanges();
  assert.deepEqual(
    after,
    before.map((entry) => (entry.by === 'admin' ? { ...entry, by: null } : entry)),
  );
  site.clock.advance(7 * day);
  await report();
  assert.deepEqual(reported(), [['admin']]);
});
