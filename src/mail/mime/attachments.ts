import type { Attachment } from '../../domain/message';
import type { Body } from './body';
import { fileNamer } from './file-names';
import { isMultipart, type Leaf, type Part } from './outline';
import { parameterText, readFieldValue } from './parameters';
import type { PartHeader } from './part-header';
import type { TextReader } from './text-reader';
import { decodeTransfer, doubtfulEncoding } from './transfer-encoding';

/** Every part that is not in the texts of the body, byte for byte as the sender had it, in the order of the mail. */
export function readAttachments(root: Part | null, body: Body, reader: TextReader): Attachment[] {
  const nameFor = fileNamer();
  const shown = contentIdsIn(body.html ?? '');
  return leavesOf(root).flatMap((leaf) => {
    const inText = (body.files.get(leaf) ?? []).map(({ name, bytes }) => ({
      fileName: nameFor(reader.readRaw(name), 'application/octet-stream'),
      mimeType: 'application/octet-stream',
      content: bytes,
      contentId: null,
      inline: false,
    }));
    if (body.texts.has(leaf)) return inText;
    const { header } = leaf;
    const mimeType = header.typeIsValid ? header.type : 'application/octet-stream';
    const contentId = header.contentId.trim().replace(/^<|>$/g, '') || null;
    const fileName = nameFor(nameOf(header, reader), mimeType);
    const inline = contentId !== null && shown.has(contentId.toLowerCase());
    return [{ fileName, mimeType, content: contentOf(leaf, reader), contentId, inline }, ...inText];
  });
}

/** The parts of a mail that have no parts themselves. */
export function leavesOf(part: Part | null): Leaf[] {
  if (part === null) return [];
  return isMultipart(part) ? part.parts.flatMap(leavesOf) : [part];
}

function contentOf({ header, body }: Leaf, reader: TextReader): Uint8Array {
  const { bytes, rest, sound } = decodeTransfer(body, header.encoding);
  if (!sound || rest.length > 0) reader.notices.add(doubtfulEncoding(header.encoding));
  return bytes;
}

/** RFC 2183 §2.3; the name of the Content-Type is older, and often the only one. */
function nameOf({ contentType, contentDisposition }: PartHeader, reader: TextReader): string | null {
  const disposition = readFieldValue(reader.readRaw(contentDisposition));
  const type = readFieldValue(reader.readRaw(contentType));
  return (
    parameterText(disposition, 'filename', reader) ??
    parameterText(disposition, 'name', reader) ??
    parameterText(type, 'name', reader) ??
    parameterText(type, 'filename', reader)
  );
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
