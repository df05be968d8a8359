import PostalMime, { decodeWords, type Email, type Header } from 'postal-mime';
import { messageLimits } from '../../domain/limits';
import type { Message } from '../../domain/message';
import type { ParseMessage } from '../../domain/ports';
import { cutText, singleLine } from '../../domain/text';
import { readAddresses } from './addresses';
import { readAttachments } from './attachments';
import { readBody } from './body';
import { shownLine } from './charsets';
import { readDate, readMessageIds } from './identification';
import { type Outline, type OutlineDefect, outlineOf } from './outline';
import { type Skeleton, skeletonOf } from './skeleton';

// A function: the first number that is formatted loads the language's data, which would be milliseconds of every cold start.
const outlineDefect = (defect: OutlineDefect): string =>
  ({
    'headers-too-large': `Its headers are longer than ${messageLimits.headerBytes / 1024} KB; the rest was not read.`,
    'too-many-parts': `It has more than ${messageLimits.parts.toLocaleString('en')} parts; only the first ones were read.`,
    'too-deep': `Its parts are nested more than ${messageLimits.depth} levels deep; the deepest were not read.`,
    'parts-not-found': 'It says that it consists of parts, but not all of them could be found.',
  })[defect];

/**
 * Raw bytes (RFC 5322, MIME) to a `Message`; never throws for what the mail contains.
 *
 * The raw mail is first cut into its parts without decoding anything (`outlineOf`); the parser then reads a skeleton of it, in
 * which the content of every attachment is replaced by a token. So time and memory are bounded before anything is parsed,
 * and an attachment's bytes are the sender's own, with the line ends that they had.
 */
export const readMessage: ParseMessage = async (raw) => {
  try {
    const outline = outlineOf(raw);
    const skeleton = skeletonOf(outline);
    return toMessage(await parse(skeleton.bytes), outline, skeleton);
  } catch {
    return unreadable(raw);
  }
};

function parse(bytes: Uint8Array): Promise<Email> {
  return PostalMime.parse(bytes, {
    forceRfc822Attachments: true,
    maxNestingDepth: messageLimits.depth + 1,
    // The outline has kept the limit already; the fields that the skeleton adds must not break it.
    maxHeadersSize: 2 * messageLimits.headerBytes,
  });
}

function toMessage(email: Email, outline: Outline, skeleton: Skeleton): Message {
  const headers = email.headers.slice(skeleton.addedHeaders);
  const defects: string[] = [...outline.defects].map(outlineDefect);
  const body = readBody(skeleton.texts);
  if (body.cut) defects.push('Its text is too long; only the beginning was read.');
  for (const charset of body.unknownCharsets)
    defects.push(`It is written in a character set that is not known here (${singleLine(charset)}).`);

  const people = {
    from: addressesOf(headers, 'from'),
    replyTo: addressesOf(headers, 'reply-to'),
    to: addressesOf(headers, 'to'),
    cc: addressesOf(headers, 'cc'),
  };
  if (Object.values(people).some(({ cut }) => cut))
    defects.push(`It has more than ${messageLimits.addresses} addresses; only the first ones were read.`);

  return {
    messageId: readMessageIds(valuesOf(headers, 'message-id'))[0] ?? null,
    inReplyTo: readMessageIds(valuesOf(headers, 'in-reply-to'))[0] ?? null,
    references: readMessageIds(valuesOf(headers, 'references')),
    subject: cutText(shownLine(decodeWords(valuesOf(headers, 'subject')[0] ?? '')), messageLimits.subjectChars),
    from: people.from.addresses[0] ?? null,
    replyTo: people.replyTo.addresses,
    to: people.to.addresses,
    cc: people.cc.addresses,
    date: readDate(valuesOf(headers, 'date')[0]),
    html: body.html,
    text: body.text,
    attachments: readAttachments(email, skeleton.attachments, body.html),
    headers: headers.map(({ key, value }) => ({ name: singleLine(key), value: singleLine(value) })),
    defect: defects.length === 0 ? null : defects.join(' '),
  };
}

function valuesOf(headers: readonly Header[], name: string): string[] {
  return headers.filter((header) => header.key === name).map((header) => header.value);
}

function addressesOf(headers: readonly Header[], name: string): { addresses: Message['to']; cut: boolean } {
  return readAddresses(valuesOf(headers, name));
}

/** What is left when the parser itself fails: its bytes are attached to the issue by the caller. */
function unreadable(raw: Uint8Array): Message {
  const head = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, 64 * 1024)).toString('utf8');
  const subject = /^subject[ \t]*:([^\r\n]*)/im.exec(head)?.[1] ?? '';
  return {
    messageId: null,
    inReplyTo: null,
    references: [],
    subject: cutText(singleLine(subject), messageLimits.subjectChars),
    from: null,
    replyTo: [],
    to: [],
    cc: [],
    date: null,
    html: null,
    text: null,
    attachments: [],
    headers: [],
    defect: 'Its structure is so damaged that it could not be read.',
  };
}
