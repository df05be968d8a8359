import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCheck } from '../../src/diagnosis/run-check';
import type { ActivityEntry } from '../../src/domain/activity';
import { AppError } from '../../src/domain/app-error';
import { activityEntry } from '../support/activity-entry';
import { goodSite } from './ports';

/** A store whose queries list a record only so many milliseconds after it was written. */
async function storage(lagMs: number) {
  const { ports, listed } = goodSite();
  const { write, lists } = ports.query;
  let writtenAt = 0;
  ports.query.write = async (id) => {
    writtenAt = ports.now();
    await write(id);
  };
  ports.query.lists = async (id) => ports.now() - writtenAt >= lagMs && (await lists(id));
  return { finding: await runCheck('storage', ports), listed };
}

test('tells how soon a query lists what was written, and leaves nothing behind', async () => {
  const wanted = [
    [0, 'good', 'Listed at most 0.1 seconds after it was written'],
    [1_500, 'good', 'Listed at most 1.5 seconds after it was written'],
    [4_000, 'attention', 'Listed at most 4 seconds after it was written'],
    [60_000, 'attention', 'Not listed within 10 seconds'],
  ] as const;
  for (const [lagMs, state, value] of wanted) {
    const { finding, listed } = await storage(lagMs);
    assert.deepEqual([finding.state, finding.value], [state, value]);
    assert.equal(listed.size, 0, value);
  }
});

test('says that the store fails, in its own words, and removes its record all the same', async () => {
  const { ports, listed } = goodSite();
  const message = 'The storage of Jira did not answer.';
  ports.query.lists = () => Promise.reject(new AppError('store-failed', 'transient', message));
  const finding = await runCheck('storage', ports);
  assert.deepEqual([finding.state, finding.reason], ['failed', message]);
  assert.equal(listed.size, 0);
});

/** Search that knows an issue only so many milliseconds after it was made, which was `ageMs` ago. */
async function search(ageMs: number, lagMs: number, deleted: readonly string[] = []) {
  const { ports } = goodSite();
  const at = ports.now() - ageMs;
  const made = (number: number, change: Partial<ActivityEntry> = {}) =>
    activityEntry({ id: `c1:${number}`, issueKey: `SUP-${number}`, at, ...change });
  const entries = [made(2), made(1)];
  ports.activity.list = async ({ result }) => {
    assert.equal(result, 'created');
    return { entries, cursor: null, searchedUntil: null };
  };
  const isThere = (key: string) => !deleted.includes(key);
  ports.issues.findByOrigin = async (origin) => {
    const key = `SUP-${origin.split(':')[1]}`;
    return isThere(key) && ports.now() - at >= lagMs ? key : null;
  };
  ports.issues.attachments = async (key) => (isThere(key) ? [] : null);
  return runCheck('search', ports);
}

const minute = 60_000;

test('tells at most how soon search found the newest issue', async () => {
  const soon = await search(20_000, 1_000);
  assert.deepEqual([soon.state, soon.value], ['good', 'SUP-2 was found at most 20 seconds after it was made']);
  const waited = await search(1_000, 6_000);
  assert.deepEqual([waited.state, waited.value], ['good', 'SUP-2 was found at most 7 seconds after it was made']);
});

test('does not take an old issue that is found for a search that is quick', async () => {
  const old = await search(180 * minute, 0);
  assert.equal(old.state, 'unknown');
  assert.equal(old.value, 'SUP-2 is found, and was made 3 hours ago');
});

test('tells a search that lags, and one that lags by more than is allowed for', async () => {
  const late = await search(2 * minute, 5 * minute);
  assert.equal(late.state, 'attention');
  const lost = await search(11 * minute, 60 * minute);
  assert.equal(lost.state, 'failed');
  assert.match(lost.reason ?? '', /two issues/);
});

test('passes over an issue that somebody deleted', async () => {
  assert.match((await search(minute, 0, ['SUP-2'])).value, /SUP-1 was found/);
  const gone = await search(minute, 0, ['SUP-1', 'SUP-2']);
  assert.equal(gone.state, 'unknown');
  assert.match(gone.reason ?? '', /gone/);
});

test('makes no issue where there is none', async () => {
  const { state, value } = await runCheck('search', goodSite().ports);
  assert.deepEqual([state, value], ['unknown', 'No issue was made yet']);
});
