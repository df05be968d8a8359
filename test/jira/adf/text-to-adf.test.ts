import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textToAdf } from '../../../src/jira/adf/text-to-adf';
import { short } from './shorthand';

for (const [name, text, expected] of [
  ['lines and paragraphs', 'a\nb\n\n\nc\r\nd', 'p(a | b) p(c | d)'],
  ['indentation stays', 'a\n  b', 'p(a |   b)'],
  ['quotes, nested or not, are one quote', 'a\n> b\n>> c\n> \n> d\ne', 'p(a) quote[p(b | c) p(d)] p(e)'],
  ['an arrow in a line is no quote', 'a > b', 'p(a > b)'],
  ['the signature keeps its separator', 'a\n\n-- \nAnn', 'p(a) p(-- | Ann)'],
  [
    'web addresses',
    'See https://x.example/a(b), or (www.x.example).',
    'p(See <https://x.example/a(b) https://x.example/a(b)>, or (<www.x.example https://www.x.example/>).)',
  ],
  ['mail addresses', 'Ask <ann@x.example>!', 'p(Ask <<ann@x.example mailto:ann@x.example>>!)'],
  [
    'no other protocols',
    'javascript:alert(1) file:///etc/passwd data:text/html,x',
    'p(javascript:alert(1) file:///etc/passwd data:text/html,x)',
  ],
  ['markup is text', '<b>a</b> &amp; {code} *x*', 'p(<b>a</b> &amp; {code} *x*)'],
  ['nothing', ' \n\t\n', ''],
] as const) {
  test(name, () => assert.equal(short(textToAdf(text).blocks), expected));
}

test('a megabyte is read in part, and that is said', () => {
  assert.equal(textToAdf('word\n'.repeat(200_000)).complete, false);
  assert.equal(textToAdf('word '.repeat(1_000)).complete, true);
});
