import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Message } from '../../src/domain/message';
import { parseMessage } from '../../src/mail/mime';

/**
 * The payload of every part of a mail comes out byte for byte, as a file or as text of the body, or the message has a defect (and then
 * the original mail is attached to the issue): for any tree of parts, and any labels, right or wrong. `MIME_RUNS` asks for more mails.
 */
const runs = Number(process.env.MIME_RUNS ?? 2_000);

interface Leaf {
  payload: Buffer;
  /** What stands in the mail for it. */
  written: Buffer;
  header: string;
}
type Tree = Leaf | { subtype: string; parts: Tree[]; noise: string };

/** Payloads that tell themselves apart, so that the one of a part is not found in another; none is base64 by chance. */
let count = 0;
const mark = () => `p.${(count++).toString(36)}.q`;

const texts = fc.constantFrom(
  'The fan is loud.',
  'Grüße aus Köln, 5 €',
  '緊急のお知らせ',
  'Добрый день',
  'a=b, a = b, =3D and =zz',
  'From here on\n\n.\n> quoted',
  'begin 644 notes\nnot encoded',
  '<p>Hello &amp; <b>bye</b></p>',
  '--dashes--\n-- \nAnn',
  'x'.repeat(1_200),
  '',
);
const binaries = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom(
    new Uint8Array(0),
    Uint8Array.of(0),
    Uint8Array.of(13, 10, 10, 13),
    Uint8Array.of(0xef, 0xbb, 0xbf, 0x61),
  ),
);
const payload = fc.oneof(
  texts.map((text) => Buffer.from(`${mark()} ${text} ${mark()}`)),
  binaries.map((bytes) => Buffer.concat([Buffer.from(`${mark()}\r\n`), bytes, Buffer.from(`\n${mark()}`)])),
);

const quotedPrintable = (bytes: Buffer): string =>
  [...bytes]
    .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
    .replace(/.{72}/g, '$&=\r\n');
const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/.{76}/g, '$&\r\n');
const encoders: Record<string, (bytes: Buffer) => Buffer> = {
  '8bit': (bytes) => bytes,
  base64: (bytes) => Buffer.from(base64(bytes)),
  'quoted-printable': (bytes) => Buffer.from(quotedPrintable(bytes)),
};

const types = fc.constantFrom(
  ...['text/plain', 'text/html', 'text/csv', 'text/calendar', 'text/enriched', 'text/x-unheard-of', 'text/x-amp-html'],
  ...['application/pdf', 'application/octet-stream', 'application/ics', 'image/jpg', 'audio/basic', 'message/rfc822'],
  ...[
    'message/delivery-status',
    'message/partial',
    'text',
    '"text/plain"',
    'text/plain>',
    'nonsense',
    '',
    '; charset=utf-8',
  ],
);
const charsets = fc.constantFrom(
  ...[
    '',
    '; charset=utf-8',
    '; charset="utf-8',
    "; charset='iso-8859-1'",
    '; charset=windows-1251',
    '; charset=gb2312',
  ],
  ...[
    '; charset=us-ascii',
    '; charset=klingon',
    '; charset=""',
    '; charset=shift_jis',
    '; charset=koi8-r',
    '; charset=iso-8859-2',
  ],
);
const names = fc.constantFrom(
  '',
  '; name=a.pdf',
  '; name="a b.txt"',
  '; name="=?utf-8?B?4oKs?="',
  "; name*0*=utf-8''%e2; name*1*=%82%ac",
  ' name=x.csv',
  '; name="',
);
const dispositions = fc.constantFrom(
  ...[
    '',
    'Content-Disposition: attachment',
    'Content-Disposition: inline',
    'Content-Disposition: attachment filename=a.log',
  ],
  ...[
    'Content-Disposition: attachment; filename="../a"',
    'Content-Disposition: nonsense',
    'Content-Disposition: inline; filename=b.html',
  ],
);
const labels = fc.constantFrom(
  '',
  '7bit',
  '8bit',
  'binary',
  'base64',
  'quoted-printable',
  'x-uuencode',
  'x-none',
  'QUOTED-PRINTABLE',
  '"base64"',
);

const leaf: fc.Arbitrary<Leaf> = fc
  .record({
    payload,
    type: types,
    charset: charsets,
    name: names,
    disposition: dispositions,
    encoder: fc.constantFrom(...Object.keys(encoders)),
    label: fc.option(labels, { freq: 2 }),
    flaw: fc.constantFrom('', '', '', 'no blank line', 'no header'),
  })
  .map(({ payload, type, charset, name, disposition, encoder, label, flaw }) => {
    const encoding = label ?? encoder;
    const fields = [
      ...(type === '' && charset === '' ? [] : [`Content-Type: ${type}${charset}${name}`]),
      ...(encoding === '' ? [] : [`Content-Transfer-Encoding: ${encoding}`]),
      ...(disposition === '' ? [] : [disposition]),
    ];
    const written = encoders[encoder]?.(payload) ?? payload;
    const header =
      flaw === 'no header' ? '' : `${fields.map((field) => `${field}\r\n`).join('')}${flaw === '' ? '\r\n' : ''}`;
    return { payload, written, header };
  });

const subtypes = fc.constantFrom(
  'mixed',
  'alternative',
  'related',
  'report',
  'digest',
  'signed',
  'parallel',
  'unheard-of',
);
const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({
      subtype: subtypes,
      parts: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
      noise: fc.constantFrom('', 'preamble\r\n'),
    }),
  ),
})).tree;

function write(tree: Tree, path: string): Buffer {
  if ('payload' in tree) return Buffer.concat([Buffer.from(tree.header), tree.written]);
  const boundary = `b${path}`;
  const parts = tree.parts.flatMap((part, index) => [
    Buffer.from(`\r\n--${boundary}\r\n`),
    write(part, `${path}.${index}`),
  ]);
  return Buffer.concat([
    Buffer.from(`Content-Type: multipart/${tree.subtype}; boundary="${boundary}"\r\n\r\n${tree.noise}`),
    ...parts,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}

const leavesOf = (tree: Tree): Leaf[] => ('payload' in tree ? [tree] : tree.parts.flatMap(leavesOf));

/** Text as a body holds it: its line breaks are line feeds, and those at its ends are nobody's. */
const lines = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');

const charsetNames = [
  ...['utf-8', 'gbk', 'big5', 'shift_jis', 'euc-jp', 'euc-kr', 'koi8-r', 'macintosh'],
  ...Array.from({ length: 9 }, (_, index) => `windows-125${index}`),
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15].map((part) => `iso-8859-${part}`),
];

/** All that the payload may be as text: as it is in any character set that a label may have named, or that may be guessed. */
function readings(bytes: Buffer): string[] {
  const inUse = bytes.every((byte) => byte < 0x80) ? ['utf-8'] : charsetNames;
  const texts = inUse.map((name) => new TextDecoder(name).decode(bytes));
  // Some versions of Node read windows-1252 as ISO-8859-1.
  return [
    ...texts,
    bytes
      .toString('latin1')
      .replace(/[\u0080-\u009f]/g, (letter) => windowsLetters[letter.charCodeAt(0) - 0x80] ?? letter),
  ].map(lines);
}

const windowsLetters = [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'];

function comesOut({ payload, written, header }: Leaf, message: Message): boolean {
  // A wrong label may leave what was written as it was: the payload is then as whole as the sender sent it.
  const softBreaksTaken = Buffer.from(written.toString('latin1').replace(/=(\r?\n|$)/g, ''), 'latin1');
  const wanted = [payload, written, softBreaksTaken, Buffer.concat([Buffer.from(header), written])];
  if (message.attachments.some(({ content }) => wanted.some((bytes) => bytes.equals(content)))) return true;
  const bodies = [message.text ?? '', message.html ?? '', unescaped(message.html ?? '')].map(lines);
  // The formatting of enriched text is its tags and line breaks.
  const seen = header.includes('enriched')
    ? (text: string) => text.replace(/<[^<>]*>|\s/g, '')
    : (text: string) => text;
  const all = bodies.map(seen);
  return wanted.some((bytes) => readings(bytes).some((text) => all.some((body) => body.includes(seen(text)))));
}

const unescaped = (html: string) => html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

test('the payload of every part comes out, or the message says that it could be read only in part', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (parts) => {
      const raw = Buffer.concat([
        Buffer.from('From: ann@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n'),
        write(parts, ''),
      ]);
      const message = await parseMessage(raw);
      if (message.defect !== null) return;
      const lost = leavesOf(parts).filter((part) => !comesOut(part, message));
      assert.deepEqual(
        lost.map(({ header, written }) => `${header}${written.toString('latin1')}`),
        [],
        JSON.stringify({ raw: raw.toString('latin1'), text: message.text, html: message.html }),
      );
    }),
    { numRuns: runs, ...(process.env.MIME_RUNS === undefined && { seed: 20_261_129 }) },
  );
});

test('the check itself finds a payload that is lost', async () => {
  const message = await parseMessage(Buffer.from('Subject: x\r\n\r\nwords'));
  assert.equal(comesOut({ payload: Buffer.from('words'), written: Buffer.from('words'), header: '' }, message), true);
  assert.equal(comesOut({ payload: Buffer.from('other'), written: Buffer.from('other'), header: '' }, message), false);
});
