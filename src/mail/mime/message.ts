import { messageLimits } from '../../domain/limits';
import type { Message } from '../../domain/message';
import type { ParseMessage } from '../../domain/ports';
import { cutText, singleLine } from '../../domain/text';
import { readAddresses } from './addresses';
import { leavesOf, readAttachments } from './attachments';
import { readBody } from './body';
import { readDate } from './dates';
import { decodeWords } from './encoded-words';
import { readMessageIds } from './identification';
import { type Outline, type OutlineDefect, outlineOf } from './outline';
import { type Detect, textReader } from './text-reader';

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
 * The raw mail is first cut into its parts without decoding anything (`outlineOf`). So time and memory are bounded before anything is
 * read, and an attachment's bytes are the sender's own, with the line ends that they had.
 */
export const readMessage: ParseMessage = async (raw) => {
  try {
    const outline = outlineOf(raw);
    let isGuessNeeded = false;
    const message = toMessage(outline, () => {
      isGuessNeeded = true;
      return null;
    });
    if (!isGuessNeeded) return message;
    // Statistics of languages are large, and hardly any mail needs them.
    const { detectCharset } = await import('./detect-charset');
    return toMessage(outline, detectCharset);
  } catch {
    return unreadable(raw);
  }
};

function toMessage(outline: Outline, detect: Detect): Message {
  const { fields, root } = outline;
  const reader = textReader(charsetsIn(outline), detect);
  const headers = fields.map(({ name, value }) => ({ name, value: reader.readRaw(value) }));
  const valuesOf = (name: string) => headers.flatMap((header) => (header.name === name ? header.value : []));
  const people = (name: string) => readAddresses(valuesOf(name), reader);

  const subject = decodeWords(valuesOf('subject')[0] ?? '', reader);
  const [from, replyTo, to, cc] = [people('from'), people('reply-to'), people('to'), people('cc')];
  const body = readBody(root, reader);
  const attachments = readAttachments(root, body, reader);
  const defects = [...[...outline.defects].map(outlineDefect), ...reader.notices];
  if ([from, replyTo, to, cc].some(({ cut }) => cut))
    defects.push(`It has more than ${messageLimits.addresses} addresses; only the first ones were read.`);

  return {
    messageId: readMessageIds(valuesOf('message-id'))[0] ?? null,
    inReplyTo: readMessageIds(valuesOf('in-reply-to'))[0] ?? null,
    references: readMessageIds(valuesOf('references')),
    subject: cutText(singleLine(subject), messageLimits.subjectChars),
    from: from.addresses[0] ?? null,
    replyTo: replyTo.addresses,
    to: to.addresses,
    cc: cc.addresses,
    date: readDate(valuesOf('date')[0]),
    html: body.html,
    text: body.text,
    attachments,
    headers: headers.map(({ name, value }) => ({ name: singleLine(name), value: singleLine(value) })),
    defect: defects.length === 0 ? null : defects.join(' '),
  };
}

/** Character sets that the mail names anywhere: its parts know better than statistics what an unlabelled subject is written in. */
function charsetsIn({ fields, root }: Outline): string[] {
  const ofParts = leavesOf(root).flatMap(({ header }) => header.charset ?? []);
  const ofWords = fields.flatMap(({ value }) =>
    [...value.matchAll(/=\?([\w.:-]{2,40})\?[bq]\?/gi)].map((match) => match[1] ?? ''),
  );
  return [...ofParts, ...ofWords];
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
