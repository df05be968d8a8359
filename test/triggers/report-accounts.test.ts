import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountRecord, StoredAccounts } from '../../src/domain/stored-accounts';
import { reportAccounts } from '../../src/triggers/report-accounts';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 20, 9);

/** Records in pages of three, which forget an account when they are told to. */
function holder(...records: AccountRecord[]): StoredAccounts & { records: AccountRecord[] } {
  return {
    records,
    page: async (from) => {
      const begin = Number(from ?? 0);
      const next = begin + 3 < records.length ? String(begin + 3) : null;
      return { records: records.slice(begin, begin + 3), next };
    },
    erase: async ({ id }) => void records.splice(0, Infinity, ...records.filter((record) => record.id !== id)),
  };
}

const record = (id: string, accountId: string, at: number): AccountRecord => ({ id, accountId, at });

function reporter(...holders: StoredAccounts[]) {
  const reports: { accountId: string; updatedAt: string }[][] = [];
  const world = {
    now: start,
    last: null as number | null,
    reports,
    closed: [] as string[],
    failing: false,
    run: () =>
      reportAccounts({
        holders,
        reportTime: {
          get: async () => world.last,
          put: async (at) => {
            world.last = at;
          },
        },
        report: async (accounts) => {
          if (world.failing) throw new Error('unavailable');
          reports.push(accounts);
          const status = ({ accountId }: { accountId: string }) =>
            world.closed.includes(accountId) ? ('closed' as const) : ('updated' as const);
          return accounts.map((account) => ({ accountId: account.accountId, status: status(account) }));
        },
        now: () => world.now,
        log: () => undefined,
      }),
  };
  return world;
}

test('reports each account once, with the oldest time of all records of all kinds, and never the unknown one', async () => {
  const log = holder(
    ...[record('1', 'ada', start - 2 * day), record('2', 'bob', start - day), record('3', 'ada', start - 5 * day)],
    ...[record('4', 'unknown', start), record('5', 'bob', start)],
  );
  const { run, reports } = reporter(log, holder(record('6', 'bob', start - 9 * day)));
  await run();
  assert.deepEqual(reports, [
    [
      { accountId: 'ada', updatedAt: new Date(start - 5 * day).toISOString() },
      { accountId: 'bob', updatedAt: new Date(start - 9 * day).toISOString() },
    ],
  ]);
});

test('reports at most 90 accounts at once, and all of them', async () => {
  const { run, reports } = reporter(
    holder(...Array.from({ length: 200 }, (_, index) => record(`${index}`, `a${index}`, start))),
  );
  await run();
  assert.deepEqual(
    reports.map(({ length }) => length),
    [90, 90, 20],
  );
  assert.equal(new Set(reports.flat().map(({ accountId }) => accountId)).size, 200);
});

test('reports once in seven days, though it is asked for each day, and a little early rather than a day late', async () => {
  const world = reporter(holder(record('1', 'ada', start)));
  const days: number[] = [];
  for (let today = 0; today <= 21; today += 1) {
    world.now = start + today * day - (today % 2) * 60_000;
    const before = world.reports.length;
    await world.run();
    if (world.reports.length > before) days.push(today);
  }
  assert.deepEqual(days, [0, 7, 14, 21]);
});

test('a clock that was set back keeps no report from being made', async () => {
  const world = reporter(holder(record('1', 'ada', start)));
  world.last = start + 100 * day;
  await world.run();
  assert.equal(world.reports.length, 1);
});

test('erases accounts that were closed in every kind of record, and leaves those that were updated', async () => {
  const [log, senders] = [
    holder(record('1', 'ada', start), record('2', 'bob', start), record('3', 'ada', start), record('4', 'ada', start)),
    holder(record('5', 'ada', start), record('6', 'bob', start)),
  ];
  const world = reporter(log, senders);
  world.closed = ['ada'];
  await world.run();
  assert.deepEqual(
    [log.records, senders.records].flat().map(({ accountId }) => accountId),
    ['bob', 'bob'],
  );
});

test('a report that fails is made again the next day', async () => {
  const world = reporter(holder(record('1', 'ada', start)));
  world.failing = true;
  await assert.rejects(world.run());
  assert.equal(world.last, null);
  world.failing = false;
  world.now += day;
  await world.run();
  assert.equal(world.last, world.now);
});
