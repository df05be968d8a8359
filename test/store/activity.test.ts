import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ActivityEntry, defaultActivityDays } from '../../src/domain/activity';
import type { ActivityQuery } from '../../src/domain/activity-port';
import { activityStore } from '../../src/store/activity';
import { createForge } from '../emulator/forge/create-forge';
import { stillClock } from '../emulator/forge/fixture/forge';
import type { Forge } from '../emulator/forge/forge';
import { activityEntry } from '../support/activity-entry';

/** The log over the real storage package, on the emulator's storage API, with 2,400 entries of three connections. */
let forge: Forge;
/** The emulator's own day: entries that have a date must not grow old with the machine. */
const clock = stillClock();

const start = Date.UTC(2026, 10, 1);
const minute = 60_000;
const count = 2_400;
const all = Array.from({ length: count }, (_, index) =>
  activityEntry({
    id: `c${index % 3}:${index}`,
    connectionId: `c${index % 3}`,
    at: start + index * minute,
    result: index % 100 === 0 ? 'quarantined' : 'created',
    subject: index === 7 ? 'A needle in the hay' : `Mail ${index}`,
  }),
);

before(async () => {
  const nothing = { handle: () => Promise.reject(new Error('not used')), scopes: () => [] };
  const unused = () => undefined;
  forge = await createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions: { resolve: unused, plan: unused, poll: unused, authorizeCallback: unused, watch: unused },
    products: { jira: nothing },
    remotes: {},
    directory: null,
    clock,
  });
  await forge.run(() => activityStore().record(all));
});
after(() => forge.close());

/** All pages of a query; asserts that none is empty before the end. */
async function readAll(query: ActivityQuery): Promise<ActivityEntry[]> {
  const found: ActivityEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await activityStore().list({ ...query, cursor });
    found.push(...page.entries);
    assert.ok(page.entries.length > 0 || page.cursor === null, 'an empty page before the end');
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

const newestFirst = (entries: ActivityEntry[]) => entries.toReversed().map(({ id }) => id);
const ids = (entries: ActivityEntry[]) => entries.map(({ id }) => id);

for (const [what, query, isWanted] of [
  ['everything', {}, () => true],
  ['one connection', { connectionId: 'c1' }, (one) => one.connectionId === 'c1'],
  ['one result', { result: 'quarantined' }, (one) => one.result === 'quarantined'],
  [
    'one result of a connection',
    { connectionId: 'c2', result: 'quarantined' },
    (one) => one.connectionId === 'c2' && one.result === 'quarantined',
  ],
  [
    'a period, both ends included',
    { connectionId: 'c0', from: start + 3 * minute, to: start + 9 * minute },
    (one) => one.connectionId === 'c0' && one.at >= start + 3 * minute && one.at <= start + 9 * minute,
  ],
  ['from a moment on', { from: start + 2_000 * minute }, (one) => one.at >= start + 2_000 * minute],
] as [string, ActivityQuery, (entry: ActivityEntry) => boolean][]) {
  test(`lists ${what}, newest first, each entry once, and no empty page before the end`, () =>
    forge.run(async () => {
      const wanted = all.filter(isWanted);
      assert.ok(wanted.length > 0);
      assert.deepEqual(ids(await readAll(query)), newestFirst(wanted));
    }));
}

test('gives an empty end where nothing fits', () =>
  forge.run(async () => {
    assert.deepEqual(await activityStore().list({ connectionId: 'nobody' }), {
      entries: [],
      cursor: null,
      searchedUntil: null,
    });
  }));

test('says how far it has searched for a text, and goes on from there to the end', () =>
  forge.run(async () => {
    const first = await activityStore().list({ text: 'NEEDLE hay' });
    assert.deepEqual(first.entries, []);
    assert.ok(first.cursor !== null);
    assert.equal(first.searchedUntil, start + (count - 2_000) * minute);
    const second = await activityStore().list({ text: 'NEEDLE hay', cursor: first.cursor });
    assert.deepEqual(ids(second.entries), ['c1:7']);
    assert.deepEqual([second.cursor, second.searchedUntil], [null, null]);
  }));

test('writes an entry over the one with the same id', () =>
  forge.run(async () => {
    const failed = activityEntry({ id: 'x:1', connectionId: 'x', result: 'failed', at: start });
    await activityStore().record([failed]);
    await activityStore().record([{ ...failed, result: 'created', issueKey: 'SUP-1', at: start + minute }]);
    assert.deepEqual(ids(await readAll({ connectionId: 'x', result: 'failed' })), []);
    assert.deepEqual(await readAll({ connectionId: 'x' }), [
      { ...failed, result: 'created', issueKey: 'SUP-1', at: start + minute },
    ]);
    assert.equal((await activityStore().get('x:1'))?.issueKey, 'SUP-1');
    assert.deepEqual([...(await activityStore().getMany(['x:1', 'x:2'])).keys()], ['x:1']);
    await activityStore().remove(['x:1']);
    assert.equal(await activityStore().get('x:1'), null);
  }));

test('forgets entries after their days', () =>
  forge.run(async () => {
    await activityStore().record([activityEntry({ id: 'y:1', connectionId: 'y' })]);
    clock.advance((defaultActivityDays - 1) * 86_400_000);
    assert.equal((await readAll({ connectionId: 'y' })).length, 1);
    clock.advance(2 * 86_400_000);
    assert.deepEqual(await readAll({ connectionId: 'y' }), []);
  }));

/** Entries of one connection, days old, noted while they are kept for so many. */
async function recordOld(connectionId: string, daysOld: number[], result: ActivityEntry['result'] = 'created') {
  await activityStore().record(
    daysOld.map((days) =>
      activityEntry({ id: `${connectionId}:${days}`, connectionId, result, at: Date.now() - days * 86_400_000 }),
    ),
  );
}

test('lists no entry that is older than entries are kept, even where the platform has not removed it yet', () =>
  forge.run(async () => {
    await activityStore().keepDays(60);
    await recordOld('k', [59, 40, 20, 6, 1]);
    const listed = async (query: ActivityQuery = {}) => ids(await readAll({ connectionId: 'k', ...query }));
    assert.deepEqual(await listed(), ['k:1', 'k:6', 'k:20', 'k:40', 'k:59']);
    await activityStore().keepDays(30);
    assert.deepEqual(await listed(), ['k:1', 'k:6', 'k:20']);
    assert.deepEqual(await listed({ text: 'subject' }), ['k:1', 'k:6', 'k:20']);
    assert.deepEqual(await listed({ result: 'created' }), ['k:1', 'k:6', 'k:20']);
    await activityStore().keepDays(defaultActivityDays);
  }));

test('keeps new entries for the days that are set, and old ones for those of their time', () =>
  forge.run(async () => {
    await activityStore().keepDays(10);
    await recordOld('short', [0]);
    await activityStore().keepDays(90);
    await recordOld('long', [0]);
    clock.advance(11 * 86_400_000);
    assert.deepEqual(await readAll({ connectionId: 'short' }), []);
    assert.equal((await readAll({ connectionId: 'long' })).length, 1);
    clock.advance(78 * 86_400_000);
    assert.equal((await readAll({ connectionId: 'long' })).length, 1);
    clock.advance(2 * 86_400_000);
    assert.deepEqual(await readAll({ connectionId: 'long' }), []);
    await activityStore().keepDays(defaultActivityDays);
  }));

test('writes no entry that is older than entries are kept', () =>
  forge.run(async () => {
    await recordOld('o', [31, 29]);
    assert.deepEqual([...(await activityStore().getMany(['o:31', 'o:29'])).keys()], ['o:29']);
  }));

test('keeps mail in quarantine until somebody decides, for as long as the platform keeps anything', () =>
  forge.run(async () => {
    await activityStore().keepDays(1);
    await recordOld('q', [0], 'quarantined');
    clock.advance(360 * 86_400_000);
    assert.deepEqual(ids(await readAll({ connectionId: 'q', result: 'quarantined' })), ['q:0']);
    const [entry] = await readAll({ connectionId: 'q', result: 'quarantined' });
    assert.ok(entry !== undefined);
    await activityStore().record([{ ...entry, result: 'dismissed', at: Date.now() }]);
    clock.advance(2 * 86_400_000);
    assert.deepEqual(await readAll({ connectionId: 'q', result: 'dismissed' }), []);
    await activityStore().keepDays(defaultActivityDays);
  }));

test('keeps changes of settings for a year, however short the time for mail is, and lists them after the mail', () =>
  forge.run(async () => {
    const changes = Array.from({ length: 120 }, (_, index) => index * 3);
    await activityStore().keepDays(365);
    await recordOld('a', [2, 5, 40, 200]);
    await activityStore().keepDays(1);
    await recordOld(
      'a',
      changes.map((days) => days + 0.5),
      'changed',
    );
    await recordOld('b', [3], 'changed');
    await recordOld('a', [0.25]);
    const listed = async (query: ActivityQuery = {}) => ids(await readAll({ connectionId: 'a', ...query }));
    const expected = changes.map((days) => `a:${days + 0.5}`);
    assert.deepEqual(await listed(), ['a:0.25', ...expected]);
    assert.deepEqual(await listed({ result: 'changed' }), expected);
    assert.deepEqual(await listed({ result: 'created' }), ['a:0.25']);
    assert.deepEqual(await listed({ from: clock.now() - 10 * 86_400_000 }), ['a:0.25', ...expected.slice(0, 4)]);
    assert.deepEqual(await listed({ to: clock.now() - 340 * 86_400_000 }), expected.slice(-6));
    assert.deepEqual(await listed({ from: clock.now() - 3_600_000 }), []);
    assert.deepEqual(await listed({ text: 'subject' }), ['a:0.25', ...expected]);
    clock.advance(364 * 86_400_000);
    assert.deepEqual(await listed(), ['a:0.5']);
    clock.advance(86_400_000);
    assert.deepEqual(await listed(), []);
    await activityStore().keepDays(defaultActivityDays);
  }));

test('goes on with changes of settings where a page of them ended, while time goes on', () =>
  forge.run(async () => {
    await activityStore().keepDays(1);
    const days = Array.from({ length: 300 }, (_, index) => 2 + index);
    await recordOld('p', days, 'changed');
    const found: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await activityStore().list({ connectionId: 'p', cursor });
      found.push(...ids(page.entries));
      cursor = page.cursor ?? undefined;
      pages += 1;
      clock.advance(1_000);
    } while (cursor !== undefined);
    assert.deepEqual(
      found,
      days.map((day) => `p:${day}`),
    );
    assert.ok(pages > 2);
    await activityStore().keepDays(defaultActivityDays);
  }));

test('reads how long entries are kept once when it notes, and writes nothing for it', () =>
  forge.run(async () => {
    const before = forge.usage().kvs;
    await recordOld('n', [0, 1, 2]);
    const { kvs } = forge.usage();
    assert.deepEqual([kvs.reads - before.reads, kvs.writes - before.writes], [1, 1]);
  }));
