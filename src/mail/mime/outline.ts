import { messageLimits } from '../../domain/limits.ts';
import { type PartHeader, readPartHeader } from './header-fields.ts';

/** Where a part without children stands in the raw mail. */
export interface Leaf {
  header: PartHeader;
  /** The header's bytes, its closing blank line not included. */
  head: Uint8Array;
  /** Still encoded; a view into the raw mail, not a copy. */
  body: Uint8Array;
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
  defaultType: string;
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
  const open: Multipart[] = [];
  const outline: Outline = { pieces: [], defects: new Set() };
  let headerBytes = 0;
  let leaves = 0;
  let position = 0;
  let inEpilogue = false;

  for (;;) {
    let leaf: Leaf | null = null;
    let bodyStart = position;
    if (!inEpilogue) {
      const head = headAt(raw, position, open, messageLimits.headerBytes - headerBytes);
      headerBytes += head.bytes.length;
      bodyStart = head.bodyStart;
      const header = readPartHeader(head.bytes.toString('latin1'), open.at(-1)?.defaultType ?? 'text/plain');
      if (header.boundary !== null && open.length < messageLimits.depth) {
        outline.pieces.push({ kind: 'bytes', bytes: head.bytes }, { kind: 'bytes', bytes: blankLine });
        open.push({
          delimiter: Buffer.from(`--${header.boundary}`, 'latin1'),
          // RFC 2046 §5.1.5: what a digest holds are messages unless they say otherwise.
          defaultType: header.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain',
          parts: 0,
        });
      } else {
        if (header.boundary !== null) outline.defects.add('too-deep');
        else if (header.type.startsWith('multipart/')) outline.defects.add('parts-not-found');
        leaf = { header, head: head.bytes, body: raw.subarray(bodyStart, bodyStart) };
        outline.pieces.push({ kind: 'leaf', leaf });
        leaves += 1;
      }
      if (head.cut) {
        outline.defects.add('headers-too-large');
        return outline;
      }
    }

    const next = nextDelimiter(raw, bodyStart, open);
    if (leaf !== null)
      leaf.body = raw.subarray(bodyStart, next === null ? raw.length : beforeLineBreak(raw, bodyStart, next.lineStart));
    if (next === null) {
      if (open.some((multipart) => multipart.parts === 0)) outline.defects.add('parts-not-found');
      return outline;
    }
    if (open.slice(next.level + 1).some((multipart) => multipart.parts === 0)) outline.defects.add('parts-not-found');
    const multipart = open[next.level];
    if (multipart === undefined) return outline;
    if (!next.closes) {
      multipart.parts += 1;
      if (leaves >= messageLimits.parts) {
        outline.defects.add('too-many-parts');
        return outline;
      }
    } else if (multipart.parts === 0) {
      outline.defects.add('parts-not-found');
    }
    outline.pieces.push({ kind: 'bytes', bytes: raw.subarray(next.lineStart, next.lineEnd) });
    open.length = next.closes ? next.level : next.level + 1;
    inEpilogue = next.closes;
    position = next.lineEnd;
  }
}

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
  for (let at = raw.indexOf('\n--', Math.max(from - 1, 0)); at !== -1; at = raw.indexOf('\n--', at + 1)) {
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
  return at + bytes.length <= raw.length && raw.compare(bytes, 0, bytes.length, at, at + bytes.length) === 0;
}

/** `end` without the line break right before it: the line break before a boundary belongs to the boundary. */
function beforeLineBreak(raw: Buffer, start: number, end: number): number {
  let result = end;
  if (result > start && raw[result - 1] === lineFeed) result -= 1;
  if (result > start && raw[result - 1] === carriageReturn) result -= 1;
  return result;
}
