import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { IssueRecord } from '../emulator/jira/state';
import { assertValidDocument } from '../support/adf-schema';
import { type MailIn, startMailIn } from '../support/mail-in';

/** Security list, point 8: ADF only, node by node; links only http, https, mailto; file names without paths, control or bidi characters. */

let mailIn: MailIn;
before(async () => {
  mailIn = await startMailIn();
});
after(() => mailIn.close());

const head = 'From: Kim <kim@example.com>\r\nTo: support@letterbox.test\r\nMIME-Version: 1.0\r\n';
let number = 0;

async function issueOf(type: string, body: string): Promise<IssueRecord> {
  number += 1;
  const [issue] = await mailIn.take(`${head}Subject: Mail ${number}\r\nContent-Type: ${type}\r\n\r\n${body}`);
  assert.ok(issue !== undefined);
  return issue;
}

function linksOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'href' in value && typeof value.href === 'string' ? [value.href] : [];
  const url = 'url' in value && typeof value.url === 'string' ? [value.url] : [];
  return [...own, ...url, ...Object.values(value).flatMap(linksOf)];
}

const dangerous = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java&#10;script:alert(1)',
  '&#1;javascript:alert(1)',
  ' javascript&colon;alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'intent://x#Intent;end',
  'about:blank',
  '//evil.example/x',
  '/relative',
];

test('a link is http, https or mailto, or it is no link', async () => {
  const fine = ['https://example.com/a?b=c', 'http://example.com/', 'mailto:kim@example.com'];
  const html = [...dangerous, ...fine].map((href) => `<p><a href="${href}">link</a></p>`).join('');
  const issue = await issueOf('text/html; charset=utf-8', html);
  const sender = 'mailto:kim@example.com';
  assert.deepEqual(linksOf(issue.description).sort(), [...fine, sender].sort());
});

test('a description is a valid document, whatever the HTML', async () => {
  const hostile = [
    '<script>alert(1)</script><style>*{}</style><iframe src="https://evil.example"></iframe>',
    '<img src="x" onerror="alert(1)"><svg onload="alert(1)"><math><mtext></mtext></math>',
    '<form action="https://evil.example"><input name="a"><button>b</button></form>',
    '<table><tr><td><table><tr><td>deep</td></tr></table></td></tr></table>',
    '<a href="https://example.com" onclick="alert(1)" style="position:fixed">text</a>',
    '{"type":"doc","version":1} {panel} [~admin] @admin !image.png!',
  ];
  const issue = await issueOf('text/html; charset=utf-8', hostile.join('\n'));
  assert.ok(issue.description !== null);
  assertValidDocument(issue.description);
  const text = JSON.stringify(issue.description);
  assert.doesNotMatch(text, /alert\(1\)|onerror|onclick|evil\.example|"mention"|"panel"|"media/);
  assert.match(text, /deep/);
});

test('a plain text makes no mention, macro or markup', async () => {
  const issue = await issueOf(
    'text/plain',
    '[~accountid:admin] @admin {code}x{code} <script>alert(1)</script> javascript:alert(1)',
  );
  assert.ok(issue.description !== null);
  assertValidDocument(issue.description);
  assert.doesNotMatch(JSON.stringify(issue.description), /"mention"|"codeBlock"|"javascript:/);
});

test('names of files hold no path, no control and no bidirectional characters, and at most 200 characters', async () => {
  const names = [
    '../../etc/passwd',
    'C:\\\\Windows\\\\evil.exe',
    '=?utf-8?Q?photo=E2=80=AEgpj.exe?=',
    'a=?utf-8?Q?=00=0D=0A?=b.txt',
    `${'x'.repeat(400)}.pdf`,
    '',
    '.',
    '..',
    'fine name.txt',
  ];
  const parts = names.map(
    (name) =>
      `--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\nx\r\n`,
  );
  const issue = await issueOf(
    'multipart/mixed; boundary=b',
    `--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n${parts.join('')}--b--\r\n`,
  );
  const given = issue.attachments.map(({ filename }) => filename);
  assert.equal(given.length, names.length);
  assert.equal(new Set(given).size, names.length);
  for (const name of given) {
    assert.ok(name.length > 0 && name.length <= 200, name);
    assert.doesNotMatch(name, /[/\\\p{Cc}\u202a-\u202e\u2066-\u2069]|^\.{1,2}$/u);
  }
  assert.ok(given.includes('fine name.txt'));
});
