import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseLines as parse } from './parse-lines';

const subjectOf = async (...lines: string[]) => (await parse(`Subject: ${lines.join('\r\n ')}`, '', '')).subject;
const words = 'Störung im Büro, größere Ausfälle möglich, 緊急のお知らせ';
const bytes = Buffer.from(words);
const word = (payload: string, charset = 'utf-8') => `=?${charset}?B?${payload}?=`;
const pieces = (size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

describe('encoded words that were cut', () => {
  for (const size of [1, 2, 7, 30, 31, 32]) {
    test(`after ${size} bytes, each padded`, async () => {
      assert.equal(await subjectOf(...pieces(size).map((piece) => word(piece.toString('base64')))), words);
    });
    test(`after ${size} bytes, in quoted-printable`, async () => {
      const encoded = pieces(size).map((piece) => [...piece].map((byte) => `=${byte.toString(16).padStart(2, '0')}`));
      assert.equal(await subjectOf(...encoded.map((letters) => `=?utf-8?q?${letters.join('')}?=`)), words);
    });
  }
  for (const size of [3, 5, 45, 46, 47]) {
    test(`within base64, after ${size} letters`, async () => {
      const letters = bytes.toString('base64').match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
      assert.equal(await subjectOf(...letters.map((payload) => word(payload))), words);
    });
  }
  test('between two languages, each word with its own switches', async () => {
    const japanese = (text: string) =>
      word(Buffer.from(`\x1b$B${text}\x1b(B`, 'latin1').toString('base64'), 'ISO-2022-JP');
    assert.equal(await subjectOf(japanese('$3'), japanese('$s')), 'こん');
  });
});

describe('encoded words', () => {
  for (const [what, subject, expected] of [
    ['between other words', 'Re: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= now', 'Re: Grüße now'],
    ['blanks between two are no part of the text', '=?utf-8?Q?a?=   =?utf-8?Q?b?= c', 'ab c'],
    ['two character sets', '=?utf-8?Q?=C3=BC?= =?iso-8859-1?Q?=FC?=', 'üü'],
    ['blanks inside', '=?utf-8?Q?a b c?=', 'a b c'],
    ['lower-case digits', '=?utf-8?q?=c3=bc?=', 'ü'],
    ['a language', '=?utf-8*de?Q?=C3=BC?=', 'ü'],
    ['no character set', '=??Q?=C3=BC?=', 'ü'],
    ['a wrong character set', '=?us-ascii?Q?=C3=BC?=', 'ü'],
    ['no padding', '=?utf-8?B?w7w?=', 'ü'],
    ['without blanks around', 'a=?utf-8?Q?=C3=BC?=b', 'aüb'],
    ['in quotes', '"=?utf-8?Q?=C3=BC?="', '"ü"'],
    ['a question mark inside', '=?utf-8?Q?What?_now?=', 'What? now'],
    ['UTF-7', '=?utf-7?Q?+APw-?=', 'ü'],
    ['GB2312', '=?gb2312?B?xOO6ww==?=', '你好'],
    ['none: no such encoding', '=?utf-8?X?a?=', '=?utf-8?X?a?='],
    ['none: it never ends', '=?utf-8?Q?a b', '=?utf-8?Q?a b'],
    ['none: marks alone', '=? ?= =?', '=? ?= =?'],
  ] as const) {
    test(what, async () => assert.equal(await subjectOf(subject), expected));
  }
});
