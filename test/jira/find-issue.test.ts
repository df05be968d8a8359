import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { toAppError } from '../../src/domain/app-error';
import { jiraIssues } from '../../src/jira/issues';
import { emptyDraft } from './drafts';
import { openSite, type Site } from './site';

/** A site whose index of properties never works, and what the app finds there all the same. */
let site: Site;
afterEach(() => site.close());

const issues = jiraIssues({ now: Date.now, sleep: async (milliseconds) => site.advance(milliseconds) });
const never = Number.POSITIVE_INFINITY;
const run = <T>(fn: () => Promise<T>): Promise<T> => site.forge.run(fn);
const create = (change = {}) => run(() => issues.create({ ...emptyDraft, ...change }));
const find = (origin: string, change = {}) => {
  const made = { projectId: '10000', since: site.now() - 3_600_000, ...change };
  return run(() => issues.findByOrigin(origin, made));
};
const codeOf = (work: Promise<unknown>) => work.then(String, (thrown: unknown) => toAppError(thrown).code);

test('an issue that the index of properties does not know is found by the time that it was made in', async () => {
  site = await openSite({ propertyLagMs: never });
  const origin = 'connection-1:"quo\\ted"';
  const key = await create({ origin });
  await create({ origin: 'connection-1:another' });
  assert.equal(await find(origin), null, 'search lags');
  site.advance(60_000);
  assert.equal(await run(() => issues.findByOrigin(origin)), null);
  assert.equal(await find(origin), key);
  assert.equal(await find('connection-1:"quo'), null);
  assert.equal(await find(origin, { projectId: '10100' }), null);
  site.advance(3_600_000);
  assert.equal(await find(origin, { since: site.now() - 1_800_000 }), null);
});

test('one of more than a page is found, and the index of properties saves the look where it works', async () => {
  site = await openSite({ propertyLagMs: 60_000 });
  for (let number = 1; number <= 120; number += 1) await create({ origin: `connection-1:${number}` });
  const key = await create({ origin: 'connection-1:last' });
  site.advance(2_000);
  site.requests.length = 0;
  assert.equal(await find('connection-1:last'), key);
  assert.equal(site.requests.length, 3, 'the index, and two pages');
  site.advance(60_000);
  site.requests.length = 0;
  assert.equal(await find('connection-1:last'), key);
  assert.equal(site.requests.length, 1);
});

test('a site that refuses to search by the property is looked through by time', async () => {
  site = await openSite({ entityProperties: [] });
  const key = await create({ origin: 'connection-1:x' });
  site.advance(60_000);
  assert.equal(await codeOf(run(() => issues.findByOrigin('connection-1:x'))), 'jira-refused');
  assert.equal(await find('connection-1:x'), key);
  assert.equal(await find('connection-1:y'), null);
});

test('trouble of either search is never taken for "not found"', async () => {
  site = await openSite({ propertyLagMs: never });
  site.answerNext(500, {});
  assert.equal(await codeOf(find('connection-1:x')), 'jira-unavailable');
  site.answerNext(200, { issues: [] });
  site.answerNext(500, {});
  assert.equal(await codeOf(find('connection-1:x')), 'jira-unavailable');
  // Refused, and more issues than are looked through: nobody knows.
  const page = { issues: [{ key: 'SUP-1' }], nextPageToken: 'more' };
  site.answerNext(400, { errorMessages: ['Field does not exist.'] });
  for (let number = 1; number <= 20; number += 1) site.answerNext(200, page);
  assert.equal(await codeOf(find('connection-1:x')), 'jira-refused');
});

test('issues of other mail are seen without the index of properties', async () => {
  site = await openSite({ propertyLagMs: never });
  await create({ origin: 'connection-1:only' });
  site.advance(60_000);
  assert.equal(await run(() => issues.showsOthers('10000', 'connection-1:only')), false);
  assert.equal(await run(() => issues.showsOthers('10000', 'connection-1:other')), true);
  assert.equal(await run(() => issues.showsOthers('10100', 'connection-1:other')), false);
});
