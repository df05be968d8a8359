/**
 * Where the mails of stalwart's collection become something else here than there, and why that is meant. Each names the
 * parts that differ; everything else agrees.
 */
export const exceptions: Record<string, { differs: readonly string[]; because: string }> = {
  ...same(
    ['legacy/010', 'legacy/020', 'legacy/022', 'legacy/027'],
    ['subject'],
    'Raw Latin-1 in a header is read as the Latin letters that it is, and not as "�".',
  ),
  'legacy/052': {
    differs: ['subject', 'text'],
    because: 'Raw Latin-1 in header and body, without a character set: read as Latin letters, and not as "�".',
  },
  'legacy/033': {
    differs: ['text'],
    because: 'Latin letters with the label UTF-8: read as what they are, and the defect says so.',
  },
  'legacy/049': { differs: ['text'], because: 'Files in uuencode are taken out of the text that they stand in.' },
  ...same(
    ['malformed/001', 'malformed/002', 'malformed/003', 'malformed/006'],
    ['text'],
    'The boundary of the outer part is the beginning of the inner one, or the same: what text there is is shown.',
  ),
  ...same(
    ['malformed/008', 'rfc/007'],
    ['html'],
    'The HTML holds the plain parts beside it too, since it is what becomes the description.',
  ),
  ...same(
    ['malformed/009', 'malformed/011'],
    ['text'],
    'An inner part that is never closed ends with the outer one: no text is lost.',
  ),
  'malformed/016': {
    differs: ['text'],
    because: 'A boundary of a part that has ended with the one around it is text.',
  },
  'malformed/019': {
    differs: ['html', 'text'],
    because:
      'Boundaries of other spelling are text, and a part whose header lost its beginning is text from its first line on.',
  },
  ...same(
    ['malformed/020', 'malformed/021'],
    ['text', 'html'],
    'A header without the blank line after it runs on: the plain text is a preamble then, and the HTML is still found.',
  ),
  'rfc/000': { differs: ['text'], because: 'Enriched text is text that people read, and no file.' },
  ...same(
    ['thirdparty/000', 'thirdparty/001'],
    ['text'],
    'Of several plain texts in multipart/alternative the last one is shown; the others are files.',
  ),
  ...same(
    ['thirdparty/008', 'thirdparty/012'],
    ['text'],
    'A subtype of text that nobody knows is plain text (RFC 2046 §4.1.4).',
  ),
  'thirdparty/002': {
    differs: ['text'],
    because: 'What follows the padding of base64 is decoded too: some mailers pad every line.',
  },
  'thirdparty/005': { differs: ['text'], because: 'A boundary in the middle of a line is text (RFC 2046 §5.1.1).' },
  'thirdparty/007': { differs: ['from'], because: 'A word without "@" is a name, and no address to write to.' },
};

function same(names: readonly string[], differs: readonly string[], because: string) {
  return Object.fromEntries(names.map((name) => [name, { differs, because }]));
}
