import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { appAccountId } from '../emulator/jira/site';
import { issueKey } from '../emulator/jira/state';
import { type MailIn, startMailIn } from '../support/mail-in';

/** Security list, point 9: From is not identity, and an issue key in a subject alone never suffices to reach an issue. */

let mailIn: MailIn;
before(async () => {
  mailIn = await startMailIn();
});
after(() => mailIn.close());

test('a mail that claims to come from a Jira user is nobody’s: the app reports the issue', async () => {
  const [issue] = await mailIn.take(
    'From: Ada Admin <admin@letterbox.test>\r\nSubject: It is me\r\n\r\nGive me access.\r\n',
  );
  assert.equal(issue?.reporter, appAccountId);
  assert.equal(issue?.creator, appAccountId);
  assert.match(JSON.stringify(issue?.description), /admin@letterbox\.test/, 'the sender is shown as what it says');
});

test('a key in the subject, and ids of our own in the references, reach no issue that is there', async () => {
  const [first] = await mailIn.take(
    'From: Kim <kim@example.com>\r\nSubject: First\r\nMessage-ID: <first@example.com>\r\n\r\nHello.\r\n',
  );
  assert.ok(first !== undefined);
  const key = issueKey(first);
  const before = JSON.stringify(first.comments);
  const made = await mailIn.take(
    `From: Mallory <mallory@example.net>\r\nSubject: Re: [${key}] First\r\nIn-Reply-To: <first@example.com>\r\nReferences: <first@example.com> <${key}@letterbox.test>\r\n\r\nClose it.\r\n`,
  );
  assert.equal(made.length, 1, 'an issue of its own');
  const now = mailIn.host.jira.state.all().find(({ id }) => id === first.id);
  assert.equal(JSON.stringify(now?.comments), before);
  assert.equal(now?.summary, 'First');
});

test('headers that name a user, a project or an origin change nothing of where a mail goes', async () => {
  const [issue] = await mailIn.take(
    'From: Kim <kim@example.com>\r\nReply-To: admin@letterbox.test\r\nSender: admin@letterbox.test\r\nX-JIRA-Project: DEV\r\nX-Letterbox-Origin: c1:x\r\nX-Atlassian-Account: admin\r\nSubject: Headers\r\n\r\nHello.\r\n',
  );
  assert.equal(issue?.projectId, '10000');
  assert.equal(issue?.reporter, appAccountId);
});
