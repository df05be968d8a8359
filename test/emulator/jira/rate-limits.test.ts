import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, issueBody, paragraph, testJira } from './asking';

const create = (site: ReturnType<typeof testJira>) => site.ask('POST', 'issue', issueBody());

test('charges one point a call, and a read for what it returns', async () => {
  const site = testJira({ searchLagMs: 0 });
  const cost = async (...[method, path, body, as]: Parameters<typeof site.ask>) => {
    const before = site.jira.points();
    await site.ask(method, path, body, as);
    return site.jira.points() - before;
  };
  const { body } = await create(site);
  assert.equal(site.jira.points(), 1, 'a write');
  await create(site);
  assert.equal(await cost('GET', `issue/${body.key}`), 2, 'an issue');
  assert.equal(await cost('GET', 'issue/SUP-99'), 1, 'no issue');
  assert.equal(await cost('POST', 'search/jql', { jql: 'project = SUP', fields: ['created'] }), 3, 'two issues');
  assert.equal(await cost('GET', 'project/search'), 3, 'two projects');
  assert.equal(await cost('GET', 'user?accountId=admin'), 3, 'a user');
  assert.equal(await cost('GET', 'mypermissions?permissions=ADMINISTER', undefined, admin), 3, 'a permission');
});

test('refuses every call of an hour whose points are spent, and says how long', async () => {
  const site = testJira({ pointsAnHour: 10 });
  site.clock.advance(30 * 60_000);
  for (let call = 1; call <= 10; call += 1) {
    const { status, headers } = await create(site);
    assert.equal(status, 201);
    assert.equal(headers['ratelimit-policy'], '"global-app-quota";q=10;w=3600');
    assert.equal(
      headers.ratelimit,
      call > 8 ? `"global-app-quota";r=${10 - call};t=1800` : '"global-app-quota";t=1800',
    );
    assert.equal(headers['x-ratelimit-nearlimit'], call > 8 ? 'true' : undefined);
  }
  for (const [method, path] of [
    ['POST', 'issue'],
    ['GET', 'serverInfo'],
  ] as const) {
    const { status, headers } = await site.ask(method, path);
    assert.deepEqual(
      [status, headers['ratelimit-reason'], headers['retry-after'], headers['x-ratelimit-reset']],
      [429, 'jira-quota-global-based', '1800', '2026-11-20T09:00:00Z'],
    );
  }
  site.clock.advance(30 * 60_000);
  assert.equal((await create(site)).status, 201);
  assert.equal(site.jira.points(), 11, 'what is refused costs nothing');
});

test('calls the quota of an app that has one for each tenant by its name', async () => {
  const { headers } = await create(testJira({ pointsAnHour: 0, quota: 'tenant' }));
  assert.equal(headers['ratelimit-reason'], 'jira-quota-tenant-based');
});

test('refuses more requests than an endpoint takes in a second, and no others', async () => {
  const site = testJira();
  for (let call = 1; call <= 100; call += 1) assert.equal((await create(site)).status, 201);
  const { status, headers } = await create(site);
  assert.deepEqual([status, headers['ratelimit-reason'], headers['retry-after']], [429, 'jira-burst-based', '1']);
  assert.equal((await site.ask('GET', 'issue/SUP-1')).status, 200);
  site.clock.advance(10);
  assert.equal((await create(site)).status, 201);
  assert.equal((await create(site)).status, 429);
});

test('refuses the 21st write to an issue in 2 s, and the 101st in 30 s, and no other issue', async () => {
  const site = testJira();
  const { body } = await create(site);
  const write = (key: string) => site.ask('POST', `issue/${key}/comment`, { body: paragraph('Hello') });
  const statuses = async (count: number) => {
    const found: number[] = [];
    for (let call = 1; call <= count; call += 1) found.push((await write(body.key)).status);
    return found.filter((status) => status === 201).length;
  };
  assert.equal(await statuses(30), 19, 'making it was the first');
  const { headers } = await write(body.key);
  assert.deepEqual([headers['ratelimit-reason'], headers['retry-after']], ['jira-per-issue-on-write', '2']);
  const other = await create(site);
  assert.equal((await write(other.body.key)).status, 201);
  let written = 20;
  for (let second = 2; second <= 12; second += 2) {
    site.clock.advance(2_000);
    written += await statuses(25);
  }
  assert.equal(written, 100);
  assert.equal((await write(body.key)).headers['retry-after'], '18');
  site.clock.advance(18_000);
  assert.equal(await statuses(25), 20);
});
