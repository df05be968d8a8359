import { isBodyText } from './body';
import type { Leaf, Outline } from './outline';
import { readableHeader } from './readable-header';

/** A mail as the header parser gets it: every header and every boundary, tokens instead of attachments, and no text at all. */
export interface Skeleton {
  bytes: Uint8Array;
  /** The parts that people read, in their order. */
  texts: Leaf[];
  /** What each token stands for. */
  attachments: Map<string, Leaf>;
  /** Header fields of ours at the very beginning, which the sender did not write. */
  addedHeaders: number;
}

export function skeletonOf(outline: Outline): Skeleton {
  const chunks: Uint8Array[] = [];
  const texts: Leaf[] = [];
  const attachments = new Map<string, Leaf>();
  let addedHeaders = 0;
  for (const piece of outline.pieces) {
    if (piece.kind === 'bytes') {
      chunks.push(readableHeader(piece.bytes));
      continue;
    }
    const { leaf } = piece;
    if (isBodyText(leaf, texts.length === 0)) {
      texts.push(leaf);
      chunks.push(...headOf(leaf), lineBreak);
      continue;
    }
    const token = tokenOf(attachments.size);
    attachments.set(token, leaf);
    if (leaf.header.type.startsWith('text/') && leaf.header.disposition !== 'attachment') {
      // A field counts by its first occurrence: so the parser takes for a file what it would take for a text.
      if (chunks.length === 0) addedHeaders = 1;
      chunks.push(Buffer.from(`Content-Disposition: attachment${leaf.header.dispositionParameters}\r\n`, 'latin1'));
    }
    chunks.push(...headOf(leaf), Buffer.from(token), lineBreak);
  }
  return { bytes: Buffer.concat(chunks), texts, attachments, addedHeaders };
}

/** Sixteen characters that are base64 as they stand, so that decoding and encoding again finds them. */
function tokenOf(number: number): string {
  return `letterbox${String(number).padStart(7, '0')}`;
}

/** A header and the blank line after it; an empty header is the blank line alone. */
function headOf({ head }: Leaf): Uint8Array[] {
  return head.length === 0 ? [lineBreak] : [readableHeader(head), lineBreak, lineBreak];
}

const lineBreak = Buffer.from('\r\n');
