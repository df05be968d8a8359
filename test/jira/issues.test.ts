import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { Attachment } from '../../src/domain/message';
import { jiraIssues } from '../../src/jira/issues';
import { emptyDraft } from './drafts';
import { openSite, type Site } from './site';

let site: Site;
before(async () => {
  site = await openSite({ attachmentLimit: 1_000 });
});
after(() => site.close());
beforeEach(() => {
  site.forge.setFaults([]);
  site.requests.length = 0;
});

const issues = jiraIssues({ now: Date.now, sleep: async (milliseconds) => site.advance(milliseconds) });
const run = <T>(fn: () => Promise<T>): Promise<T> => site.forge.run(fn);
const create = (change = {}) => run(() => issues.create({ ...emptyDraft, ...change }));
const file = (change: Partial<Attachment> = {}): Attachment => ({
  fileName: 'offer.pdf',
  mimeType: 'application/pdf',
  content: Buffer.from('%PDF'),
  contentId: null,
  inline: false,
  ...change,
});

async function failure(work: Promise<unknown>): Promise<AppError> {
  const thrown = await work.then(
    () => assert.fail('This should have failed.'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof AppError, String(thrown));
  return thrown;
}

describe('create', () => {
  test('makes an issue with its property in one request', async () => {
    const key = await create({
      sender: { name: 'Ann', address: 'ann@example.com', date: Date.UTC(2026, 10, 20, 7, 5) },
      html: '<p>It <b>burns</b>.</p>',
      notice: 'Only in part.',
    });
    assert.equal(site.requests.length, 1);
    const issue = site.jira.state.find(key);
    assert.equal(issue?.summary, 'Printer on fire');
    assert.deepEqual(issue?.properties.letterbox, {
      origin: emptyDraft.origin,
      messageId: 'a@example.com',
      connectionId: 'connection-1',
    });
    const shown = JSON.stringify(issue?.description);
    for (const words of ['mailto:ann@example.com', '2026-11-20 07:05 UTC', 'Only in part.', 'burns', '"panel"']) {
      assert.ok(shown.includes(words), words);
    }
  });

  test('is refused by the configuration when the project or the type is gone', async () => {
    for (const [change, word] of [
      [{ projectId: '99999' }, 'the project'],
      [{ issueTypeId: '99999' }, 'the issue type'],
    ] as const) {
      const error = await failure(create(change));
      assert.deepEqual([error.kind, error.code, error.uncertain], ['access', 'jira-config', false]);
      assert.ok(error.message.includes(word), error.message);
      assert.match(error.message, /Jira says: /);
    }
  });

  test('is refused by the configuration when Jira wants another field', async () => {
    site.answerNext(400, { errorMessages: [], errors: { customfield_10042: 'Cost centre is required.' } });
    const error = await failure(create());
    assert.deepEqual([error.kind, error.code], ['access', 'jira-config']);
    assert.match(error.message, /customfield_10042.*Cost centre is required/);
  });

  test('is refused by the mail when its summary or text is the trouble', async () => {
    const error = await failure(create({ summary: 'x'.repeat(256) }));
    assert.deepEqual([error.kind, error.code, error.uncertain], ['message', 'jira-refused', false]);
    for (const answer of [
      { errorMessages: [], errors: { description: 'CONTENT_LIMIT_EXCEEDED' } },
      { errorMessages: ['INVALID_INPUT'], errors: {} },
    ]) {
      site.answerNext(400, answer);
      assert.equal((await failure(create())).kind, 'message');
    }
  });

  for (const [status, kind] of [
    [401, 'access'],
    [403, 'access'],
    [404, 'access'],
    [413, 'message'],
  ] as const) {
    test(`${status} is certainly without effect, and ${kind}`, async () => {
      site.answerNext(status, { errorMessages: ['No.'], errors: {} });
      const error = await failure(create());
      assert.deepEqual([error.kind, error.uncertain], [kind, false]);
      assert.equal(error.detail, 'No.');
    });
  }

  for (const [what, status, body] of [
    ['500', 500, { errorMessages: ['Internal server error'] }],
    ['503 with a page', 503, '<html>maintenance</html>'],
    ['a success that is a page', 200, '<html>hello</html>'],
    ['a success without a key', 201, { id: '1' }],
  ] as const) {
    test(`${what} passes by itself, and may have had its effect`, async () => {
      site.answerNext(status, body);
      const error = await failure(create());
      assert.deepEqual([error.kind, error.uncertain], ['transient', true]);
    });
  }

  for (const [value, expected] of [
    ['70', 70_000],
    ['86400', 3_600_000],
    ['Fri, 20 Nov 2026 08:00:31 GMT', 31_000],
  ] as const) {
    test(`429 says how long to wait: ${value}`, async () => {
      site.answerNext(429, {}, { 'retry-after': value, date: 'Fri, 20 Nov 2026 08:00:00 GMT' });
      const error = await failure(create());
      assert.deepEqual([error.kind, error.uncertain, error.retryAfterMs], ['transient', false, expected]);
    });
  }

  test('a lost answer may have had its effect, and the issue is found later', async () => {
    const origin = 'connection-1:lost';
    const fault = { match: 'POST jira/rest/api/3/issue$', kind: 'timeout', times: 1 } as const;
    site.forge.setFaults([{ ...fault, when: 'after' }]);
    const error = await failure(create({ origin }));
    assert.deepEqual([error.kind, error.code, error.uncertain], ['transient', 'jira-unreachable', true]);
    site.advance(60_000);
    assert.notEqual(await run(() => issues.findByOrigin(origin)), null);
  });
});

describe('findByOrigin', () => {
  test('finds the issue of this origin only', async () => {
    const key = await create({ origin: 'connection-1:aaa' });
    await create({ origin: 'connection-1:aab' });
    site.advance(60_000);
    assert.equal(await run(() => issues.findByOrigin('connection-1:aaa')), key);
    assert.equal(await run(() => issues.findByOrigin('connection-1:a')), null);
  });

  test('takes an origin for a value, whatever is in it', async () => {
    const origin = 'x" OR project = SUP OR summary ~ "\\';
    assert.equal(await run(() => issues.findByOrigin(origin)), null);
    const key = await create({ origin });
    site.advance(60_000);
    assert.equal(await run(() => issues.findByOrigin(origin)), key);
  });

  test('never takes trouble for "not found"', async () => {
    for (const [status, body] of [
      [200, '<html>'],
      [200, {}],
      [500, {}],
      [400, { errorMessages: ['Field does not exist.'] }],
    ] as const) {
      site.answerNext(status, body);
      await failure(run(() => issues.findByOrigin('connection-1:aaa')));
    }
  });
});

describe('findByMessageId', () => {
  const between = () => ({ from: Date.now() - 3_600_000, to: Date.now() + 3_600_000 });
  const of = (change = {}) => ({ connectionId: 'connection-1', projectId: '10000', between: between(), ...change });
  const look = (messageId: string, change = {}) => run(() => issues.findByMessageId(messageId, of(change)));

  test('finds the issue of this connection and time, over many pages', async () => {
    const messageId = 'look"for\\me@example.com';
    for (let index = 0; index < 120; index += 1) await create({ origin: `connection-1:page-${index}` });
    const key = await create({ origin: 'connection-1:late', messageId });
    await create({ origin: 'connection-2:late', messageId: 'other@example.com', connectionId: 'connection-2' });
    site.advance(60_000);
    assert.equal(await look(messageId), key);
    assert.equal(await look('nobody@example.com'), null);
    assert.equal(await look('other@example.com'), null);
    assert.equal(await look(messageId, { between: { from: 0, to: Date.now() - 7_200_000 } }), null);
    assert.equal(await look(messageId, { projectId: '10100' }), null);
  });

  test('never takes trouble for "not found"', async () => {
    for (const [status, body] of [
      [200, '<html>'],
      [200, {}],
      [500, {}],
    ] as const) {
      site.answerNext(status, body);
      await failure(look('a@example.com'));
    }
  });
});

test('showsOthers tells whether search shows an issue of another mail in the project', async () => {
  const only = await create({ projectId: '10100', origin: 'connection-1:"only"' });
  site.advance(60_000);
  assert.equal(await run(() => issues.showsOthers('10100', 'connection-1:"only"')), false);
  assert.equal(await run(() => issues.showsOthers('10100', 'connection-1:another')), true);
  site.jira.state.remove(site.jira.state.find(only)?.id ?? '');
});

describe('attachments', () => {
  test('keep their names and bytes', async () => {
    const key = await create();
    const fileName = '見積 "€" 100%.pdf';
    const backing = Buffer.from('before\0\r\n\xff--after', 'latin1');
    const content = backing.subarray(6, -5);
    await run(() => issues.attach(key, [file({ fileName, content })]));
    assert.deepEqual(await run(() => issues.attachments(key)), [{ fileName, size: content.length }]);
    assert.ok(Buffer.from(site.requests.at(-2)?.body ?? []).includes(content));
  });

  test('cannot add a header by their name', async () => {
    const key = await create();
    await run(() => issues.attach(key, [file({ fileName: 'a"\r\nX-Evil: 1\r\n\r\nb.pdf' })]));
    const body = Buffer.from(site.requests.at(-1)?.body ?? []).toString();
    assert.doesNotMatch(body, /^X-Evil/m);
    assert.equal(site.requests.at(-1)?.headers['x-atlassian-token'], 'no-check');
  });

  test('that are too large are told apart from everything else', async () => {
    const key = await create();
    const error = await failure(run(() => issues.attach(key, [file({ content: Buffer.alloc(1_001) })])));
    assert.deepEqual([error.kind, error.code], ['message', 'attachment-too-large']);
    await run(() => issues.attach(key, [file({ content: Buffer.alloc(1_000) })]));
  });

  test('of an issue that is gone are null, and cannot be added', async () => {
    assert.equal(await run(() => issues.attachments('SUP-99999')), null);
    const error = await failure(run(() => issues.attach('SUP-99999', [file()])));
    assert.deepEqual([error.kind, error.code], ['message', 'issue-gone']);
  });

  test('of an issue that the app may not see are null', async () => {
    const key = await create();
    for (const status of [403, 404]) {
      site.answerNext(status, { errorMessages: ['You do not have permission to see it.'], errors: {} });
      assert.equal(await run(() => issues.attachments(key)), null);
    }
    assert.deepEqual(await run(() => issues.attachments(key)), []);
  });

  test('that Jira does not allow the app concern this mail only', async () => {
    const key = await create();
    site.answerNext(403, { errorMessages: ['Attachments are disabled.'], errors: {} });
    const error = await failure(run(() => issues.attach(key, [file()])));
    assert.deepEqual([error.kind, error.code, error.uncertain], ['message', 'attach-refused', false]);
    assert.match(error.message, /permission to create attachments.*Attachments are disabled/);
    site.answerNext(401, {});
    assert.equal((await failure(run(() => issues.attach(key, [file()])))).kind, 'access');
  });

  test('that meet trouble in Jira are tried again', async () => {
    const key = await create();
    site.answerNext(500, {});
    assert.deepEqual((await failure(run(() => issues.attach(key, [file()])))).kind, 'transient');
    assert.deepEqual(await run(() => issues.attachments(key)), []);
  });
});

describe('comment', () => {
  test('adds plain text, with addresses as links', async () => {
    const key = await create();
    await run(() => issues.comment(key, 'See https://example.com\n<b>no markup</b>'));
    const shown = JSON.stringify(site.jira.state.find(key)?.comments[0]?.body);
    assert.match(shown, /"href":"https:\/\/example.com\/"/);
    assert.match(shown, /<b>no markup<\/b>/);
  });

  test('says when the issue is gone', async () => {
    assert.equal((await failure(run(() => issues.comment('SUP-99999', 'x')))).code, 'issue-gone');
  });
});

describe('showsWhole', () => {
  test('tells whether Jira has room for all of it', async () => {
    assert.equal(await issues.showsWhole({ ...emptyDraft, text: 'short' }), true);
    assert.equal(await issues.showsWhole({ ...emptyDraft, text: 'long\n'.repeat(20_000) }), false);
  });

  test('a body over the limit is cut, says so, and Jira takes it', async () => {
    const key = await create({ html: `<p>${'long '.repeat(20_000)}</p>` });
    assert.match(JSON.stringify(site.jira.state.find(key)?.description), /goes on in the original mail/);
  });
});
