import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { faultTests } from './matrix';
import { type Stage, startStage } from './stage';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage?.close());

/** A mail that can be read only in part becomes an issue all the same, with the mail itself attached, and blocks nothing. */
const becomesAnIssue = (bomb: (text: string) => string | Uint8Array, subject: string) => async () => {
  const inbox = await stage.inbox({ settings: { afterDownload: 'delete', timeoutMs: 20_000 } });
  const text = `Text to ${inbox.user}.`;
  const raw = bomb(text);
  const count = stage.product.jira.state.all().length;
  await inbox.raw(raw);
  await inbox.deliver('behind');
  await inbox.poll();
  const [issue, ...others] = stage.product.jira.state.all().slice(count);
  assert.equal(issue?.summary, subject);
  assert.deepEqual(
    others.map(({ summary }) => summary),
    ['behind'],
  );
  assert.match(JSON.stringify(issue?.description), /could only be read in part/);
  const original = issue?.attachments.find(({ filename }) => filename === 'original-mail.eml');
  assert.ok(original);
  assert.deepEqual(Buffer.from(stage.product.jira.state.file(original.id) ?? []), Buffer.from(raw));
  const { waiting, trouble, quarantined } = await inbox.view();
  assert.deepEqual({ waiting, trouble, quarantined }, { waiting: 0, trouble: null, quarantined: 0 });
  assert.equal(await inbox.left(), 0);
};

const nested = (levels: number, text: string) => {
  const begin = (level: number) => `Content-Type: multipart/mixed; boundary=b${level}.\r\n\r\n--b${level}.\r\n`;
  return `Subject: Deep\r\n${Array.from({ length: levels }, (_, level) => begin(level)).join('')}\r\n${text}\r\n`;
};

faultTests('mime', {
  '300 levels': becomesAnIssue((text) => nested(300, text), 'Deep'),
  '200,000 parts': becomesAnIssue(
    (text) =>
      `Subject: Many\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${text}\r\n${'--b\r\n\r\n'.repeat(200_000)}`,
    'Many',
  ),
  '3 MB of headers': becomesAnIssue(
    (text) => `Subject: Long\r\n${'X-Filler: y\r\n'.repeat(250_000)}\r\n${text}\r\n`,
    'Long',
  ),
  unparsable: becomesAnIssue(
    (text) => `Subject: Broken\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${text} There is no boundary.\r\n`,
    'Broken',
  ),
});
