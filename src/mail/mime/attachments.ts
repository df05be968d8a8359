import type { Email } from 'postal-mime';
import type { Attachment } from '../../domain/message';
import { fileNamer } from './file-names';
import type { Leaf } from './outline';
import { decodeTransfer } from './transfer-encoding';

const plainType = /^[a-z0-9][\w.+-]{0,126}\/[\w.+-]{1,127}$/i;

/** The attachments with their true content: the parser has read their names and types, their bytes come from the raw mail. */
export function readAttachments(email: Email, leaves: ReadonlyMap<string, Leaf>, html: string | null): Attachment[] {
  const nameFor = fileNamer();
  const shown = contentIdsIn(html ?? '');
  return email.attachments.map((attachment) => {
    const bytes = toBuffer(attachment.content);
    const leaf = leaves.get(bytes.toString('latin1').trim()) ?? leaves.get(bytes.toString('base64'));
    const mimeType = plainType.test(attachment.mimeType)
      ? attachment.mimeType.toLowerCase()
      : 'application/octet-stream';
    const contentId = attachment.contentId?.trim().replace(/^<|>$/g, '') || null;
    return {
      fileName: nameFor(attachment.filename, mimeType),
      mimeType,
      content: leaf === undefined ? bytes : decodeTransfer(leaf.body, leaf.header.encoding),
      contentId,
      inline: contentId !== null && shown.has(contentId.toLowerCase()),
    };
  });
}

/** RFC 2392: "cid:" and the Content-ID, percent-encoded. */
function contentIdsIn(html: string): Set<string> {
  return new Set(
    [...html.matchAll(/\bcid:([^\s"'<>)]{1,998})/gi)].map((match) => decoded(match[1] ?? '').toLowerCase()),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function toBuffer(content: ArrayBuffer | Uint8Array | string): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof Uint8Array
    ? Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    : Buffer.from(content);
}
