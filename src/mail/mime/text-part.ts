import { messageLimits } from '../../domain/limits.ts';
import { decodeLegacyCharset, isKnownCharset } from './legacy-charsets.ts';
import type { Leaf } from './outline.ts';
import { decodeTransfer } from './transfer-encoding.ts';

export interface TextPart {
  /** The part as the parser shall see it. */
  bytes: Uint8Array[];
  /** Header fields of ours before the sender's. */
  added: number;
  cut: boolean;
  /** A character set that nobody here can read. */
  unknownCharset: string | null;
}

/** Quoted-printable text of only umlauts is three times as long as what it says. */
const longestEncodedText = 3 * Math.max(messageLimits.htmlBytes, messageLimits.textBytes);

/** Whether a part belongs to the body that people read, and not to the attachments. */
export function isBodyText({ header }: Leaf, isFirst: boolean): boolean {
  if (header.type !== 'text/plain' && header.type !== 'text/html') return false;
  if (header.disposition === 'attachment') return false;
  // A log file that the sender's program shows "inline" below the text is a file all the same.
  return isFirst || !header.named;
}

/**
 * A text part for the parser: shortened to what a message may hold, and turned into UTF-8 where the platform's decoder
 * does not know the character set. The fields put before the part's own win, since a field counts by its first occurrence.
 */
export function textPart({ header, head, body, misdeclared }: Leaf): TextPart {
  const cut = body.length > longestEncodedText;
  const kept = cut ? body.subarray(0, longestEncodedText) : body;
  if (header.charset !== null && !isKnownCharset(header.charset)) {
    const text = decodeLegacyCharset(decodeTransfer(kept, header.encoding), header.charset);
    if (text === null)
      return { bytes: [...headOf(head), kept, lineBreak], added: 0, cut, unknownCharset: header.charset };
    const fields = `Content-Type: ${header.type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n`;
    return {
      bytes: [Buffer.from(fields), ...headOf(head), base64Lines(text), lineBreak],
      added: 2,
      cut,
      unknownCharset: null,
    };
  }
  const fields = misdeclared ? [Buffer.from('Content-Type: text/plain\r\n')] : [];
  return { bytes: [...fields, ...headOf(head), kept, lineBreak], added: fields.length, cut, unknownCharset: null };
}

/** An attachment's header alone, with `token` as its body: the parser reads names and types and never sees the content. */
export function attachmentPart({ header, head }: Leaf, token: string): { bytes: Uint8Array[]; added: number } {
  const isText = header.type === 'text/plain' || header.type === 'text/html';
  const disposition = isText ? `Content-Disposition: attachment${header.dispositionParameters}\r\n` : '';
  const bytes = [Buffer.from(disposition, 'latin1'), ...headOf(head), Buffer.from(token), lineBreak];
  return { bytes, added: isText ? 1 : 0 };
}

function base64Lines(text: string): Buffer {
  return Buffer.from(Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n'));
}

/** A header and the blank line after it; an empty header is the blank line alone. */
function headOf(head: Uint8Array): Uint8Array[] {
  return head.length === 0 ? [lineBreak] : [head, lineBreak, lineBreak];
}

const lineBreak = Buffer.from('\r\n');
