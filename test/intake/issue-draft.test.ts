import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../src/domain/connection';
import type { Message } from '../../src/domain/message';
import { issueDraft } from '../../src/intake/issue-draft';
import { settingsOf } from '../support/world';

const connection: Connection = {
  id: 'connection-1',
  version: 1,
  state: 'enabled',
  settings: settingsOf({ target: { projectId: '10000', issueTypeId: '10001' } }),
  logUntil: 0,
  createdAt: 0,
  updatedAt: 0,
};
const message: Message = {
  messageId: 'a@example.com',
  inReplyTo: null,
  references: [],
  subject: 'Re: Printer on fire',
  from: { name: 'Ann', address: 'ann@example.com' },
  replyTo: [],
  to: [],
  cc: [],
  date: 1_000,
  html: '<p>html</p>',
  text: 'text',
  attachments: [],
  headers: [],
  defect: null,
};
const draft = (change: Partial<Message> = {}) => issueDraft({ ...message, ...change }, connection, 'connection-1:abc');

test('an issue has the connection as its target and the mail as its content', () => {
  assert.deepEqual(draft(), {
    projectId: '10000',
    issueTypeId: '10001',
    summary: 'Re: Printer on fire',
    sender: { name: 'Ann', address: 'ann@example.com', date: 1_000 },
    html: '<p>html</p>',
    text: 'text',
    notice: null,
    origin: 'connection-1:abc',
    messageId: 'a@example.com',
    connectionId: 'connection-1',
  });
});

for (const [subject, summary] of [
  ['  two \r\n lines\t', 'two lines'],
  ['', '(no subject)'],
  [' \u200b\u202e ', '(no subject)'],
  ['x'.repeat(255), 'x'.repeat(255)],
  ['x'.repeat(256), 'x'.repeat(255)],
  [`${'x'.repeat(254)}😀`, 'x'.repeat(254)],
  [`${'x'.repeat(254)} y`, 'x'.repeat(254)],
  ['Fw: AW: stays', 'Fw: AW: stays'],
] as const) {
  test(`the subject ${JSON.stringify(subject.slice(-20))} (${subject.length}) becomes a summary that Jira takes`, () => {
    assert.equal(draft({ subject }).summary, summary);
  });
}

test('a mail without a sender has no sender line', () => {
  assert.equal(draft({ from: null }).sender, null);
});

test('a defect is told to the reader, with where to find the rest', () => {
  assert.equal(
    draft({ defect: 'It has more than 1,000 parts.' }).notice,
    'This mail could only be read in part. It has more than 1,000 parts. The original mail is attached.',
  );
});
