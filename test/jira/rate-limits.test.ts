import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { toAppError } from '../../src/domain/app-error';
import { jiraIssues } from '../../src/jira/issues';
import { searchProjects } from '../../src/jira/projects';
import { emptyDraft } from './drafts';
import { openSite, type Site } from './site';

let site: Site;
const waits: number[] = [];
before(async () => {
  site = await openSite();
});
after(() => site.close());
beforeEach(() => {
  site.advance(3_600_000);
  site.requests.length = 0;
  waits.length = 0;
});

const issues = jiraIssues({
  // The platform's time: in a function that runs on it, the emulator's.
  now: Date.now,
  sleep: async (milliseconds) => {
    waits.push(milliseconds);
    site.advance(milliseconds);
  },
});
const run = <T>(fn: () => Promise<T>): Promise<T> => site.forge.run(fn);
const create = () => run(() => issues.create(emptyDraft));
const file = (name: string) => ({
  fileName: name,
  mimeType: 'text/csv',
  content: Buffer.from(name),
  contentId: null,
  inline: false,
});
const failure = async (work: Promise<unknown>) =>
  toAppError(
    await work.then(
      () => assert.fail('This should have failed.'),
      (error: unknown) => error,
    ),
  );
const refuse = (reason: string, headers: Record<string, string> = {}) =>
  site.answerNext(429, {}, { 'ratelimit-reason': reason, ...headers });

for (const reason of ['jira-quota-global-based', 'jira-quota-tenant-based']) {
  test(`tells a quota that is spent from a pace, and asks no second time (${reason})`, async () => {
    refuse(reason, { 'retry-after': '1847' });
    const { code, kind, uncertain, retryAfterMs, message } = await failure(create());
    assert.deepEqual([code, kind, uncertain], ['jira-quota', 'transient', false]);
    assert.ok(retryAfterMs !== undefined && Math.abs(retryAfterMs - 1_847_000) < 2_000, String(retryAfterMs));
    assert.match(message, /hourly quota for apps is used up.*\d\d:\d\d UTC/);
    assert.deepEqual([site.requests.length, waits], [1, []]);
  });
}

test('waits for the time that Jira names, or the full hour, where a spent quota says nothing else', async () => {
  const wait = async (headers: Record<string, string>) => {
    refuse('jira-quota-global-based', headers);
    return (await failure(create())).retryAfterMs ?? 0;
  };
  const reset = await wait({
    'x-ratelimit-reset': new Date(site.now() + 600_000).toISOString(),
  });
  assert.ok(reset > 590_000 && reset <= 600_000, String(reset));
  const untilHour = await wait({ 'retry-after': '0' });
  assert.ok(Math.abs(untilHour - (3_600_000 - (site.now() % 3_600_000))) < 5_000, String(untilHour));
});

for (const reason of ['jira-burst-based', 'jira-per-issue-on-write', '']) {
  test(`asks again after the time that Jira names where the pace was refused (${reason || 'no reason'})`, async () => {
    refuse(reason, { 'retry-after': '7' });
    refuse(reason, { 'retry-after': '2' });
    await create();
    assert.equal(site.requests.length, 3);
    const [first = 0, second = 0] = waits;
    assert.ok(first >= 7_000 && first < 9_400 && second >= 2_000 && second < 2_700, String(waits));
  });
}

test('waits longer each time where Jira names none, and gives up after half a minute', async () => {
  for (let refusal = 1; refusal <= 5; refusal += 1) refuse('jira-burst-based');
  const { code, kind, uncertain } = await failure(create());
  site.discard();
  assert.deepEqual([code, kind, uncertain], ['jira-busy', 'transient', false]);
  assert.ok(waits.every((wait, index) => wait >= 2_000 * 2 ** index) && waits.length >= 3, String(waits));
  assert.ok(waits.reduce((sum, wait) => sum + wait, 0) <= 30_000, String(waits));
});

test('shows a page why it gets no answer while the quota is spent', async () => {
  refuse('jira-quota-global-based', { 'retry-after': '60' });
  assert.equal((await failure(run(() => searchProjects('')))).code, 'jira-quota');
});

test('keeps to 20 writes in 2 s and 100 in 30 s an issue, so that none is refused', async () => {
  const key = await create();
  for (let number = 1; number < 120; number += 1) await run(() => issues.attach(key, [file(`${number}.csv`)]));
  assert.equal(site.requests.length, 120, 'one for each');
  assert.equal((await run(() => issues.attachments(key)))?.length, 119);
  const other = await create();
  const before = site.now();
  await run(() => issues.attach(other, [file('other.csv')]));
  assert.ok(site.now() - before < 1_000, 'another issue waits for nothing');
});

test('attaches sixty files in one request', async () => {
  const key = await create();
  const names = Array.from({ length: 60 }, (_, index) => `${index}.csv`);
  await run(() => issues.attach(key, names.map(file)));
  assert.equal(site.requests.length, 2);
  assert.deepEqual(
    (await run(() => issues.attachments(key)))?.map(({ fileName }) => fileName),
    names,
  );
});

test('goes on where an endpoint was asked too often in a second', async () => {
  for (let number = 1; number <= 150; number += 1) await create();
  assert.ok(site.requests.length >= 150);
});

test('logs once in an invocation that the quota comes to its end, and not while there is plenty', async (t) => {
  const lines: string[] = [];
  t.mock.method(console, 'warn', (line: string) => void lines.push(line));
  const threeCalls = () =>
    run(async () => {
      for (let call = 1; call <= 3; call += 1) await issues.attachments('SUP-1');
    });
  await threeCalls();
  assert.deepEqual(lines, []);
  for (const expected of [1, 2]) {
    const near = {
      'ratelimit-policy': '"global-app-quota";q=65000;w=3600',
      ratelimit: '"global-app-quota";r=11000;t=600',
    };
    for (let call = 1; call <= 3; call += 1) site.answerNext(200, { fields: { attachment: [] } }, near);
    await threeCalls();
    assert.equal(lines.length, expected);
  }
  assert.match(lines[0] ?? '', /jira-quota-near.*r=11000.*q=65000/);
});
