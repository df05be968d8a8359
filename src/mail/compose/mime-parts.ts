import { randomUUID } from 'node:crypto';
import { wrap as wrapBase64 } from 'nodemailer/lib/base64';
import { encode as encodeQuotedPrintable, wrap as wrapQuotedPrintable } from 'nodemailer/lib/qp';
import { outgoingLimits } from '../../domain/limits';
import type { Attachment } from '../../domain/message';
import { wellFormed } from '../../domain/text';
import { fileNamer } from '../mime/file-names';
import { headerField, parameterised } from './header-fields';

/** A MIME entity (RFC 2045): its header fields, and its body in 7-bit lines. */
export interface Part {
  fields: string;
  body: string;
}

/** A text of any language. Mostly ASCII it stays readable in the source; else base64 is half as long. */
export function textPart(subtype: 'plain' | 'html', text: string): Part {
  const lines = wellFormed(text).replace(/\r\n|\r|\n/g, '\r\n');
  const bytes = Buffer.from(lines);
  const isMostlyAscii = bytes.length <= 1.3 * lines.length;
  return {
    fields:
      headerField('Content-Type', `text/${subtype}; charset=utf-8`) +
      headerField('Content-Transfer-Encoding', isMostlyAscii ? 'quoted-printable' : 'base64'),
    body: isMostlyAscii ? wrapQuotedPrintable(encodeQuotedPrintable(bytes)) : base64(bytes),
  };
}

/** Parts side by side; a single one stays as it is. */
export function multipart(subtype: 'mixed' | 'alternative' | 'related', parts: readonly [Part, ...Part[]]): Part {
  const [only, ...others] = parts;
  if (others.length === 0) return only;
  // "=_" stands in no line of base64 or quoted-printable, so no content can end a part early (RFC 2045 §6.7).
  const boundary = `=_${randomUUID()}`;
  const params = { boundary, ...(subtype === 'related' ? { type: 'text/html' } : {}) };
  return {
    fields: headerField('Content-Type', parameterised(`multipart/${subtype}`, params)),
    body: `${parts.map(({ fields, body }) => `--${boundary}\r\n${fields}\r\n${body}\r\n`).join('')}--${boundary}--\r\n`,
  };
}

/** Turns attachments into parts: those that the HTML shows, and those beside it. */
export function attachmentParts(
  attachments: readonly Attachment[],
  hasHtml: boolean,
): { related: Part[]; beside: Part[] } {
  const nameOf = fileNamer();
  const related: Part[] = [];
  const beside: Part[] = [];
  for (const { fileName, mimeType, content, contentId, inline } of attachments) {
    const isShown = hasHtml && inline && contentId !== null && contentIdPattern.test(contentId);
    const filename = nameOf(fileName, mimeType);
    (isShown ? related : beside).push({
      fields:
        headerField('Content-Type', safeMimeType(mimeType)) +
        headerField('Content-Transfer-Encoding', 'base64') +
        headerField('Content-Disposition', parameterised(isShown ? 'inline' : 'attachment', { filename })) +
        (isShown ? headerField('Content-ID', `<${contentId}>`) : ''),
      body: base64(content),
    });
  }
  return { related, beside };
}

const contentIdPattern = new RegExp(`^[\\x21-\\x3b\\x3d\\x3f-\\x7e]{1,${outgoingLimits.messageIdChars}}$`);

/** The type as given if it is one. Composite types may not be in base64 (RFC 2046 §5): such a file is sent as plain bytes. */
function safeMimeType(mimeType: string): string {
  const isToken = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/.test(mimeType);
  return isToken && !/^(multipart|message)\//i.test(mimeType) ? mimeType : 'application/octet-stream';
}

const base64 = (bytes: Uint8Array) =>
  wrapBase64(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'), 76);
