import { messageLimits } from '../../domain/limits';
import { type PartHeader, readPartHeader } from './header-fields';

/** Where a part without children stands in the raw mail. */
export interface Leaf {
  header: PartHeader;
  /** The header's bytes, its closing blank line not included. */
  head: Uint8Array;
  /** Still encoded; a view into the raw mail, not a copy. */
  body: Uint8Array;
  /** The multipart/alternative around the part, if any: the same object for all of its parts. */
  alternative: object | null;
}

/** What the mail consists of, in the order of the mail: headers of multiparts, boundaries and leaves. */
export type Piece = { kind: 'bytes'; bytes: Uint8Array } | { kind: 'leaf'; leaf: Leaf };

export type OutlineDefect = 'headers-too-large' | 'too-many-parts' | 'too-deep' | 'parts-not-found';

export interface Outline {
  pieces: Piece[];
  defects: Set<OutlineDefect>;
}

interface Multipart {
  delimiter: Buffer;
  type: string;
  parts: number;
}

interface Delimiter {
  lineStart: number;
  lineEnd: number;
  level: number;
  closes: boolean;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const dash = 0x2d;

/**
 * Cuts a raw mail into its parts without decoding or copying a byte (RFC 2046 §5.1). Linear in the size of the mail, and
 * bounded by `messageLimits`: past a limit the outline simply ends, and a defect says so. Preambles and epilogues are
 * left out, since no reader shows them.
 */
export function outlineOf(input: Uint8Array): Outline {
  const raw = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  const outline: Outline = { pieces: [], defects: new Set() };
  const open: Multipart[] = [];
  let headerBudget: number = messageLimits.headerBytes;
  let leaves = 0;
  let position = 0;
  let startsPart = true;

  for (;;) {
    let leaf: Leaf | null = null;
    if (startsPart) {
      if (leaves >= messageLimits.parts) {
        outline.defects.add('too-many-parts');
        return outline;
      }
      const head = headAt(raw, position, open, headerBudget);
      headerBudget -= head.bytes.length;
      position = head.bodyStart;
      leaf = addPart(outline, open, head.bytes, raw.subarray(position));
      if (leaf !== null) leaves += 1;
      if (head.cut) {
        if (leaf !== null) leaf.body = emptyBody;
        outline.defects.add('headers-too-large');
        return outline;
      }
    }
    const next = nextDelimiter(raw, position, open);
    if (leaf !== null && next !== null)
      leaf.body = raw.subarray(position, beforeLineBreak(raw, position, next.lineStart));
    const ended = next === null ? 0 : next.level + (next.closes ? 0 : 1);
    if (next !== null && !next.closes) countPart(open[next.level]);
    if (open.slice(ended).some((multipart) => multipart.parts === 0)) outline.defects.add('parts-not-found');
    if (next === null) return outline;
    outline.pieces.push({ kind: 'bytes', bytes: raw.subarray(next.lineStart, next.lineEnd) });
    open.length = ended;
    startsPart = !next.closes;
    position = next.lineEnd;
  }
}

/** Notes the part whose header has just been read: a multipart is opened, and anything else is the leaf that is returned. */
function addPart(outline: Outline, open: Multipart[], head: Buffer, rest: Buffer): Leaf | null {
  // RFC 2046 §5.1.5: what a digest holds are messages unless they say otherwise.
  const defaultType = open.at(-1)?.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  const header = readPartHeader(head.toString('latin1'), defaultType);
  if (header.boundary !== null && open.length < messageLimits.depth) {
    const delimiter = Buffer.from(`--${header.boundary}`, 'latin1');
    // Only the outermost is looked through for its boundary: for each of a thousand it would take a thousand readings.
    if (open.length > 0 || rest.includes(delimiter)) {
      outline.pieces.push({ kind: 'bytes', bytes: head }, { kind: 'bytes', bytes: blankLine });
      open.push({ delimiter, type: header.type, parts: 0 });
      return null;
    }
  }
  const isMultipart = header.type.startsWith('multipart/');
  if (isMultipart) outline.defects.add(open.length < messageLimits.depth ? 'parts-not-found' : 'too-deep');
  // A mail whose boundary never comes is read as plain text: its words may still be what somebody has to answer.
  const read = isMultipart && open.length === 0 ? { ...header, type: 'text/plain', disposition: '' } : header;
  const alternative = open.findLast((multipart) => multipart.type === 'multipart/alternative') ?? null;
  const leaf = { header: read, head, body: rest, alternative };
  outline.pieces.push({ kind: 'leaf', leaf });
  return leaf;
}

function countPart(multipart: Multipart | undefined): void {
  if (multipart !== undefined) multipart.parts += 1;
}

const emptyBody = Buffer.alloc(0);
const blankLine = Buffer.from('\r\n\r\n');

/** The header that begins at `start`: up to the blank line, to the next boundary, or to the end of the budget. */
function headAt(
  raw: Buffer,
  start: number,
  open: readonly Multipart[],
  budget: number,
): { bytes: Buffer; bodyStart: number; cut: boolean } {
  let lineStart = start;
  while (lineStart < raw.length) {
    const lineFeedAt = raw.indexOf(lineFeed, lineStart);
    const next = lineFeedAt === -1 ? raw.length : lineFeedAt + 1;
    const end = beforeLineBreak(raw, lineStart, next);
    if (end === lineStart)
      return { bytes: raw.subarray(start, beforeLineBreak(raw, start, lineStart)), bodyStart: next, cut: false };
    if (delimiterAt(raw, lineStart, open) !== null)
      return { bytes: raw.subarray(start, beforeLineBreak(raw, start, lineStart)), bodyStart: lineStart, cut: false };
    if (end - start > budget)
      return { bytes: raw.subarray(start, beforeLineBreak(raw, start, lineStart)), bodyStart: lineStart, cut: true };
    lineStart = next;
  }
  return { bytes: raw.subarray(start, beforeLineBreak(raw, start, raw.length)), bodyStart: raw.length, cut: false };
}

function nextDelimiter(raw: Buffer, from: number, open: readonly Multipart[]): Delimiter | null {
  if (open.length === 0) return null;
  const here = delimiterAt(raw, from, open);
  if (here !== null) return here;
  // A plain loop: a mail of nothing but dashes would call a native search millions of times.
  for (let at = Math.max(from - 1, 0); at < raw.length; at++) {
    if (raw[at] !== lineFeed || raw[at + 1] !== dash || raw[at + 2] !== dash) continue;
    const found = delimiterAt(raw, at + 1, open);
    if (found !== null) return found;
  }
  return null;
}

/** The boundary line that starts at `lineStart`, of the innermost multipart that it fits. */
function delimiterAt(raw: Buffer, lineStart: number, open: readonly Multipart[]): Delimiter | null {
  if (raw[lineStart] !== dash || raw[lineStart + 1] !== dash) return null;
  for (let level = open.length - 1; level >= 0; level--) {
    const delimiter = open[level]?.delimiter;
    if (delimiter === undefined || !startsWith(raw, lineStart, delimiter)) continue;
    let end = lineStart + delimiter.length;
    const closes = raw[end] === dash && raw[end + 1] === dash;
    if (closes) end += 2;
    while (raw[end] === 0x20 || raw[end] === 0x09 || raw[end] === carriageReturn) end += 1;
    if (end < raw.length && raw[end] !== lineFeed) continue;
    return { lineStart, lineEnd: Math.min(end + 1, raw.length), level, closes };
  }
  return null;
}

function startsWith(raw: Buffer, at: number, bytes: Buffer): boolean {
  for (let index = 0; index < bytes.length; index++) {
    if (raw[at + index] !== bytes[index]) return false;
  }
  return true;
}

/** `end` without the line break right before it: the line break before a boundary belongs to the boundary. */
function beforeLineBreak(raw: Buffer, start: number, end: number): number {
  let result = end;
  if (result > start && raw[result - 1] === lineFeed) result -= 1;
  if (result > start && raw[result - 1] === carriageReturn) result -= 1;
  return result;
}
