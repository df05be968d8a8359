import assert from 'node:assert/strict';
import { describe as group, test } from 'node:test';
import fc from 'fast-check';
import { jiraLimits } from '../../../src/domain/limits';
import { describe } from '../../../src/jira/description';
import { parseMessage } from '../../../src/mail/mime';
import { assertValidDocument } from '../../support/adf-schema';
import { draftOf, emptyDraft } from '../drafts';

const names =
  'a b i u s code sub sup p div span br hr img h1 h3 ul ol li table tbody tr td th blockquote pre style script head center font x'.split(
    ' ',
  );
const attributes = fc.constantFrom(
  ...[
    '',
    ' href="https://x.example/?a=1"',
    ' href="javascript:alert(1)"',
    ' href="JaVaScRiPt&#58;alert(1)"',
    ' href=data:x',
    ' alt="x"',
  ],
  ...[
    ' style="display:none"',
    ' style="white-space:pre;font-weight:bold"',
    ' colspan="3"',
    ' rowspan="99"',
    ' role="presentation"',
    ' class="MsoNormal"',
    ' start=7',
  ],
);
const name = fc.constantFrom(...names);
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(name, attributes).map(([tag, attribute]) => `<${tag}${attribute}>`) },
  { weight: 3, arbitrary: name.map((tag) => `</${tag}>`) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'text',
      ' ',
      '\n',
      '\u00a0',
      '&nbsp;',
      '&lt;',
      '&#0;',
      '&#xd800;',
      '\ud800',
      '😀',
      '\u0000',
      '<!--',
      '-->',
      '<',
      '"',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 10 }) },
);
const html = fc.array(piece, { maxLength: 120 }).map((pieces) => pieces.join(''));
const line = fc.oneof(
  fc.constantFrom('> a', '>> b', '', 'https://x.example', 'javascript:x', 'a@x.example', '-- '),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const text = fc.array(line, { maxLength: 40 }).map((lines) => lines.join('\n'));

/** Every link of a document, wherever it stands. */
function linksIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(linksIn);
  if (typeof node !== 'object' || node === null) return [];
  const own = 'href' in node && typeof node.href === 'string' ? [node.href] : [];
  return [...own, ...Object.values(node).flatMap(linksIn)];
}

function check(document: unknown): void {
  assertValidDocument(document);
  assert.ok(JSON.stringify(document).length <= jiraLimits.documentChars);
  for (const link of linksIn(document)) assert.match(link, /^(https?:\/\/|mailto:)/);
}

group('any body becomes a document that Jira takes', () => {
  test('HTML', () => {
    fc.assert(
      fc.property(html, (body) => check(describe({ ...emptyDraft, html: body }).document)),
      { numRuns: 2_000 },
    );
  });

  test('HTML far over the limit', () => {
    fc.assert(
      fc.property(html, fc.integer({ min: 200, max: 800 }), (body, times) =>
        check(describe({ ...emptyDraft, html: body.repeat(times) }).document),
      ),
      { numRuns: 60 },
    );
  });

  test('text, short and long', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 300 }), (body, times) =>
        check(describe({ ...emptyDraft, text: body.repeat(times) }).document),
      ),
      { numRuns: 200 },
    );
  });

  test('whatever a mail holds, from its raw bytes on', async () => {
    const header = fc.constantFrom(
      ...[
        'From: a <a@x.example>',
        'Subject: x',
        'Content-Type: text/html',
        'Content-Type: multipart/mixed; boundary=b',
      ],
      ...['Content-Transfer-Encoding: quoted-printable', 'Content-Transfer-Encoding: base64', '--b', '--b--', ''],
    );
    const mail = fc.array(fc.oneof(header, html, text), { maxLength: 12 }).map((lines) => lines.join('\r\n'));
    await fc.assert(
      fc.asyncProperty(mail, async (raw) => {
        check(describe(draftOf(await parseMessage(Buffer.from(raw)))).document);
      }),
      { numRuns: 300 },
    );
  });

  test('any sender and notice', () => {
    const words = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(words, words, fc.option(words), (name, address, notice) => {
        check(describe({ ...emptyDraft, sender: { name, address, date: 0 }, notice }).document);
      }),
      { numRuns: 500 },
    );
  });
});

test('the check itself finds a document that Jira refuses', () => {
  const paragraph = { type: 'paragraph', content: [{ type: 'text', text: '' }] };
  assert.throws(() => check({ version: 1, type: 'doc', content: [paragraph] }));
  const quoted = {
    type: 'blockquote',
    content: [{ type: 'blockquote', content: [{ type: 'paragraph', content: [] }] }],
  };
  assert.throws(() => check({ version: 1, type: 'doc', content: [quoted] }));
  const link = { type: 'text', text: 'x', marks: [{ type: 'link', attrs: { href: 'javascript:x' } }] };
  assert.throws(() => check({ version: 1, type: 'doc', content: [{ type: 'paragraph', content: [link] }] }));
});
