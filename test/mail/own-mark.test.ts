import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outgoingLimits } from '../../src/domain/limits';
import type { OutgoingMail } from '../../src/domain/mailer';
import { composeMail } from '../../src/mail/compose';
import { parseMessage } from '../../src/mail/mime';
import { ownMark } from '../../src/mail/own-mark';
import { outgoingMail } from '../support/outgoing-mail';

const ours = ownMark(async () => 'our key');
const theirs = ownMark(async () => "another installation's key");

async function marked(change: Partial<OutgoingMail> = {}): Promise<string> {
  const notice = outgoingMail({ subject: 'Mailbox suspended', text: 'The password was refused.\n', ...change });
  const { raw } = await composeMail(notice, { rawBytes: outgoingLimits.rawBytes.smtp });
  return Buffer.from(await ours.put(raw)).toString();
}
const isOurs = async (raw: string) => ours.isOn(await parseMessage(Buffer.from(raw)));
const markIn = (raw: string) => /^X-Letterbox-Mark: (\S+)\r\n/m.exec(raw)?.[1] ?? '';

/** A mail that somebody wrote around a mark. */
const written = (mark: string, subject: string, text: string, more = '') =>
  `From: kim@customer.example\r\nSubject: ${subject}\r\nX-Letterbox-Mark: ${mark}\r\n${more}\r\n${text}`;

test('knows the mail that it was put on', async () => {
  assert.equal(await isOurs(await marked()), true);
  const rich = { html: '<p>The <b>password</b> was refused: Zürich, 東京.</p>', text: 'Zürich, 東京\n' };
  assert.equal(await isOurs(await marked(rich)), true);
});

test('knows it again when servers on the way wrote it anew, in another encoding and with other headers', async () => {
  const raw = await marked({ subject: 'Größe', text: 'The password was refused, by the server in Zürich. '.repeat(5) });
  const mark = markIn(raw);
  const body = 'The password was refused, by the server in Zürich. '.repeat(5).replace(/(.{40}) /g, '$1\r\n ');
  const anew = `Received: from a by b; Fri, 20 Nov 2026 09:00:00 +0000\r\nMessage-ID: <another@exchange.example>\r\nx-letterbox-mark:\r\n ${mark}\r\nSubject: =?iso-8859-1?Q?Gr=F6=DFe?=\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(body).toString('base64')}`;
  assert.equal(await isOurs(anew), true);
  const html = '<p>Refused</p>';
  const page = await marked({ text: 'Refused', html });
  assert.equal(
    await isOurs(page.replace(html, `<html><head><meta charset="utf-8"></head><body>${html}</body></html>`)),
    true,
  );
});

test('does not take the mail of another installation for ours', async () => {
  const raw = Buffer.from(await marked());
  assert.equal(await theirs.isOn(await parseMessage(raw)), false);
});

test('nobody can hide mail with a mark that they made up or took from a mail of ours', async () => {
  const mark = markIn(await marked());
  assert.notEqual(mark, '');
  for (const [what, raw] of [
    ['no mark', 'Subject: Help\r\nX-Loop: support@example.com\r\nAuto-Submitted: auto-generated\r\n\r\nText'],
    ['a made-up mark', written('AAAA', 'Help', 'Text')],
    ['an empty mark', written('', 'Help', 'Text')],
    ['another text under our mark', written(mark, 'Mailbox suspended', 'Send money.')],
    ['more text under our mark', written(mark, 'Mailbox suspended', 'The password was refused. Or so I say.')],
    ['another subject under our mark', written(mark, 'Help', 'The password was refused.')],
    ['many marks', written('x', 'Help', 'Text', `X-Letterbox-Mark: ${mark}\r\n`.repeat(50))],
  ] as const) {
    assert.equal(await isOurs(raw), false, what);
  }
  // The control: it is the text that was wrong with the fourth one, nothing else.
  assert.equal(await isOurs(written(mark, 'Mailbox suspended', 'The password was refused.')), true);
  const withFile = `--b\r\n\r\nThe password was refused.\r\n--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nhidden\r\n--b--\r\n`;
  const carrying = written(mark, 'Mailbox suspended', withFile, 'Content-Type: multipart/mixed; boundary=b\r\n');
  assert.equal(await isOurs(carrying), false, 'a file under our mark');
});

test('asks for the key only when a mail bears a mark', async () => {
  let asked = 0;
  const counting = ownMark(async () => {
    asked += 1;
    return 'our key';
  });
  await counting.isOn(await parseMessage(Buffer.from('Subject: Hello\r\n\r\nText')));
  assert.equal(asked, 0);
  await counting.isOn(await parseMessage(Buffer.from(written('AAAA', 'Hello', 'Text'))));
  assert.equal(asked, 1);
});

test('looks at a megabyte of broken HTML in no time', async () => {
  const html = `Subject: x\r\nX-Letterbox-Mark: AAAA\r\nContent-Type: text/html\r\n\r\n${'<'.repeat(1_000_000)}`;
  assert.equal(await isOurs(html), false);
});
