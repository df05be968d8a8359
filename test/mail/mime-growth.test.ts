import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describe as describeIssue } from '../../src/jira/description';
import { parseMessage } from '../../src/mail/mime';
import { draftOf } from '../jira/drafts';
import { assertLinear } from '../support/growth';
import { hostileLines } from '../support/hostile-lines';

/** From raw bytes to the document that Jira gets. */
const read = async (head: string, body: string) => {
  const message = await parseMessage(Buffer.from(`${head}\r\n\r\n${body}`));
  return describeIssue(draftOf(message)).document;
};

describe('a mail of one line costs as much as it is long', () => {
  for (const [what, unit] of Object.entries(hostileLines)) {
    const line = (size: number) => unit.repeat(Math.ceil(size / unit.length));
    test(`in plain text: ${what}`, () =>
      assertLinear((size) => read('Content-Type: text/plain; charset=utf-8', line(size)), 200_000, what));
    test(`in HTML: ${what}`, () =>
      assertLinear((size) => read('Content-Type: text/html; charset=utf-8', `<p>${line(size)}</p>`), 200_000, what));
    test(`in headers: ${what}`, () =>
      assertLinear(
        (size) =>
          read(
            ['Subject', 'From', 'To', 'Date', 'References', 'Content-Disposition', 'Content-Type']
              .map((name) => `${name}: ${line(size).slice(0, size).replaceAll('\n', ' ')}`)
              .join('\r\n'),
            'x',
          ),
        10_000,
        what,
      ));
  }
});

test('the check itself finds what is quadratic', async () => {
  const word = (size: number) => `${'.'.repeat(size)}x`;
  await assert.rejects(
    assertLinear((size) => /[.,]+$/.test(word(size)), 20_000, 'dots'),
    /dots/,
  );
});
