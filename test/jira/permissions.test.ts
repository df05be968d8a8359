import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { administratorCheck } from '../../src/jira/permissions';
import { openSite, type Site } from './site';

let site: Site;
let now = 0;
let isJiraAdministrator: ReturnType<typeof administratorCheck>;
before(async () => {
  site = await openSite();
});
beforeEach(() => {
  now = 1_000_000_000;
  isJiraAdministrator = administratorCheck(() => now);
  site.requests.length = 0;
});
after(() => site.close());

const run = <T>(fn: () => Promise<T>, accountId: string | null = null): Promise<T> => site.forge.run(fn, { accountId });
const yes = { permissions: { ADMINISTER: { havePermission: true } } };
const no = { permissions: { ADMINISTER: { havePermission: false } } };

test('an administrator is one whom Jira calls so', async () => {
  assert.equal(await run(() => isJiraAdministrator('admin'), 'admin'), true);
  assert.equal(await run(() => isJiraAdministrator('agent'), 'agent'), false);
  assert.equal(await run(() => isJiraAdministrator('customer'), 'customer'), false);
});

test('the name of an administrator does not help another user', async () => {
  assert.equal(await run(() => isJiraAdministrator('admin'), 'agent'), false);
});

test('anything but a clear yes is a no', async () => {
  for (const accountId of [null, undefined, '']) {
    assert.equal(await run(() => isJiraAdministrator(accountId), 'admin'), false);
  }
  for (const [status, body] of [
    [500, yes],
    [401, yes],
    [403, yes],
    [202, yes],
    [200, '<html>'],
    [200, {}],
    [200, { permissions: { ADMINISTER: { havePermission: 'true' } } }],
    [200, { permissions: { BROWSE: { havePermission: true } } }],
  ] as const) {
    site.answerNext(status, body);
    assert.equal(await run(() => isJiraAdministrator('admin'), 'admin'), false, JSON.stringify([status, body]));
  }
  site.forge.setFaults([{ match: 'jira/rest/api/3/mypermissions', when: 'before', kind: 'timeout', times: 1 }]);
  assert.equal(await run(() => isJiraAdministrator('admin'), 'admin'), false);
  site.answerNext(200, yes);
  assert.equal(await run(() => isJiraAdministrator('admin'), 'admin'), true);
});

test('a yes is remembered for a minute, for the account that it was said of', async () => {
  const ask = (accountId: string) => run(() => isJiraAdministrator(accountId), accountId);
  assert.equal(await ask('admin'), true);
  now += 59_999;
  assert.equal(await ask('admin'), true);
  assert.equal(site.requests.length, 1);
  assert.equal(await ask('agent'), false);
  assert.equal(site.requests.length, 2);
  now += 1;
  site.answerNext(200, no);
  assert.equal(await ask('admin'), false, 'an administrator who is none any more is refused a minute later');
  assert.equal(await ask('admin'), true, 'a no is asked for again');
  assert.equal(site.requests.length, 4);
});

test('a yes of one installation says nothing of another', async () => {
  const other = await openSite();
  try {
    assert.equal(await run(() => isJiraAdministrator('admin'), 'admin'), true);
    other.answerNext(200, no);
    assert.equal(await other.forge.run(() => isJiraAdministrator('admin'), { accountId: 'admin' }), false);
  } finally {
    await other.close();
  }
});

test('a clock that is set back makes no yes last longer', async () => {
  assert.equal(await run(() => isJiraAdministrator('admin'), 'admin'), true);
  now -= 3_600_000;
  site.answerNext(200, no);
  assert.equal(await run(() => isJiraAdministrator('admin'), 'admin'), false);
});

test('a spent quota is no answer: it is told as what it is', async () => {
  site.answerNext(429, {}, { 'ratelimit-reason': 'jira-quota-global-based', 'retry-after': '60' });
  await assert.rejects(
    run(() => isJiraAdministrator('admin'), 'admin'),
    { code: 'jira-quota' },
  );
  // Any other refusal for a pace is a no, as every error is.
  site.answerNext(429, {}, { 'ratelimit-reason': 'jira-burst-based' });
  assert.equal(await run(() => isJiraAdministrator('admin'), 'admin'), false);
});

test('the platform hears that a user has to consent first', async () => {
  const consent = { name: 'NEEDS_AUTHENTICATION_ERR' };
  site.answerNext(401, yes, { 'forge-proxy-error': 'NEEDS_AUTHENTICATION_ERR' });
  await assert.rejects(
    run(() => isJiraAdministrator('admin'), 'admin'),
    consent,
  );
  // Asked as the user where there is none.
  await assert.rejects(
    run(() => isJiraAdministrator('admin'), null),
    consent,
  );
});
