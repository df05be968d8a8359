import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { createCloudClient, isNotFoundError } from 'jira.js';
import { systemClock } from '../clock';
import { productRequest, sendProductResponse } from '../local/product-http';
import { type Listening, listenOnLoopback } from '../mail-server/loopback';
import { paragraph } from './asking';
import { createJira } from './jira';

/**
 * A client that we did not write, driven over HTTP: it knows Atlassian's published schema of every answer, and throws at each one that
 * does not fit it.
 */
const jira = createJira({
  clock: systemClock(),
  directory: null,
  siteUrl: 'https://letterbox.atlassian.test',
  searchLagMs: 0,
});
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const asked = productRequest(request, Buffer.concat(chunks), '', { type: 'user', accountId: 'admin' });
  sendProductResponse(response, await jira.handle(asked));
});
let listening: Listening;
let client: ReturnType<typeof createCloudClient>;
const issueIdOrKey = 'SUP-1';

before(async () => {
  listening = await listenOnLoopback(server, 0);
  client = createCloudClient({
    host: `http://127.0.0.1:${listening.port}`,
    auth: { type: 'basic', email: 'admin@letterbox.test', apiToken: 'token' },
    onSchemaMismatch: 'throw',
  });
  await client.issues.createIssue({
    fields: {
      project: { key: 'SUP' },
      issuetype: { name: 'Task' },
      summary: 'Contract',
      description: paragraph('Body'),
    },
    properties: [{ key: 'letterbox', value: { origin: 'o1' } }],
  });
});
after(() => {
  listening.close();
  server.close();
  server.closeAllConnections();
});

test('people and permissions fit the published schema', async () => {
  assert.equal((await client.myself.getCurrentUser()).accountId, 'admin');
  assert.equal((await client.users.getUser({ accountId: 'agent' })).displayName, 'Alex Agent');
  assert.equal((await client.userSearch.findUsers({ query: 'casey' })).length, 1);
  assert.equal((await client.users.getAllUsers()).length, 4);
  const { permissions } = await client.permissions.getMyPermissions({ permissions: 'ADMINISTER' });
  assert.equal(permissions?.ADMINISTER.havePermission, true);
  const { globalPermissions } = await client.permissions.getBulkPermissions({ globalPermissions: ['ADMINISTER'] });
  assert.deepEqual(globalPermissions, ['ADMINISTER']);
});

test('projects and issue types fit the published schema', async () => {
  assert.equal((await client.projects.searchProjects({ query: 'sup' })).values?.[0]?.key, 'SUP');
  assert.equal((await client.projects.getProject({ projectIdOrKey: 'DEV' })).projectTypeKey, 'software');
  const meta = await client.issues.getCreateIssueMetaIssueTypes({ projectIdOrKey: 'SUP' });
  assert.equal(meta.issueTypes?.length, 3);
});

test('an issue, its properties and comments fit the published schema', async () => {
  const issue = await client.issues.getIssue({ issueIdOrKey, properties: ['*all'] });
  assert.equal(issue.fields?.summary, 'Contract');
  assert.deepEqual(issue.properties, { letterbox: { origin: 'o1' } });
  await client.issues.editIssue({ issueIdOrKey, fields: { labels: ['mail'] } });
  await client.issueProperties.setIssueProperty({ issueIdOrKey, propertyKey: 'other', body: { a: 1 } });
  assert.equal((await client.issueProperties.getIssueProperty({ issueIdOrKey, propertyKey: 'other' })).key, 'other');
  assert.equal((await client.issueProperties.getIssuePropertyKeys({ issueIdOrKey })).keys?.length, 2);
  const comment = await client.issueComments.addComment({ issueIdOrKey, body: paragraph('Thanks') });
  assert.equal((await client.issueComments.getComments({ issueIdOrKey })).total, 1);
  await client.issueComments.deleteComment({ issueIdOrKey, id: comment.id ?? '' });
});

test('attachments fit the published schema, and come back byte for byte', async () => {
  const [added] = await client.issueAttachments.addAttachment({
    issueIdOrKey,
    attachments: [{ filename: 'Grüße.txt', content: Buffer.from('hello') }],
  });
  assert.equal(added?.filename, 'Grüße.txt');
  const id = added?.id ?? '';
  assert.equal((await client.issueAttachments.getAttachment({ id })).size, 5);
  assert.equal((await client.issueAttachments.getAttachmentMeta()).enabled, true);
  const content = await client.issueAttachments.getAttachmentContent({ id, redirect: false });
  assert.equal(new TextDecoder().decode(content), 'hello');
  await client.issueAttachments.removeAttachment({ id });
});

test('search fits the published schema', async () => {
  const found = await client.issueSearch.searchAndReconsileIssuesUsingJqlPost({
    jql: 'project = SUP',
    fields: ['summary'],
  });
  assert.equal(found.issues?.[0]?.key, 'SUP-1');
  const again = await client.issueSearch.searchAndReconsileIssuesUsingJql({ jql: 'key = SUP-1', fields: ['*all'] });
  assert.equal(again.isLast, true);
});

test('a refusal is one that the client understands', async () => {
  await assert.rejects(client.issues.getIssue({ issueIdOrKey: 'SUP-99' }), (error) => isNotFoundError(error));
});
