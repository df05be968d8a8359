import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { ActivityEntry, ActivityResult } from '../../src/domain/activity';
import type { ActivityQuery } from '../../src/domain/activity-port';
import { activityStore } from '../../src/store/activity';
import type { Clock } from '../emulator/clock';
import { createForge } from '../emulator/forge/create-forge';
import type { Forge, Usage } from '../emulator/forge/forge';
import { activityEntry } from '../support/activity-entry';

/** A log of 100,000 entries over the real storage package, on the emulator's storage API with all its limits. */
const count = 100_000;
const dayMs = 86_400_000;
/** Newest first; the last ones are as old as entries are kept, and older ones were written while they were kept for longer. */
const spanMs = 29 * dayMs;
const tooOld = 2_000;

let forge: Forge;
let now = Date.UTC(2026, 10, 20, 9);
const start = now;
const clock: Clock = {
  now: () => now,
  advance: (milliseconds) => {
    now += milliseconds;
  },
};

function resultOf(index: number): ActivityResult {
  if (index > count - 60) return 'gone';
  if (index % 50 === 7) return 'quarantined';
  return index % 10 === 3 ? 'skipped' : 'created';
}
const all = Array.from({ length: count }, (_, index) =>
  activityEntry({
    id: `c${index % 7}:${String(index).padStart(6, '0')}`,
    connectionId: `c${index % 7}`,
    at: start - Math.floor((index / count) * spanMs),
    result: resultOf(index),
    subject: index % 33_000 === 32_999 ? 'A needle in the hay' : `Mail ${index}`,
    issueKey: `SUP-${index}`,
  }),
);
const old = Array.from({ length: tooOld }, (_, index) =>
  activityEntry({ id: `c1:old-${index}`, connectionId: 'c1', at: start - 40 * dayMs - index }),
);

/** Writes within the platform's limit of a minute. */
async function recordAll(entries: readonly ActivityEntry[]): Promise<void> {
  const store = activityStore();
  for (let from = 0; from < entries.length; from += 5_000) {
    await store.record(entries.slice(from, from + 5_000));
    clock.advance(60_000);
  }
}

before(async () => {
  const nothing = { handle: () => Promise.reject(new Error('not used')), scopes: () => [] };
  const unused = () => undefined;
  forge = await createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions: { resolve: unused, plan: unused, poll: unused, authorizeCallback: unused },
    products: { jira: nothing },
    remotes: {},
    directory: null,
    clock,
  });
  await forge.run(async () => {
    await activityStore().keepDays(60);
    await recordAll(old);
    await activityStore().keepDays(30);
    await recordAll(all);
  });
});
after(() => forge.close());

const cursors = new Set<string>();

interface Reading {
  found: string[];
  pages: number;
  /** The most calls and 10 KB units that one page took. */
  mostCalls: number;
  mostUnits: number;
}

/** Turns all pages of a query, each a call of its own as from a page; none may be empty before the end. */
async function readAll(query: ActivityQuery): Promise<Reading> {
  const reading: Reading = { found: [], pages: 0, mostCalls: 0, mostUnits: 0 };
  let cursor: string | undefined;
  do {
    const before: Usage = forge.usage();
    const page = await forge.run(() => activityStore().list({ ...query, cursor }), { timeoutSeconds: 25 });
    const { kvs } = forge.usage();
    reading.mostCalls = Math.max(reading.mostCalls, kvs.reads - before.kvs.reads);
    reading.mostUnits = Math.max(reading.mostUnits, (kvs.bytesRead - before.kvs.bytesRead) / 10_240);
    assert.equal(kvs.writes, before.kvs.writes, 'reading writes nothing');
    reading.found.push(...page.entries.map(({ id }) => id));
    reading.pages += 1;
    assert.ok(page.entries.length > 0 || page.cursor === null || query.text !== undefined, 'an empty page');
    if (query.text !== undefined) assert.equal(page.searchedUntil === null, page.cursor === null);
    cursor = page.cursor ?? undefined;
    if (cursor !== undefined) cursors.add(cursor);
    clock.advance(250);
  } while (cursor !== undefined);
  return reading;
}

function tell(t: TestContext, { pages, found, mostCalls, mostUnits }: Reading): void {
  const most = `at most ${mostCalls} calls and ${mostUnits.toFixed(1)} units of 10 KB a page`;
  t.diagnostic(`${found.length} entries on ${pages} pages; ${most}`);
}

const filters: [string, ActivityQuery, (entry: ActivityEntry) => boolean][] = [
  ['everything', {}, () => true],
  ['one connection', { connectionId: 'c1' }, ({ connectionId }) => connectionId === 'c1'],
  ['one result', { result: 'quarantined' }, ({ result }) => result === 'quarantined'],
  ['a result that is only at the far end', { result: 'gone' }, ({ result }) => result === 'gone'],
  ['a result that nothing has', { result: 'dismissed' }, () => false],
  [
    'one result of one connection',
    { connectionId: 'c3', result: 'skipped' },
    (entry) => entry.connectionId === 'c3' && entry.result === 'skipped',
  ],
  [
    'a period',
    { from: start - 8 * dayMs, to: start - 7 * dayMs },
    ({ at }) => at >= start - 8 * dayMs && at <= start - 7 * dayMs,
  ],
  [
    'a period of one connection',
    { connectionId: 'c5', from: start - 20 * dayMs },
    (entry) => entry.connectionId === 'c5' && entry.at >= start - 20 * dayMs,
  ],
];
for (const [what, query, isWanted] of filters) {
  test(`turns all pages of ${what} among 100,000 entries, with none empty before the end`, async (t) => {
    const reading = await readAll(query);
    const wanted = all.filter(isWanted).map(({ id }) => id);
    assert.equal(reading.found.length, wanted.length);
    assert.deepEqual(new Set(reading.found), new Set(wanted));
    // A query, and how long entries are kept; where mail of any result ends, a query for the changes of settings behind it.
    const ends = query.result === undefined ? 1 : 0;
    assert.ok(reading.mostCalls <= 2 + ends, `${reading.mostCalls} calls`);
    assert.ok(reading.mostUnits <= 10, `${reading.mostUnits} units`);
    tell(t, reading);
  });
}

test('searches 100,000 entries for a text, says each time how far it looked, and goes on to the end', async (t) => {
  const reading = await readAll({ text: 'NEEDLE sup-' });
  assert.equal(reading.found.length, 3);
  assert.ok(reading.mostCalls <= 21, `${reading.mostCalls} calls`);
  // A hundred searches a minute must be possible within 4,000 units; each looks at 2,000 entries.
  assert.ok(reading.mostUnits <= 200, `${reading.mostUnits} units`);
  assert.ok(reading.pages >= count / 2_000);
  tell(t, reading);
});

test('keeps no cursor in the storage', () => {
  assert.ok(cursors.size > 2_000);
  const stored = JSON.stringify(forge.storage(''));
  for (const cursor of cursors) assert.ok(!stored.includes(cursor), cursor);
});
