import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSubmission } from './submission';

const read = (...lines: string[]) => readSubmission(Buffer.from(lines.join('\r\n')));

test('recipients come from To, Cc and Bcc, folded or quoted, and Bcc goes no further', () => {
  const found = read(
    'From: "Desk, the" <desk@example.com>',
    'To: "Ada, Countess" <ada@example.org>,',
    ' bob@example.org',
    'Bcc: x@example.net,',
    ' y@example.net',
    'Subject: hello',
    '',
    'Bcc: not a header',
  );
  assert.deepEqual(found?.recipients, ['ada@example.org', 'bob@example.org', 'x@example.net', 'y@example.net']);
  assert.equal(found?.from, 'desk@example.com');
  assert.equal(found?.invalidField, null);
  assert.equal(
    found?.raw.toString(),
    'From: "Desk, the" <desk@example.com>\r\nTo: "Ada, Countess" <ada@example.org>,\r\n bob@example.org\r\nSubject: hello\r\n\r\nBcc: not a header',
  );
});

test('a field that is no list of addresses is named, and what has no header is no mail', () => {
  assert.equal(read('To: ada@example.org', 'Cc: nobody', '', 'x')?.invalidField, 'cc');
  assert.equal(read('no header', '', 'x'), null);
  assert.equal(read('To: ada@example.org'), null);
});
