import { latin1 } from './legacy-charsets';

export interface Field {
  /** Lower-case. */
  name: string;
  /** Unfolded, one character a byte: which character set raw bytes are in is known only when the whole mail is. */
  value: string;
}

export interface Header {
  fields: Field[];
  bodyStart: number;
  /** The header is longer than its budget; the rest was not read. */
  cut: boolean;
}

export const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** RFC 5322 §2.2; some programs put a blank before the colon. "https://…" is a line of text. */
const fieldLine = /^([!-9;-~]{1,100})[ \t]*:(?!\/\/)/;
/** Fields by which a header is known for one. */
const messageField =
  /^(content-|mime-|x-|list-|resent-|arc-|dkim-|auto-|(from|sender|reply-to|to|cc|bcc|subject|date|message-id|in-reply-to|references|received|return-path|delivered-to|envelope-to|authentication-results|received-spf|domainkey-signature|thread-(topic|index)|user-agent|precedence|importance|priority|sensitivity|organi[sz]ation|errors-to|status|lines|newsgroups|path|comments|keywords)[ \t]*:)/i;
/** In a part only these mean anything (RFC 2045 §3). */
const partField = /^(content-|mime-version|x-)/i;

const strayLines = 5;

/**
 * Reads the header at `start`: up to the blank line, to a boundary, or to the first line that can't be of a header, where the blank
 * line was forgotten. What has none of the fields of a header is a body from its first line on.
 * @param budget bytes that the header may have
 */
export function readHeader(
  raw: Buffer,
  start: number,
  { budget, isPart, isBoundary }: { budget: number; isPart: boolean; isBoundary: (lineStart: number) => boolean },
): Header {
  const meant = isPart ? partField : messageField;
  const fields: { name: string; lines: string[] }[] = [];
  let at = start;
  let isKnown = false;
  let cut = false;
  while (at < raw.length && !isBoundary(at)) {
    const next = nextLine(raw, at);
    const end = beforeLineBreak(raw, at, next);
    if (end - start > budget) {
      cut = true;
      break;
    }
    const line = latin1(raw.subarray(at, end));
    const name = fieldLine.exec(line)?.[1];
    if (line === '' || (line.trim() === '' && !meant.test(beginning(raw, next)))) {
      at = next;
      break;
    }
    if (name !== undefined) {
      isKnown ||= meant.test(line);
      fields.push({ name: name.toLowerCase(), lines: [line.slice(line.indexOf(':') + 1)] });
    } else if (isFolded(fields.at(-1), line) || goesOn(raw, next, meant)) fields.at(-1)?.lines.push(line);
    else break;
    at = next;
  }
  if (fields.length > 0 && !isKnown && !cut) return { fields: [], bodyStart: start, cut: false };
  return { fields: fields.map(unfold), bodyStart: at, cut };
}

/** A line that belongs to the field before it: by the blank at its beginning, or since that field can't have been all. */
function isFolded(field: { lines: readonly string[] } | undefined, line: string): boolean {
  const before = field?.lines.at(-1);
  if (before === undefined) return false;
  return (
    /^[ \t]/.test(line) ||
    (/;\s*$/.test(before) && /^[\w*-]+\s*=/.test(line)) ||
    (before.trim() === '' && !line.includes(' '))
  );
}

/** Whether a field of a header follows before a blank line does: what stands before it is a stray line in the header's middle. */
function goesOn(raw: Buffer, start: number, meant: RegExp): boolean {
  let at = start;
  for (let lines = 0; at < raw.length && lines < strayLines; lines++) {
    const line = beginning(raw, at);
    if (line.trim() === '' || line.startsWith('--')) return false;
    if (meant.test(line)) return true;
    at = nextLine(raw, at);
  }
  return false;
}

function unfold({ name, lines }: { name: string; lines: readonly string[] }): Field {
  return {
    name,
    value: lines
      .map((line) => line.trim())
      .join(' ')
      .trim(),
  };
}

/**
 * Where the header of a mail begins: behind a byte order mark, blank lines and the "From " line of an mbox file, if there is a header
 * behind them at all.
 */
export function headerStart(raw: Buffer): number {
  const first = raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf ? 3 : 0;
  let at = first;
  for (let lines = 0; at < raw.length && lines < 100; lines++) {
    const next = nextLine(raw, at);
    const line = beginning(raw, at);
    if (messageField.test(line)) return at;
    if (!/^[\s\0]*$/.test(line) && !/^>?From \S+ /.test(line)) break;
    at = next;
  }
  return first;
}

function nextLine(raw: Buffer, at: number): number {
  const found = raw.indexOf(lineFeed, at);
  return found === -1 ? raw.length : found + 1;
}

/** As much of the line at `at` as tells whether it is a field. */
function beginning(raw: Buffer, at: number): string {
  const some = raw.subarray(at, at + 160);
  const end = some.indexOf(lineFeed);
  return latin1(end === -1 ? some : some.subarray(0, end));
}

/** `end` without the line break right before it; a doubled carriage return belongs to it. */
export function beforeLineBreak(raw: Buffer, start: number, end: number): number {
  let result = end;
  if (result > start && raw[result - 1] === lineFeed) result -= 1;
  if (result > start && raw[result - 1] === carriageReturn) result -= 1;
  return result;
}
