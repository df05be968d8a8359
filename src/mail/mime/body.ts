import { messageLimits } from '../../domain/limits';
import { wellFormed } from '../../domain/text';
import { decodeCharset } from './charsets';
import { unflow } from './flowed-text';
import type { Leaf } from './outline';
import { decodeTransfer } from './transfer-encoding';

export interface Body {
  html: string | null;
  text: string | null;
  /** Longer than a message may be; only the beginning is here. */
  cut: boolean;
  /** Character sets that nobody here can read. */
  unknownCharsets: Set<string>;
}

/** Whether a part belongs to the body that people read, and not to the attachments. */
export function isBodyText({ header }: Leaf, isFirst: boolean): boolean {
  if (header.type !== 'text/plain' && header.type !== 'text/html') return false;
  if (header.disposition === 'attachment') return false;
  // A log file that the sender's program shows "inline" below the text is a file all the same.
  return isFirst || !header.named;
}

/**
 * Puts the text parts of a mail together in their order. Parts of one multipart/alternative say the same (RFC 2046 §5.1.4);
 * everything else follows each other, so the HTML holds the plain parts too where there is HTML at all.
 */
export function readBody(leaves: readonly Leaf[]): Body {
  const body: Body = { html: null, text: null, cut: false, unknownCharsets: new Set() };
  const groups = new Map<unknown, { plain: string[]; html: string[] }>();
  for (const leaf of leaves) {
    const key = leaf.alternative ?? leaf;
    const group = groups.get(key) ?? { plain: [], html: [] };
    groups.set(key, group);
    (leaf.header.type === 'text/html' ? group.html : group.plain).push(readText(leaf, body));
  }
  const all = [...groups.values()];
  const htmlParts = all.flatMap(({ html, plain }) => (html.length > 0 ? html : plain.map(htmlOf)));
  if (all.some(({ html }) => html.some(isVisible))) body.html = limited(htmlParts, messageLimits.htmlBytes, body);
  const plainParts = all.flatMap(({ plain }) => plain);
  if (plainParts.some(isVisible)) body.text = limited(plainParts, messageLimits.textBytes, body);
  return body;
}

function readText({ header, body: encoded }: Leaf, body: Body): string {
  const maxBytes = header.type === 'text/html' ? messageLimits.htmlBytes : messageLimits.textBytes;
  // Quoted-printable text of nothing but umlauts is three times as long as what it says.
  const bytes = decodeTransfer(encoded.subarray(0, 3 * maxBytes), header.encoding);
  if (encoded.length > 3 * maxBytes || bytes.length > maxBytes) body.cut = true;
  const { text, known } = decodeCharset(bytes.subarray(0, maxBytes), header.charset);
  if (!known && header.charset !== null) body.unknownCharsets.add(header.charset);
  const lines = wellFormed(text).replace(/\r\n?/g, '\n');
  return header.flowed === 'no' || header.type === 'text/html' ? lines : unflow(lines, header.flowed === 'delsp');
}

function isVisible(text: string): boolean {
  return text.trim() !== '';
}

/** A plain part between HTML parts: the footer of a mailing list, for one. */
function htmlOf(plain: string): string {
  const escaped = plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<div style="white-space: pre-wrap">${escaped}</div>`;
}

function limited(parts: readonly string[], maxBytes: number, body: Body): string {
  const text = parts.join('\n');
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  body.cut = true;
  // `stream` leaves out a character that the cut has split.
  return new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: true });
}
