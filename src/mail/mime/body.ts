import { isUtf8 } from 'node:buffer';
import { messageLimits } from '../../domain/limits';
import { wellFormed } from '../../domain/text';
import { chooseAlternative, isRich, isVisible, type Piece, type Said, saysNoMore } from './alternatives';
import { plainOfEnriched } from './enriched-text';
import { extensionOf } from './file-names';
import { unflow } from './flowed-text';
import { isMultipart, type Leaf, type Part } from './outline';
import type { PartHeader } from './part-header';
import type { TextReader } from './text-reader';
import { decodeTransfer, doubtfulEncoding } from './transfer-encoding';
import { readUuencoded, type UuencodedFile } from './uuencode';

export interface Body {
  html: string | null;
  text: string | null;
  /** Parts that say nothing more than what is in the texts; every other one is a file. */
  texts: Set<Leaf>;
  /** Files that stood in the middle of a part's text. */
  files: Map<Leaf, UuencodedFile[]>;
}

/**
 * Puts the text parts of a mail together in their order. Parts of one multipart/alternative say the same; everything else follows
 * each other, so the HTML holds the plain parts too where there is HTML at all.
 */
export function readBody(root: Part | null, reader: TextReader): Body {
  const reading: Reading = { reader, pieces: [], files: new Map() };
  const said = root === null ? nothing : saidBy(root, reading);
  const html = isRich(said) ? said.html : [];
  const plain = said.plain.some(isVisible) ? said.plain : [];
  const shown = new Set([...html, ...plain]);
  const shownTexts = [...shown].map(({ text }) => text);
  const isTold = (piece: Piece) => shown.has(piece) || !isVisible(piece) || saysNoMore(piece.text, shownTexts);
  return {
    html: html.length === 0 ? null : limited(html.map(htmlOf), messageLimits.htmlBytes, reader),
    text:
      plain.length === 0
        ? null
        : limited(
            plain.map(({ text }) => text),
            messageLimits.textBytes,
            reader,
          ),
    texts: new Set(reading.pieces.filter(isTold).map(({ leaf }) => leaf)),
    files: reading.files,
  };
}

const nothing: Said = { plain: [], html: [] };

interface Reading extends Pick<Body, 'files'> {
  reader: TextReader;
  /** All that was read, whether it is shown or not. */
  pieces: Piece[];
}

function saidBy(part: Part, reading: Reading): Said {
  if (!isMultipart(part)) return saidByLeaf(part, reading);
  const all = part.parts.map((child) => saidBy(child, reading));
  if (part.type === 'multipart/alternative') return chooseAlternative(all);
  return { plain: all.flatMap(({ plain }) => plain), html: all.flatMap(({ html }) => html) };
}

function saidByLeaf(leaf: Leaf, { reader, pieces, files }: Reading): Said {
  const { header } = leaf;
  if (!isBodyText(header, pieces.length === 0)) return nothing;
  const read = readText(leaf, reader);
  if (read === null) return nothing;
  const kind = header.type.endsWith('html') ? 'html' : 'plain';
  const own: Piece = { leaf, kind, text: formatted(read.text, header) };
  const all = read.footer === '' ? [own] : [own, { leaf, kind: 'plain' as const, text: read.footer }];
  pieces.push(...all);
  if (read.files.length > 0) files.set(leaf, read.files);
  // HTML of its own kind (AMP, for watches) beside a mail's HTML: other programs would not show it as it is meant.
  if (kind === 'html' && header.type !== 'text/html') return nothing;
  return { html: all, plain: all.filter((piece) => piece.kind === 'plain') };
}

/** Whether a part belongs to the body that people read, and not to the attachments. */
function isBodyText({ type, disposition, named }: PartHeader, isFirst: boolean): boolean {
  if (!type.startsWith('text/') || type.startsWith('text/rfc822')) return false;
  // RFC 2183 §2.8: a disposition that nobody knows means an attachment.
  if (disposition !== '' && disposition !== 'inline') return false;
  // A log file that the sender's program shows "inline" below the text is a file all the same.
  if (named && !isFirst) return false;
  // RFC 2046 §4.1.4: a subtype that nobody knows is plain text; one that programs open as a file of its own is a file.
  return /^text\/(plain|html|enriched|richtext)$/.test(type) || extensionOf(type) === null;
}

/** A text part decoded, without the files in it; null if it is no text at all, whatever its header says. */
function readText(
  { header, body }: Leaf,
  reader: TextReader,
): { text: string; footer: string; files: UuencodedFile[] } | null {
  const decoded = decodeTransfer(body, header.encoding);
  const { sound } = decoded;
  const isText = () => isUtf8(decoded.bytes) || reader.fits(decoded.bytes, header.charset);
  // What was never encoded makes no text when it is decoded all the same.
  const isPlain = isOneWord(body)
    ? decoded.bytes.length === 0 || !isUtf8(decoded.bytes)
    : !sound && !isBinary(body) && (isBinary(decoded.bytes) || !isText());
  const whole = isPlain ? body : decoded.bytes;
  const { files, rest } = readUuencoded(whole);
  const maxBytes = header.type === 'text/html' ? messageLimits.htmlBytes : messageLimits.textBytes;
  const bytes = rest.subarray(0, maxBytes);
  const isWide = /utf-?(16|32)|ucs|unicode/i.test(header.charset ?? '') || bytes[0] === 0xff || bytes[0] === 0xfe;
  if (!isWide && isBinary(bytes)) return null;
  if (bytes.length < rest.length) reader.notices.add(tooLong);
  if (!sound || (isPlain && whole !== decoded.bytes)) reader.notices.add(doubtfulEncoding(header.encoding));
  const textOf = (some: Uint8Array) => withLineFeeds(wellFormed(reader.read(some, header.charset)));
  return { text: textOf(bytes), footer: textOf(decoded.rest).trim(), files };
}

/** Two searches for words: a pattern with a million matches costs more than as much as it is long. */
const withLineFeeds = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');

const tooLong = 'Its text is too long; only the beginning was read.';

/** Fewer letters than any base64 of a mail's text, and no digit or padding among them: a word, whatever the label says. */
function isOneWord(body: Uint8Array): boolean {
  return body.length < 60 && /^\s*[a-z]+\s*$/i.test(Buffer.from(body).toString('latin1'));
}

/** A part that says that it is text is a file if it has more control characters than this, and more than one in so many bytes. */
const controls = { most: 3, share: 20 };

function isBinary(bytes: Uint8Array): boolean {
  let count = 0;
  // Backspace to carriage return, the shifts of ISO-2022, DOS's end of a file and escape stand in texts.
  for (const byte of bytes)
    if (byte < 0x20 && !(byte >= 0x08 && byte <= 0x0f) && byte !== 0x1a && byte !== 0x1b) count += 1;
  return count > controls.most && count * controls.share > bytes.length;
}

function formatted(text: string, { type, flowed }: PartHeader): string {
  if (type === 'text/enriched' || type === 'text/richtext') return plainOfEnriched(text, type);
  return flowed === 'no' || type === 'text/html' ? text : unflow(text, flowed === 'delsp');
}

/** A plain part between HTML parts: the footer of a mailing list, for one. */
function htmlOf({ kind, text }: Piece): string {
  if (kind === 'html') return text;
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<div style="white-space: pre-wrap">${escaped}</div>`;
}

function limited(parts: readonly string[], maxBytes: number, reader: TextReader): string {
  const text = parts.join('\n');
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  reader.notices.add(tooLong);
  // `stream` leaves out a character that the cut has split.
  return new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: true });
}
