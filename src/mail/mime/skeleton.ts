import type { Leaf, Outline } from './outline.ts';
import { attachmentPart, isBodyText, textPart } from './text-part.ts';

/** A mail as the parser gets it: every header, every text, and tokens instead of attachments. */
export interface Skeleton {
  bytes: Uint8Array;
  /** What each token stands for. */
  attachments: Map<string, Leaf>;
  /** Header fields of ours at the very beginning, which the sender did not write. */
  addedHeaders: number;
  textCut: boolean;
  unknownCharsets: string[];
}

export function skeletonOf(outline: Outline): Skeleton {
  const chunks: Uint8Array[] = [];
  const skeleton: Skeleton = {
    bytes: new Uint8Array(),
    attachments: new Map(),
    addedHeaders: 0,
    textCut: false,
    unknownCharsets: [],
  };
  let texts = 0;
  for (const piece of outline.pieces) {
    if (piece.kind === 'bytes') {
      chunks.push(readableHeader(piece.bytes));
      continue;
    }
    const leaf = { ...piece.leaf, head: readableHeader(piece.leaf.head) };
    const isRoot = chunks.length === 0;
    if (isBodyText(leaf, texts === 0)) {
      texts += 1;
      const part = textPart(leaf);
      chunks.push(...part.bytes);
      if (isRoot) skeleton.addedHeaders = part.added;
      skeleton.textCut ||= part.cut;
      if (part.unknownCharset !== null) skeleton.unknownCharsets.push(part.unknownCharset);
    } else {
      const token = tokenOf(skeleton.attachments.size);
      const part = attachmentPart(leaf, token);
      chunks.push(...part.bytes);
      if (isRoot) skeleton.addedHeaders = part.added;
      skeleton.attachments.set(token, leaf);
    }
  }
  skeleton.bytes = Buffer.concat(chunks);
  return skeleton;
}

/** Sixteen characters that are base64 as they stand, so that decoding and encoding again finds them. */
function tokenOf(number: number): string {
  return `letterbox${String(number).padStart(7, '0')}`;
}

/** Headers in raw Latin-1 are older than RFC 6532's UTF-8, and still sent: left alone they would become "�". */
function readableHeader(bytes: Uint8Array): Uint8Array {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return bytes;
  } catch {
    return Buffer.from(new TextDecoder('windows-1252').decode(bytes));
  }
}
