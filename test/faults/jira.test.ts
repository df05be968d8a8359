import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import type { Fault, ProductRequest, ProductResponse } from '../emulator/forge/forge';
import { faultTests } from './matrix';
import { assertTransient, type Inbox, type Stage, startStage } from './stage';

let stage: Stage;
/** What answers in Jira's place; undefined leaves it to Jira. */
let instead: (request: ProductRequest) => ProductResponse | undefined = () => undefined;
before(async () => {
  stage = await startStage({
    searchLagMs: 60_000,
    inFrontOfJira: (jira) => ({ ...jira, handle: async (request) => instead(request) ?? jira.handle(request) }),
  });
});
after(() => stage?.close());
afterEach(() => {
  instead = () => undefined;
  stage.product.forge.setFaults([]);
});

const deleting = () => stage.inbox({ settings: { afterDownload: 'delete' } });
const create = 'POST jira/rest/api/3/issue$';
const attach = '/attachments$';
const strike = (match: string, fault: Partial<Fault>) =>
  stage.product.forge.setFaults([{ match, when: 'before', kind: 'error', times: 1, ...fault }]);
/** Of more files than go in one request. */
const fileNames = Array.from({ length: 61 }, (_, index) => `${index}.csv`);
const withFiles = (user: string, subject: string) => {
  const file = (name: string) =>
    `--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=${name}\r\n\r\n${name}\r\n`;
  return `Subject: ${subject}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText to ${user}.\r\n${fileNames.map(file).join('')}--b--\r\n`;
};
const issuesOf = ({ user }: Inbox) =>
  stage.product.jira.state.all().filter(({ description }) => JSON.stringify(description).includes(`to ${user}.`));

/** Jira refuses until an administrator has put it right: the mail stays, and no more of it is asked for. */
async function flagged(inbox: Inbox, expected: RegExp, repair: () => Record<string, unknown>): Promise<void> {
  await inbox.deliver('one', 'two');
  await stage.product.pollUntilSuspended(inbox.id);
  const { state, trouble, settings, version } = await inbox.view();
  assert.equal(state, 'suspended');
  assert.match(trouble?.message ?? '', expected);
  assert.deepEqual(inbox.issues(), []);
  assert.equal(await inbox.left(), 2);
  const repaired = { ...settings, ...repair() } as typeof settings;
  await stage.product.call('connections.update', { id: inbox.id, version, settings: repaired });
  await inbox.recovers(['one', 'two']);
  assert.equal(await inbox.left(), 0);
}

faultTests('jira', {
  'create answers 429': async () => {
    const inbox = await deleting();
    await inbox.deliver('one', 'two');
    instead = ({ method, path }) =>
      method === 'POST' && path === '/rest/api/3/issue'
        ? { status: 429, headers: { 'retry-after': '600' }, body: '{}' }
        : undefined;
    await inbox.poll();
    await assertTransient(inbox);
    const { trouble } = await inbox.view();
    assert.ok((trouble?.notBefore ?? 0) - (trouble?.since ?? 0) >= 600_000, 'Retry-After is honoured');
    assert.equal(await inbox.left(), 2);
    instead = () => undefined;
    await inbox.recovers(['one', 'two']);
    assert.equal(await inbox.left(), 0);
  },

  'create times out without effect': async () => {
    const inbox = await deleting();
    await inbox.deliver('one', 'two');
    strike(create, { kind: 'timeout' });
    await inbox.poll();
    assert.equal(issuesOf(inbox).length, 0);
    // Those behind it do not wait for it.
    await inbox.recovers(['two', 'one']);
    assert.equal(await inbox.left(), 0);
  },

  'create times out with effect': async () => {
    const inbox = await deleting();
    await inbox.raw(withFiles(inbox.user, 'one'));
    strike(create, { kind: 'timeout', when: 'after' });
    await inbox.poll();
    assert.equal(issuesOf(inbox).length, 1);
    assert.equal(await inbox.left(), 1, 'it stays until the key is recorded');
    await inbox.recovers(['one']);
    assert.deepEqual(
      issuesOf(inbox)[0]?.attachments.map(({ filename }) => filename),
      fileNames,
    );
    assert.equal(await inbox.left(), 0);
  },

  'create answers 400: a field': async () => {
    const inbox = await deleting();
    instead = ({ method, path }) =>
      method === 'POST' && path === '/rest/api/3/issue'
        ? { status: 400, headers: {}, body: JSON.stringify({ errors: { customfield_10042: 'Team is required.' } }) }
        : undefined;
    await flagged(inbox, /Team is required/, () => {
      instead = () => undefined;
      return {};
    });
  },

  'create answers 400: the project is gone': async () => {
    const inbox = await stage.inbox({
      settings: { afterDownload: 'delete', target: { projectId: '99999', issueTypeId: '10001' } },
    });
    await flagged(inbox, /project/, () => ({ target: { projectId: '10000', issueTypeId: '10001' } }));
  },

  'create answers 413': async () => {
    const inbox = await deleting();
    await inbox.deliver('one', 'two');
    instead = ({ method, path, body }) =>
      method === 'POST' && path === '/rest/api/3/issue' && Buffer.from(body).includes('"summary":"one"')
        ? { status: 413, headers: {}, body: '{}' }
        : undefined;
    await inbox.recovers(['two']);
    assert.equal((await inbox.givenUp()).length, 1);
    assert.equal(await inbox.left(), 1);
  },

  'an attachment answers 500': async () => {
    const inbox = await deleting();
    await inbox.raw(withFiles(inbox.user, 'one'));
    let creates = 0;
    instead = ({ method, path }) => {
      if (method === 'POST' && path === '/rest/api/3/issue') creates += 1;
      return undefined;
    };
    strike(attach, { skip: 1, status: 500 });
    await inbox.poll();
    assert.equal(issuesOf(inbox)[0]?.attachments.length, 60);
    assert.equal(await inbox.left(), 1, 'it stays until it is whole');
    await inbox.recovers(['one']);
    assert.deepEqual(
      issuesOf(inbox)[0]?.attachments.map(({ filename }) => filename),
      fileNames,
    );
    assert.equal(creates, 1);
    assert.equal(await inbox.left(), 0);
  },

  'the issue is deleted later': async () => {
    const inbox = await stage.inbox();
    await inbox.deliver('one', 'two');
    await inbox.recovers(['one', 'two']);
    const [first] = issuesOf(inbox);
    stage.product.jira.state.remove(first?.id ?? '');
    // Everything is listed once more, as after a server was laid anew.
    await stage.dovecot.doveadm('mailbox', 'update', '--uid-validity', '4711', '-u', inbox.user, 'INBOX');
    await inbox.recovers(['two']);

    const half = await deleting();
    await half.raw(withFiles(half.user, 'half'));
    strike(attach, { skip: 1, status: 500 });
    await half.poll();
    stage.product.jira.state.remove(issuesOf(half)[0]?.id ?? '');
    await half.recovers([]);
    assert.equal(await half.left(), 0);

    const quick = await deleting();
    await quick.raw(withFiles(quick.user, 'quick'));
    instead = ({ path }) => {
      // Between its creation and its first attachment.
      if (path.endsWith('/attachments')) stage.product.jira.state.remove(issuesOf(quick)[0]?.id ?? '');
      return undefined;
    };
    await quick.poll();
    assert.equal((await quick.view()).waiting, 0, 'nothing is left to be tried');
    await quick.recovers([]);
    assert.equal(await quick.left(), 0);
  },

  "the issue that was made can't be seen": async () => {
    for (const status of [404, 403]) {
      const inbox = await deleting();
      await inbox.raw(withFiles(inbox.user, 'one'));
      await inbox.deliver('two');
      instead = ({ method, path }) =>
        method === 'GET' && /^\/rest\/api\/3\/issue\/SUP-\d+(\?|$)/.test(path)
          ? { status, headers: {}, body: '{}' }
          : undefined;
      await stage.product.pollUntilSuspended(inbox.id);
      const { state, trouble, settings, version } = await inbox.view();
      assert.equal(state, 'suspended');
      assert.match(trouble?.message ?? '', /cannot see it.*security level/);
      assert.deepEqual([inbox.issues(), await inbox.left()], [['one'], 2]);
      instead = () => undefined;
      await stage.product.call('connections.update', { id: inbox.id, version, settings });
      await inbox.recovers(['one', 'two']);
      assert.equal(issuesOf(inbox)[0]?.attachments.length, 61);
      assert.equal(await inbox.left(), 0);
    }
  },

  'attachments are refused': () => withoutFiles(403),
  'attachments answer 404 although the issue is there': () => withoutFiles(404),

  'no file is taken, not even the mail that says the rest': async () => {
    const inbox = await deleting();
    await inbox.raw(`Subject: long\r\n\r\nText to ${inbox.user}.\r\n${'word '.repeat(20_000)}THE-END\r\n`);
    strike(attach, { status: 403, times: 100 });
    await inbox.poll();
    stage.product.forge.setFaults([]);
    const [long] = issuesOf(inbox);
    assert.match(JSON.stringify(long?.comments[0]?.body), /original-mail\.eml/);
    assert.equal(await inbox.left(), 1);
    await inbox.recovers(['long']);
    assert.match(JSON.stringify(issuesOf(inbox)[0]?.attachments[0]?.filename), /original-mail\.eml/);
    assert.equal(await inbox.left(), 0);
  },

  'answers get lost, and search shows nothing': async () => {
    const inbox = await deleting();
    await inbox.deliver('one');
    instead = ({ path }) =>
      path === '/rest/api/3/search/jql' ? { status: 200, headers: {}, body: '{"issues":[],"isLast":true}' } : undefined;
    strike(create, { status: 504, when: 'after', times: 100 });
    for (let round = 0; round < 16; round += 1) {
      await stage.product.forge.advance(1_300);
      await inbox.poll();
    }
    assert.equal(inbox.issues().length, 2);
    assert.equal(await inbox.left(), 1);
    assert.deepEqual(await inbox.givenUp(), ['issue-untraceable']);
    assert.equal((await inbox.view()).state, 'enabled');
  },
});

async function withoutFiles(status: number): Promise<void> {
  const inbox = await deleting();
  await inbox.raw(withFiles(inbox.user, 'one'));
  await inbox.deliver('two');
  strike(attach, { skip: 1, status, times: 100 });
  for (let round = 0; round < 3; round += 1) {
    await inbox.poll();
    await stage.product.forge.advance(24 * 3_600);
  }
  stage.product.forge.setFaults([]);
  assert.deepEqual(inbox.issues(), ['one', 'two']);
  assert.equal(await inbox.left(), 1);
  const { state, trouble, waiting } = await inbox.view();
  assert.deepEqual({ state, trouble, waiting }, { state: 'enabled', trouble: null, waiting: 1 });
  const [one] = issuesOf(inbox);
  assert.deepEqual([one?.comments.length, one?.attachments.length], [1, 60]);
  assert.match(JSON.stringify(one?.comments[0]?.body), /60\.csv/);
  await inbox.recovers(['one', 'two']);
  assert.deepEqual(
    issuesOf(inbox)[0]?.attachments.map(({ filename }) => filename),
    fileNames,
  );
  assert.equal(await inbox.left(), 0);
}
