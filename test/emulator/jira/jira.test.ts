import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { admin, agent, customer, issueBody, nobody, paragraph, testJira } from './asking';
import { createJira } from './jira';

describe('people and permissions', () => {
  test('grants ADMINISTER to the administrator only', async () => {
    const { ask } = testJira();
    const path = 'mypermissions?permissions=ADMINISTER';
    const granted = async (as: Parameters<typeof ask>[3]) =>
      (await ask('GET', path, undefined, as)).body.permissions.ADMINISTER.havePermission;
    assert.equal(await granted(admin), true);
    assert.equal(await granted(agent), false);
    assert.equal(await granted(customer), false);
    assert.equal(await granted({ type: 'app' }), false);
    assert.equal(await granted(nobody), false);
  });

  test('refuses a permission check that names none, or one that Jira does not know', async () => {
    const { ask } = testJira();
    assert.equal((await ask('GET', 'mypermissions')).status, 400);
    assert.equal((await ask('GET', 'mypermissions?permissions=ADMINISTRATE', undefined, admin)).status, 400);
  });

  test('lets nobody but the app and administrators check the permissions of others', async () => {
    const { ask } = testJira();
    const body = { accountId: 'admin', globalPermissions: ['ADMINISTER'], projectPermissions: [] };
    assert.deepEqual((await ask('POST', 'permissions/check', body)).body.globalPermissions, ['ADMINISTER']);
    assert.equal((await ask('POST', 'permissions/check', body, agent)).status, 403);
    const own = await ask('POST', 'permissions/check', { ...body, accountId: 'agent' }, agent);
    assert.deepEqual(own.body.globalPermissions, []);
  });

  test('finds users by the beginning of their address, and tells the caller who they are', async () => {
    const { ask } = testJira();
    assert.deepEqual(
      (await ask('GET', 'user/search?query=agent@letter')).body.map((user: { accountId: string }) => user.accountId),
      ['agent'],
    );
    assert.deepEqual((await ask('GET', 'user/search?query=letterbox.test')).body, []);
    assert.equal((await ask('GET', 'myself', undefined, customer)).body.accountId, 'customer');
    assert.equal((await ask('GET', 'myself', undefined, nobody)).status, 401);
    assert.equal((await ask('GET', 'user?accountId=ghost')).status, 404);
  });
});

describe('projects', () => {
  test('shows projects page by page to those who may browse them', async () => {
    const { ask } = testJira();
    const first = (await ask('GET', 'project/search?maxResults=1')).body;
    assert.equal(first.isLast, false);
    assert.equal(first.total, 2);
    const second = (await ask('GET', `project/search?maxResults=1&startAt=1`)).body;
    assert.equal(second.isLast, true);
    assert.notEqual(first.values[0].key, second.values[0].key);
    assert.deepEqual((await ask('GET', 'project/search', undefined, customer)).body.values, []);
    assert.equal((await ask('GET', 'project/search?query=supp')).body.values[0].key, 'SUP');
    assert.equal((await ask('GET', 'project/NOPE')).status, 404);
  });

  test('lists the issue types that can be created', async () => {
    const { ask } = testJira();
    const page = (await ask('GET', 'issue/createmeta/SUP/issuetypes?maxResults=2')).body;
    assert.equal(page.total, 3);
    assert.equal(page.issueTypes.length, 2);
    assert.equal((await ask('GET', 'issuetype/project?projectId=10100')).body.length, 4);
  });
});

describe('issues', () => {
  test('creates an issue with its properties in one request', async () => {
    const { ask } = testJira();
    const body = issueBody(
      { description: paragraph('Help') },
      { properties: [{ key: 'letterbox', value: { origin: 'o1' } }] },
    );
    const created = await ask('POST', 'issue', body);
    assert.equal(created.status, 201);
    assert.equal(created.body.key, 'SUP-1');
    const issue = (await ask('GET', 'issue/SUP-1?properties=letterbox')).body;
    assert.equal(issue.fields.summary, 'The printer is on fire');
    assert.deepEqual(issue.fields.description, paragraph('Help'));
    assert.deepEqual(issue.properties, { letterbox: { origin: 'o1' } });
    assert.equal(issue.fields.creator.accountType, 'app');
  });

  const refusals: [string, Record<string, unknown>, string][] = [
    ['no summary', issueBody({ summary: undefined }), 'summary'],
    ['an empty summary', issueBody({ summary: '  ' }), 'summary'],
    ['a summary over 255 characters', issueBody({ summary: 'x'.repeat(256) }), 'summary'],
    ['a line break in the summary', issueBody({ summary: 'a\nb' }), 'summary'],
    ['an unknown project', issueBody({ project: { key: 'NOPE' } }), 'project'],
    ['an issue type of another project', issueBody({ issuetype: { name: 'Story' } }), 'issuetype'],
    ['an unknown field', issueBody({ colour: 'red' }), 'colour'],
    ['a label with a space', issueBody({ labels: ['two words'] }), 'labels'],
    ['a description that is a string', issueBody({ description: 'Help' }), 'description'],
    ['a description over the limit', issueBody({ description: paragraph('x'.repeat(32_767)) }), 'description'],
    ['a reporter who does not exist', issueBody({ reporter: { id: 'ghost' } }), 'reporter'],
    ['an assignee who does not work here', issueBody({ assignee: { id: 'customer' } }), 'assignee'],
  ];
  for (const [what, body, field] of refusals) {
    test(`refuses ${what}, naming the field, and creates nothing`, async () => {
      const { ask, jira } = testJira();
      const answer = await ask('POST', 'issue', body);
      assert.equal(answer.status, 400);
      assert.deepEqual(Object.keys(answer.body.errors), [field]);
      assert.equal(jira.state.all().length, 0);
    });
  }

  test('lets everything through that stays within these limits', async () => {
    const { ask } = testJira();
    const fields = {
      summary: 'x'.repeat(255),
      description: paragraph('x'.repeat(32_000)),
      labels: ['mail'],
      priority: { name: 'High' },
      reporter: { id: 'customer' },
      assignee: { accountId: 'agent' },
      duedate: '2026-12-01',
    };
    assert.equal((await ask('POST', 'issue', issueBody(fields))).status, 201);
  });

  test('refuses a document that breaks the rules of the document format', async () => {
    const { ask } = testJira();
    const strayText = { type: 'doc', version: 1, content: [{ type: 'text', text: 'no paragraph around me' }] };
    const emptyText = paragraph('');
    const unknownNode = { type: 'doc', version: 1, content: [{ type: 'marquee' }] };
    for (const description of [strayText, emptyText, unknownNode]) {
      const answer = await ask('POST', 'issue', issueBody({ description }));
      assert.equal(answer.status, 400);
      assert.deepEqual(answer.body.errorMessages, ['INVALID_INPUT']);
    }
  });

  test('refuses what is no JSON, and what is sent as something else', async () => {
    const { jira } = testJira();
    const post = (type: string, body: string) =>
      jira.handle({
        method: 'POST',
        path: '/rest/api/3/issue',
        headers: { 'content-type': type },
        body: Buffer.from(body),
        as: { type: 'app' },
      });
    assert.equal((await post('application/json', '{')).status, 400);
    assert.equal((await post('text/plain', '{}')).status, 415);
  });

  test('hides issues from people without permission, and lets nobody create without it', async () => {
    const { ask } = testJira();
    await ask('POST', 'issue', issueBody());
    assert.equal((await ask('GET', 'issue/SUP-1', undefined, agent)).status, 200);
    assert.equal((await ask('GET', 'issue/SUP-1', undefined, customer)).status, 404);
    assert.equal((await ask('GET', 'issue/SUP-1', undefined, nobody)).status, 404);
    assert.equal((await ask('POST', 'issue', issueBody(), customer)).status, 400);
    assert.equal((await ask('POST', 'issue', issueBody(), nobody)).status, 401);
  });

  test('never gives a key twice, not even after the newest issue was deleted', async () => {
    const { ask } = testJira();
    await ask('POST', 'issue', issueBody());
    assert.equal((await ask('DELETE', 'issue/SUP-1', undefined, admin)).status, 204);
    assert.equal((await ask('POST', 'issue', issueBody())).body.key, 'SUP-2');
    assert.equal((await ask('GET', 'issue/SUP-1')).status, 404);
  });

  test('edits fields, and keeps what a refused edit would have changed', async () => {
    const { ask } = testJira();
    await ask('POST', 'issue', issueBody());
    assert.equal((await ask('PUT', 'issue/SUP-1', { fields: { summary: 'New' } })).status, 204);
    assert.equal((await ask('PUT', 'issue/SUP-1', { fields: { summary: 'a\nb', labels: ['x'] } })).status, 400);
    const { fields } = (await ask('GET', 'issue/SUP-1?fields=summary,labels')).body;
    assert.deepEqual(fields, { summary: 'New', labels: [] });
  });

  test('reads, writes and deletes properties', async () => {
    const { ask } = testJira();
    await ask('POST', 'issue', issueBody());
    assert.equal((await ask('GET', 'issue/SUP-1/properties/mail')).status, 404);
    assert.equal((await ask('PUT', 'issue/SUP-1/properties/mail', { a: 1 })).status, 201);
    assert.equal((await ask('PUT', 'issue/SUP-1/properties/mail', { a: 2 })).status, 200);
    assert.deepEqual((await ask('GET', 'issue/SUP-1/properties/mail')).body, { key: 'mail', value: { a: 2 } });
    assert.equal((await ask('PUT', 'issue/SUP-1/properties/mail', 'x'.repeat(32_769))).status, 400);
    assert.equal((await ask('DELETE', 'issue/SUP-1/properties/mail')).status, 204);
    assert.equal((await ask('DELETE', 'issue/SUP-1/properties/mail')).status, 404);
  });

  test('takes comments as documents only', async () => {
    const { ask } = testJira();
    await ask('POST', 'issue', issueBody());
    assert.equal((await ask('POST', 'issue/SUP-1/comment', { body: 'plain' })).status, 400);
    assert.equal((await ask('POST', 'issue/SUP-1/comment', {})).status, 400);
    const comment = await ask('POST', 'issue/SUP-1/comment', { body: paragraph('Thanks') });
    assert.equal(comment.status, 201);
    assert.equal((await ask('GET', 'issue/SUP-1')).body.fields.comment.total, 1);
    assert.equal(
      (await ask('PUT', `issue/SUP-1/comment/${comment.body.id}`, { body: paragraph('No') }, agent)).status,
      403,
    );
    assert.equal((await ask('DELETE', `issue/SUP-1/comment/${comment.body.id}`, undefined, admin)).status, 204);
  });
});

test('names the scope that a request needs', () => {
  const { scopes } = createJira({ clock: { now: () => 0, advance: () => {} }, directory: null });
  assert.deepEqual(scopes('POST', '/rest/api/3/issue'), [['write:jira-work']]);
  assert.deepEqual(scopes('GET', '/rest/api/3/mypermissions?permissions=ADMINISTER'), [['read:jira-work']]);
  assert.deepEqual(scopes('GET', '/rest/api/3/user/search?query=a'), [['read:jira-user']]);
  assert.deepEqual(scopes('GET', '/rest/api/3/issue/createmeta/SUP/issuetypes'), [['read:jira-work']]);
});

test('tells an unknown path from a wrong method', async () => {
  const { ask } = testJira();
  assert.equal((await ask('GET', 'nothing/here')).status, 404);
  assert.equal((await ask('DELETE', 'myself')).status, 405);
});
