import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { activityOverviewHandlers } from '../../src/resolvers/activity-overview';
import { auditLog } from '../../src/resolvers/audit';
import type { Payload } from '../../src/resolvers/contract';
import { activityStore } from '../../src/store/activity';
import { connectionStore } from '../../src/store/connections';
import { tallyStore } from '../../src/store/tallies';
import { systemClock } from '../emulator/clock';
import type { Forge } from '../emulator/forge/forge';
import { appCalls } from '../support/app-calls';
import { resolverForge } from '../support/resolver-forge';
import { settingsOf } from '../support/world';

/** The real resolvers and stores on the emulator. */
let forge: Forge;
const clock = systemClock();

before(async () => {
  const log = () => undefined;
  const activity = activityStore();
  const now = () => Date.now();
  const handlers = activityOverviewHandlers({
    activity,
    tallies: tallyStore(),
    connections: connectionStore(),
    audit: auditLog({ activity, log, now }),
    now,
  });
  forge = await resolverForge(handlers, clock);
  await forge.run(async () => {
    for (const id of ['one', 'two', 'deleted']) {
      const settings = settingsOf({ name: id });
      if (id !== 'deleted')
        await connectionStore().insert({
          id,
          version: 1,
          state: 'enabled',
          settings,
          logUntil: 0,
          createdAt: 1,
          updatedAt: 1,
        });
      const created = { one: 2, two: 3, deleted: 4 }[id] ?? 0;
      await tallyStore().add(id, { at: Date.now(), tookMs: 100, results: { created }, waiting: 1 });
    }
  });
});
after(() => forge.close());

const { call, refusal } = appCalls(() => forge);

test('shows what became of the mail of one connection, and of all that there are together', async () => {
  const lastOf = async (payload: Payload<'activity.charts'>) => (await call('activity.charts', payload)).buckets.at(-1);
  const one = await lastOf({ connectionId: 'one', period: '24h' });
  assert.deepEqual([one?.results, one?.waiting], [{ created: 2 }, 1]);
  const all = await lastOf({ period: '30d' });
  assert.deepEqual([all?.results, all?.waiting, all?.polls], [{ created: 5 }, 2, 2]);
  assert.equal((await call('activity.charts', { connectionId: 'nobody', period: '7d' })).buckets.length, 28);
});

test('tells how many mails each connection took in each of the last 24 hours', async () => {
  const days = new Map(
    (await call('activity.lastDay', {})).map(({ connectionId, created }) => [connectionId, created]),
  );
  assert.deepEqual([...days.keys()].sort(), ['one', 'two']);
  assert.deepEqual([days.get('two')?.length, days.get('two')?.at(-1)], [24, 3]);
});

test('charts a thousand connections in one call, far within its time and the storage’s limits', async (t) => {
  const many = 1_000;
  await forge.run(
    async () => {
      for (let index = 0; index < many; index += 1) {
        const times = { logUntil: 0, createdAt: 1, updatedAt: 1 };
        const settings = settingsOf({ name: `many ${index}` });
        await connectionStore().insert({ id: `many-${index}`, version: 1, state: 'enabled', settings, ...times });
        await tallyStore().add(`many-${index}`, { at: Date.now(), tookMs: 5, results: { created: 1 }, waiting: 0 });
      }
    },
    { timeoutSeconds: 300 },
  );
  const before = forge.usage().kvs;
  const startedAt = Date.now();
  const { buckets } = await call('activity.charts', { period: '30d' });
  const { kvs } = forge.usage();
  assert.equal(
    buckets.reduce((sum, { results }) => sum + (results.created ?? 0), 0),
    many + 5,
  );
  assert.ok(kvs.reads - before.reads <= 60, `${kvs.reads - before.reads} calls`);
  const units = (kvs.bytesRead - before.bytesRead) / 10_240;
  assert.ok(units < 1_000, `${units} units`);
  t.diagnostic(`${kvs.reads - before.reads} calls, ${Math.round(units)} units of 10 KB, ${Date.now() - startedAt} ms`);
});

test('keeps entries for 30 days until somebody says otherwise, who is noted', async () => {
  assert.deepEqual(await call('activity.settings', {}), { days: 30 });
  assert.deepEqual(await call('activity.saveSettings', { days: 90 }), { days: 90 });
  assert.deepEqual(await call('activity.settings', {}), { days: 90 });
  const { entries } = await forge.run(() => activityStore().list({ result: 'changed' }));
  assert.deepEqual(
    entries.map(({ subject, by }) => [subject, by]),
    [['Setting “Keep entries” changed to 90 days', 'admin']],
  );
  for (const days of [0, 366, 1.5, '30', null]) {
    const { code } = await refusal('activity.saveSettings', { days } as never);
    assert.equal(code, 'invalid', `${days} days are refused`);
  }
  assert.deepEqual(await call('activity.settings', {}), { days: 90 });
});
