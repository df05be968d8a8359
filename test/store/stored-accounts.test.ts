import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kvs } from '@forge/kvs';
import type { AccountRecord } from '../../src/domain/stored-accounts';
import { activityStore } from '../../src/store/activity';
import { activityAccounts } from '../../src/store/stored-accounts';
import { createForge } from '../emulator/forge/create-forge';
import { stillClock } from '../emulator/forge/fixture/forge';
import { activityEntry } from '../support/activity-entry';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 20, 9);

async function world() {
  const clock = stillClock(start);
  const forge = await createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions: {},
    products: { jira: { handle: () => Promise.reject(new Error('not used')), scopes: () => [] } },
    remotes: {},
    directory: null,
    clock,
  });
  const activity = activityStore(clock.now);
  const accounts = activityAccounts(activity.keptDays, clock.now);
  const all = async () => {
    const found: AccountRecord[] = [];
    let pages = 0;
    for (let from: string | null = null; pages === 0 || from !== null; pages += 1) {
      const page: Awaited<ReturnType<typeof accounts.page>> = await accounts.page(from);
      found.push(...page.records);
      from = page.next;
    }
    return found;
  };
  return { clock, forge, activity, accounts, all };
}

const changed = (id: string, by: string, at: number) =>
  activityEntry({ id, result: 'changed', by, at, connectionId: 'c1' });

test('finds each entry that names somebody, over many pages, and no other', async () => {
  const { forge, activity, all } = await world();
  const entries = Array.from({ length: 230 }, (_, index) => changed(`c:${index}`, `a${index % 3}`, start - index));
  const dismissed = activityEntry({ id: 'd:1', result: 'dismissed', by: 'a9', at: start });
  const found = await forge.run(async () => {
    await activity.record([...entries, dismissed, activityEntry({ id: 'mail', at: start })]);
    return all();
  });
  assert.equal(found.length, 231);
  assert.deepEqual(found.at(-1), { id: 'd:1', accountId: 'a9', at: start });
  await forge.close();
});

test('erases who it was, keeps the entry and its time, and the end that it had', async () => {
  const { clock, forge, activity, accounts, all } = await world();
  await forge.run(async () => {
    await activity.record([changed('old', 'ada', start), changed('other', 'bob', start)]);
  });
  clock.advance(360 * day);
  await forge.run(async () => {
    for (const record of await all()) if (record.accountId === 'ada') await accounts.erase(record);
    const entry = await activity.get('old');
    assert.deepEqual([entry?.by, entry?.at, entry?.result], [null, start, 'changed']);
    assert.equal((await activity.get('other'))?.by, 'bob');
  });
  clock.advance(6 * day);
  assert.equal(await forge.run(() => activity.get('old')), null, 'gone after a year, as the others');
  await forge.close();
});

test('leaves an entry alone that says something else by now', async () => {
  const { forge, activity, accounts } = await world();
  await forge.run(async () => {
    const record = { id: 'd', accountId: 'ada', at: start };
    await activity.record([activityEntry({ id: 'd', result: 'created', at: start + 1 })]);
    await accounts.erase(record);
    assert.equal((await activity.get('d'))?.result, 'created');
    await accounts.erase({ ...record, id: 'gone' });
    assert.equal(await kvs.entity('activity').get('gone'), undefined);
  });
  await forge.close();
});
