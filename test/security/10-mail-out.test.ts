import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type MailIn, mailInAddress, startMailIn } from '../support/mail-in';
import { headerLines } from '../support/outgoing-mail';

/**
 * Security list, point 10: mail that goes out has an explicit envelope and says that no person wrote it (RFC 3834); nothing that
 * comes in is answered. Addresses and headers: test/mail/compose.test.ts, and point 6.
 */

let mailIn: MailIn;
before(async () => {
  mailIn = await startMailIn();
});
after(() => mailIn.close());

const sent = () => mailIn.host.mail.sent();
const head = `From: Kim <kim@example.com>\r\nTo: ${mailInAddress}\r\n`;

const incoming: [what: string, raw: string][] = [
  ['an ordinary mail', `${head}Subject: Hello\r\n\r\nHello.\r\n`],
  ['an automatic reply', `${head}Subject: Away\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n`],
  ['mail that says that a person wrote it', `${head}Subject: Person\r\nAuto-Submitted: no\r\n\r\nHello.\r\n`],
  [
    'a bounce',
    `Return-Path: <>\r\nFrom: MAILER-DAEMON@example.com\r\nTo: ${mailInAddress}\r\nSubject: Undeliverable\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nIt failed.\r\n--b--\r\n`,
  ],
  ['list mail', `${head}Subject: List\r\nList-Id: <a.example.com>\r\nPrecedence: list\r\n\r\nHello all.\r\n`],
  [
    'a mail that asks for a receipt',
    `${head}Subject: Receipt\r\nDisposition-Notification-To: kim@example.com\r\nReturn-Receipt-To: kim@example.com\r\nX-Confirm-Reading-To: kim@example.com\r\n\r\nRead it?\r\n`,
  ],
  ['a mail with a reply address of ours', `${head}Reply-To: ${mailInAddress}\r\nSubject: Loop\r\n\r\nHello.\r\n`],
];
for (const [what, raw] of incoming) {
  test(`nothing is answered to ${what}`, async () => {
    const before = sent().length;
    await mailIn.take(raw);
    assert.equal(sent().length, before);
  });
}

test('a test mail goes to the one who was named and says that no person wrote it', async () => {
  const { mail } = mailIn.host;
  const { id } = await mailIn.call('outgoing.create', {
    settings: {
      provider: 'smtp',
      name: 'Out',
      fromAddress: 'jira@letterbox.test',
      encryption: 'none',
      host: 'localhost',
      port: mail.ports.smtp,
    },
  });
  await mailIn.call('outgoing.sendTest', { id, to: 'ada@example.org' });
  const last = sent().at(-1);
  assert.deepEqual(last?.envelope, { from: 'jira@letterbox.test', to: ['ada@example.org'] });
  const lines = headerLines(Buffer.from(last?.raw ?? ''));
  for (const wanted of [
    /^Auto-Submitted: auto-generated$/,
    /^Precedence: bulk$/,
    /^X-Auto-Response-Suppress: All$/,
    /^X-Loop: /,
  ]) {
    assert.ok(
      lines.some((line) => wanted.test(line)),
      String(wanted),
    );
  }
});
