import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agent, customer, issueBody, paragraph, type TestJira, testJira } from './asking';

const entityProperties = [
  {
    propertyKey: 'letterbox',
    values: [
      { path: 'origin', type: 'string', searchAlias: 'letterboxOrigin' },
      { path: 'mail.size', type: 'number' },
    ],
  },
];

const search = ({ ask }: TestJira, jql: string, more: Record<string, unknown> = {}) =>
  ask('POST', 'search/jql', { jql, fields: ['summary'], ...more });
const keys = async (site: TestJira, jql: string, more: Record<string, unknown> = {}) => {
  const { status, body } = await search(site, jql, more);
  assert.equal(status, 200, JSON.stringify(body));
  return body.issues.map((issue: { key: string }) => issue.key);
};

async function siteWithMail(): Promise<TestJira> {
  const site = testJira({ entityProperties });
  for (const [index, project] of ['SUP', 'DEV', 'SUP'].entries()) {
    const value = { origin: `mail "${index}"`, hidden: 'x', mail: { size: index * 100 } };
    const fields = {
      project: { key: project },
      summary: `Mail number ${index}`,
      description: paragraph(`Body ${index}`),
    };
    await site.ask('POST', 'issue', issueBody(fields, { properties: [{ key: 'letterbox', value }] }));
    site.clock.advance(1_000);
  }
  site.clock.advance(2_000);
  return site;
}

describe('search', () => {
  test('finds an issue by a property that the manifest indexes, by path and by alias', async () => {
    const site = await siteWithMail();
    assert.deepEqual(await keys(site, `issue.property['letterbox'].origin = "mail \\"1\\""`), ['DEV-1']);
    assert.deepEqual(await keys(site, 'letterboxOrigin = \'mail "2"\''), ['SUP-2']);
    assert.deepEqual(await keys(site, 'letterboxOrigin = "mail"'), []);
    assert.deepEqual(await keys(site, "issue.property['letterbox'].mail.size >= 100 ORDER BY key ASC"), [
      'SUP-2',
      'DEV-1',
    ]);
  });

  test('refuses a property that no module of the manifest indexes', async () => {
    const site = await siteWithMail();
    assert.equal((await search(site, `issue.property['letterbox'].hidden = "x"`)).status, 400);
    assert.equal((await search(site, `issue.property['other'].origin = "x"`)).status, 400);
    assert.equal((await search(site, 'issue.property[letterbox].origin = "mail \\"1\\""')).status, 400, 'unquoted');
  });

  test('combines clauses as their precedence says', async () => {
    const site = await siteWithMail();
    assert.deepEqual(await keys(site, 'project = SUP ORDER BY created ASC'), ['SUP-1', 'SUP-2']);
    assert.deepEqual(await keys(site, 'key = DEV-1 OR key = SUP-1 AND project = DEV'), ['DEV-1']);
    assert.deepEqual(await keys(site, '(key = DEV-1 OR key = SUP-1) AND project = SUP'), ['SUP-1']);
    assert.deepEqual(await keys(site, 'key in (SUP-1, SUP-2) AND NOT summary ~ "number 0"'), ['SUP-2']);
    assert.deepEqual(await keys(site, 'assignee is EMPTY and project != SUP'), ['DEV-1']);
  });

  test('refuses what is no JQL, unknown fields and values, and queries without any restriction', async () => {
    const site = await siteWithMail();
    for (const jql of [
      '',
      'order by created',
      'project =',
      'project SUP',
      'project = NOPE',
      'colour = red',
      '(project = SUP',
      'key = a{b',
      'project = SUP key = SUP-1',
      'summary = "x"',
      'project ~ SUP',
      'key = "\\q"',
      'project = SUP ORDER BY colour',
    ]) {
      assert.equal((await search(site, jql)).status, 400, jql);
    }
  });

  test('pages by token, and answers ids only unless fields are asked for', async () => {
    const site = await siteWithMail();
    const first = await search(site, 'project in (SUP, DEV)', { maxResults: 2 });
    assert.equal(first.body.isLast, false);
    const second = await search(site, 'project in (SUP, DEV)', {
      maxResults: 2,
      nextPageToken: first.body.nextPageToken,
    });
    assert.deepEqual(
      [...first.body.issues, ...second.body.issues].map(({ key }) => key),
      ['SUP-2', 'DEV-1', 'SUP-1'],
    );
    assert.equal(second.body.isLast, true);
    assert.equal('nextPageToken' in second.body, false);
    assert.deepEqual((await search(site, 'key = DEV-1', { fields: [] })).body.issues, [{ id: '10002' }]);
    assert.equal((await search(site, 'key = DEV-1', { nextPageToken: 'x' })).status, 400);
  });

  test('lags behind what was created, unless the issue is to be reconciled', async () => {
    const site = testJira({ searchLagMs: 2_000 });
    const { id } = (await site.ask('POST', 'issue', issueBody())).body;
    site.clock.advance(1_999);
    assert.deepEqual(await keys(site, 'project = SUP'), []);
    assert.deepEqual(await keys(site, 'project = SUP', { reconcileIssues: [Number(id)] }), ['SUP-1']);
    site.clock.advance(1);
    assert.deepEqual(await keys(site, 'project = SUP'), ['SUP-1']);
  });

  test('does not find a new issue earlier because it was changed meanwhile', async () => {
    const site = testJira({ searchLagMs: 2_000 });
    await site.ask('POST', 'issue', issueBody());
    site.clock.advance(1_500);
    await site.ask('PUT', 'issue/SUP-1', { fields: { summary: 'Changed' } });
    assert.deepEqual(await keys(site, 'project = SUP'), []);
    site.clock.advance(2_000);
    assert.deepEqual(await keys(site, 'project = SUP AND summary ~ "changed"'), ['SUP-1']);
  });

  test('lags behind changes and deletions too', async () => {
    const site = await siteWithMail();
    await site.ask('PUT', 'issue/SUP-1', { fields: { summary: 'Changed' } });
    await site.ask('DELETE', 'issue/SUP-2');
    assert.deepEqual(await keys(site, 'project = SUP AND summary ~ mail'), ['SUP-2', 'SUP-1']);
    site.clock.advance(2_000);
    assert.deepEqual(await keys(site, 'project = SUP AND summary ~ mail'), []);
  });

  test('shows people only what they may browse', async () => {
    const { ask } = await siteWithMail();
    const jql = { jql: 'project = SUP', fields: ['summary'] };
    assert.equal((await ask('POST', 'search/jql', jql, agent)).body.issues.length, 2);
    assert.equal((await ask('POST', 'search/jql', jql, customer)).body.issues.length, 0);
  });

  test('no longer answers the search that Atlassian removed', async () => {
    const { ask } = testJira();
    assert.equal((await ask('GET', 'search?jql=project=SUP')).status, 410);
    assert.equal((await ask('POST', 'search', { jql: 'project=SUP' })).status, 410);
  });
});
