import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectionSettings } from '../../src/domain/connection';
import { messageLimits } from '../../src/domain/limits';
import { type MailIn, startMailIn } from '../support/mail-in';

/**
 * Security list, point 7: raw 25 MB (a setting), headers 256 KB, depth 32, parts 1,000, addresses 500, subject 255, HTML 1 MB. What
 * is over a limit becomes an issue all the same, that says so and carries the mail itself. The limits one by one, with what
 * they must let through: test/mail/mime-limits.test.ts.
 */

let mailIn: MailIn;
before(async () => {
  mailIn = await startMailIn({ largestMailMb: 1 });
});
after(() => mailIn.close());

test('the limits are those of the list', () => {
  const KB = 1024;
  const { headerBytes, depth, parts, addresses, subjectChars, htmlBytes } = messageLimits;
  assert.deepEqual(
    { headerBytes, depth, parts, addresses, subjectChars, htmlBytes },
    { headerBytes: 256 * KB, depth: 32, parts: 1_000, addresses: 500, subjectChars: 255, htmlBytes: 1_024 * KB },
  );
  const settings = {
    ...{ provider: 'imap', name: 'n', host: 'h', port: 1, username: 'u' },
    target: { projectId: '1', issueTypeId: '1' },
  };
  assert.equal(connectionSettings.parse(settings).largestMailMb, 25);
});

const head = 'From: Kim <kim@example.com>\r\nTo: support@letterbox.test\r\n';
const bombs: [what: string, raw: string][] = [
  [
    '300 levels',
    `${head}Subject: Deep\r\n${Array.from({ length: 300 }, (_, level) => `Content-Type: multipart/mixed; boundary=b${level}.\r\n\r\n--b${level}.\r\n`).join('')}\r\ntext`,
  ],
  [
    '80,000 parts',
    `${head}Subject: Parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\n'.repeat(80_000)}`,
  ],
  ['700 KB of headers', `${head}Subject: Headers\r\n${'X-Filler: y\r\n'.repeat(55_000)}\r\ntext`],
  ['20,000 addresses', `${head}Subject: Addresses\r\nCc: ${'a@example.com,'.repeat(20_000)} b@example.com\r\n\r\ntext`],
];
for (const [what, raw] of bombs) {
  test(`a mail of ${what} becomes one issue, with the mail itself attached and said why`, async () => {
    const [issue, ...more] = await mailIn.take(raw);
    assert.deepEqual(more, []);
    assert.ok(issue !== undefined);
    assert.match(JSON.stringify(issue.description), /could only be read in part/);
    assert.ok(issue.attachments.some(({ filename }) => filename === 'original-mail.eml'));
  });
}

test('a subject of any length is cut to what Jira takes', async () => {
  const [issue] = await mailIn.take(`${head}Subject: ${'ä'.repeat(3_000)}\r\n\r\ntext`);
  assert.ok(issue !== undefined && issue.summary.length <= 255 && issue.summary.length > 250);
});

test('a mail above the connection’s own limit is set aside unread, and one below it is taken', async () => {
  const filler = 'x'.repeat(70).concat('\r\n');
  const raw = (bytes: number) => `${head}Subject: ${bytes} bytes\r\n\r\n${filler.repeat(Math.ceil(bytes / 72))}`;
  assert.deepEqual(await mailIn.take(raw(1_100_000)), []);
  const [entry] = (await mailIn.call('activity.list', { result: 'quarantined' })).entries;
  assert.match(entry?.reason ?? '', /up to 1 MB/);
  assert.equal((await mailIn.take(raw(900_000))).length, 1);
});
