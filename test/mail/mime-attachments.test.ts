import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf as bytes, fileNames, parseLines as parse } from './parse-lines';

const withPart = (...lines: string[]) =>
  parse('Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'body', '--b', ...lines, '--b--', 'epilogue');

for (const [encoding, body, expected] of [
  ['base64', 'AAEC\r\nAw==', '\x00\x01\x02\x03'],
  ['base64', 'AA==\r\nAQ=\r\n!', '\x00\x01'],
  ['quoted-printable', 'a=0D=0Ab=\r\nc =\t\r\nd=XY', 'a\r\nbc d=XY'],
  ['8bit', 'a\nb\r\nc\x00\xff\r\n', 'a\nb\r\nc\x00\xff\r\n'],
  ['7bit', '', ''],
  ['x-unknown', 'raw', 'raw'],
] as const) {
  test(`gives back the bytes of ${encoding} ${JSON.stringify(body)}`, async () => {
    const message = await withPart(
      'Content-Type: application/octet-stream',
      `Content-Transfer-Encoding: ${encoding}`,
      '',
      body,
    );
    assert.equal(bytes(message), expected);
  });
}

for (const [what, lines, expected] of [
  ['RFC 2231', ["Content-Disposition: attachment; filename*=utf-8''%e2%82%ac%20rates.pdf"], '€ rates.pdf'],
  ['RFC 2047', ['Content-Disposition: attachment; filename="=?utf-8?B?4oKsLnBkZg==?="'], '€.pdf'],
  ['a path', ['Content-Disposition: attachment; filename="../../etc/passwd"'], 'passwd'],
  ['a Windows path', ['Content-Disposition: attachment; filename="C:\\\\temp\\\\a.pdf"'], 'a.pdf'],
  ['a turned extension', ["Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEfdp.exe"], 'afdp.exe'],
  ['line breaks', ["Content-Disposition: attachment; filename*=utf-8''a%0D%0AX:%20b%00.pdf"], 'a X_ b .pdf'],
  ['dots only', ['Content-Disposition: attachment; filename=".."'], 'attachment-1.pdf'],
  ['a hidden file', ['Content-Disposition: attachment; filename=".htaccess"'], 'htaccess'],
  ['no name', ['Content-Disposition: attachment'], 'attachment-1.pdf'],
  [
    'an ordinary name',
    ['Content-Disposition: attachment; filename="Offer (v2) - final.pdf"'],
    'Offer (v2) - final.pdf',
  ],
] as const) {
  test(`names a file safely: ${what}`, async () => {
    assert.deepEqual(fileNames(await withPart('Content-Type: application/pdf', ...lines, '', 'x')), [expected]);
  });
}

test('cuts a long name, keeps its extension, and tells equal names apart', async () => {
  const name = `${'n'.repeat(300)}.pdf`;
  const file = ['--b', `Content-Type: application/pdf; name="${name}"`, '', 'x'];
  const message = await parse('Content-Type: multipart/mixed; boundary=b', '', ...file, ...file, '--b--');
  assert.deepEqual(fileNames(message), [`${'n'.repeat(196)}.pdf`, `${'n'.repeat(194)}-2.pdf`]);
});

test('keeps an attached mail whole, with its own parts inside', async () => {
  const inner = ['Subject: inner', 'Content-Type: multipart/mixed; boundary=i', '', '--i', '', 'text', '--i--'];
  const message = await withPart('Content-Type: message/rfc822', '', ...inner);
  assert.deepEqual(fileNames(message), ['message.eml']);
  assert.equal(bytes(message), inner.join('\r\n'));
  assert.equal(message.text, 'body');
});

test('knows which images the HTML shows', async () => {
  const image = (id: string) => ['--b', 'Content-Type: image/png', `Content-ID: <${id}>`, '', 'x'];
  const message = await parse(
    'Content-Type: multipart/related; boundary=b',
    '',
    '--b',
    'Content-Type: text/html',
    '',
    '<img src="cid:a%40x">',
    ...image('a@x'),
    ...image('b@x'),
    '--b--',
  );
  assert.deepEqual(
    message.attachments.map(({ contentId, inline }) => [contentId, inline]),
    [
      ['a@x', true],
      ['b@x', false],
    ],
  );
});

test('replaces a type that is none', async () => {
  const message = await withPart('Content-Type: nonsense', 'Content-Disposition: attachment', '', 'x');
  assert.equal(message.attachments[0]?.mimeType, 'application/octet-stream');
});

for (const [what, lines, expected] of [
  ['no semicolon before it', ['Content-Disposition: attachment filename=log.pdf'], 'log.pdf'],
  ['no semicolon in the type', ['Content-Type: application/pdf name="log.pdf"'], 'log.pdf'],
  ['blanks without quotes', ['Content-Disposition: attachment; filename=my new log.pdf; size=1'], 'my new log.pdf'],
  ['a quote is missing', ['Content-Disposition: attachment; filename="log.pdf; size=1'], 'log.pdf'],
  ['quotes inside', ['Content-Disposition: attachment; filename="the "new" log.pdf"; size=1'], 'the _new_ log.pdf'],
  ['a semicolon inside', ['Content-Disposition: attachment; filename="a;b.pdf"'], 'a;b.pdf'],
  ['a single backslash', ['Content-Disposition: attachment; filename="C:\\temp\\a.pdf"'], 'a.pdf'],
  [
    'encoded words without quotes',
    ['Content-Disposition: attachment; filename==?utf-8?Q?a=3Bb?= =?utf-8?Q?.pdf?='],
    'a;b.pdf',
  ],
  [
    'encoded words in pieces',
    ['Content-Disposition: attachment; filename*0="=?utf-8?B?4oKs"; filename*1="LnBkZg==?="'],
    '€.pdf',
  ],
  [
    'pieces in any order',
    ["Content-Disposition: attachment; filename*2=.pdf; filename*1*=%AC; filename*0*=utf-8''a%E2%82"],
    'a€.pdf',
  ],
  [
    'pieces of both kinds',
    ['Content-Disposition: attachment; filename*0*=iso-8859-1\'de\'%FC; filename*1="ber.pdf"'],
    'über.pdf',
  ],
  ['no character set', ['Content-Disposition: attachment; filename*=%E2%82%AC.pdf'], '€.pdf'],
  ['a wrong character set', ["Content-Disposition: attachment; filename*=us-ascii''%E2%82%AC.pdf"], '€.pdf'],
  ['both forms', ['Content-Disposition: attachment; filename="EUR.pdf"; filename*=utf-8\'\'%E2%82%AC.pdf'], '€.pdf'],
  ['an ideographic blank', ["Content-Disposition: attachment; filename*=utf-8''a%E3%80%80b.pdf"], 'a\u3000b.pdf'],
  ['raw UTF-8', ['Content-Disposition: attachment; filename="\xe2\x82\xac.pdf"'], '€.pdf'],
  ['raw Latin letters', ['Content-Disposition: attachment; filename="\xfcber.pdf"'], 'über.pdf'],
  ['folded', ['Content-Disposition: attachment;', '\tfilename="a', '\tb.pdf"'], 'a b.pdf'],
  ['quotes in quotes', ['Content-Disposition: attachment; filename=""a.pdf""'], 'a.pdf'],
  ['percents under the plain name', ["Content-Disposition: attachment; filename=utf-8''%E2%82%AC.pdf"], '€.pdf'],
  ['percents of its own', ['Content-Disposition: attachment; filename="it\'s 5%20off.pdf"'], "it's 5%20off.pdf"],
  ['encoded words for percents', ['Content-Disposition: attachment; filename*="=?utf-8?B?4oKsLnBkZg==?="'], '€.pdf'],
  ['twice', ['Content-Disposition: attachment; filename=""; filename="a.pdf"'], 'a.pdf'],
  ['in the type only', ['Content-Disposition: attachment', 'Content-Type: application/pdf; name=a.pdf'], 'a.pdf'],
] as const) {
  test(`reads the name of a file: ${what}`, async () => {
    const type = lines.some((line) => line.startsWith('Content-Type')) ? [] : ['Content-Type: application/pdf'];
    const message = await withPart(...type, ...lines, '', 'x');
    assert.deepEqual(fileNames(message), [expected]);
    assert.equal(message.attachments[0]?.mimeType, 'application/pdf');
    assert.equal(message.text, 'body');
  });
}
