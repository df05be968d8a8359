import { messageLimits } from '../../domain/limits';
import { beforeLineBreak, type Field, headerStart, lineFeed, readHeader } from './header';
import { type PartHeader, readPartHeader } from './part-header';

/** A part without children. */
export interface Leaf {
  header: PartHeader;
  /** Still encoded; a view into the raw mail, not a copy. */
  body: Uint8Array;
}

export interface Multipart {
  type: string;
  parts: Part[];
}

export type Part = Leaf | Multipart;

export type OutlineDefect = 'headers-too-large' | 'too-many-parts' | 'too-deep' | 'parts-not-found';

/** What a mail consists of. */
export interface Outline {
  fields: Field[];
  root: Part | null;
  defects: Set<OutlineDefect>;
}

interface OpenMultipart {
  delimiter: Buffer;
  multipart: Multipart;
}

interface Delimiter {
  lineStart: number;
  lineEnd: number;
  level: number;
  closes: boolean;
}

const carriageReturn = 0x0d;
const dash = 0x2d;

export function isMultipart(part: Part): part is Multipart {
  return 'parts' in part;
}

/**
 * Cuts a raw mail into its parts without decoding or copying a byte (RFC 2046 §5.1). Linear in the size of the mail, and
 * bounded by `messageLimits`: past a limit the outline simply ends, and a defect says so. Preambles and epilogues are
 * left out, since no reader shows them; parts behind the boundary that closes are parts all the same.
 */
export function outlineOf(input: Uint8Array): Outline {
  const raw = withLineFeeds(Buffer.from(input.buffer, input.byteOffset, input.byteLength));
  const outline: Outline = { fields: [], root: null, defects: new Set() };
  const open: OpenMultipart[] = [];
  let headerBudget: number = messageLimits.headerBytes;
  let leaves = 0;
  let position = headerStart(raw);
  let startsPart = true;

  for (;;) {
    let leaf: Leaf | null = null;
    if (startsPart) {
      if (leaves >= messageLimits.parts) {
        outline.defects.add('too-many-parts');
        break;
      }
      const isBoundary = (lineStart: number) => delimiterAt(raw, lineStart, open) !== null;
      const header = readHeader(raw, position, { budget: headerBudget, isPart: open.length > 0, isBoundary });
      headerBudget -= header.bodyStart - position;
      position = header.bodyStart;
      leaf = addPart(outline, open, header.fields, raw.subarray(position));
      if (leaf !== null) leaves += 1;
      if (header.cut) {
        if (leaf !== null) leaf.body = emptyBody;
        outline.defects.add('headers-too-large');
        break;
      }
    }
    const next = nextDelimiter(raw, position, open);
    if (next === null) break;
    if (leaf !== null) leaf.body = raw.subarray(position, beforeLineBreak(raw, position, next.lineStart));
    noteEmpty(outline, open.splice(next.level + 1));
    startsPart = !next.closes;
    position = next.lineEnd;
  }
  noteEmpty(outline, open);
  return outline;
}

/** A mail whose lines end in a carriage return alone, as old Macs wrote them: it has no line feed before its first blank line. */
function withLineFeeds(raw: Buffer): Buffer {
  const found = raw.indexOf(lineFeed);
  const before = raw.subarray(0, found === -1 ? raw.length : found);
  const end = before.lastIndexOf('\r\r');
  if (found === -1 ? !before.includes(carriageReturn) : end === -1 || end + 2 === found) return raw;
  const result = Buffer.from(raw);
  for (let at = result.indexOf(carriageReturn); at !== -1; at = result.indexOf(carriageReturn, at + 1))
    if (result[at + 1] !== lineFeed) result[at] = lineFeed;
  return result;
}

function noteEmpty(outline: Outline, ended: readonly OpenMultipart[]): void {
  if (ended.some(({ multipart }) => multipart.parts.length === 0)) outline.defects.add('parts-not-found');
}

/** Notes the part whose header has just been read: a multipart is opened, and anything else is the leaf that is returned. */
function addPart(outline: Outline, open: OpenMultipart[], fields: Field[], rest: Buffer): Leaf | null {
  const around = open.at(-1)?.multipart;
  // RFC 2046 §5.1.5: what a digest holds are messages unless they say otherwise.
  const header = readPartHeader(fields, around?.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain');
  const isRoot = around === undefined;
  const add = <P extends Part>(part: P): P => {
    if (isRoot) {
      outline.fields = fields;
      outline.root = part;
    } else around.parts.push(part);
    return part;
  };
  const says = header.type.startsWith('multipart/');
  if (says && open.length < messageLimits.depth) {
    // Only the outermost is looked through for its boundary: for each of a thousand it would take a thousand readings.
    const delimiter = isRoot ? delimiterIn(rest, header.delimiters) : header.delimiters[0];
    if (delimiter !== undefined) {
      open.push({ delimiter: Buffer.from(delimiter, 'latin1'), multipart: add({ type: header.type, parts: [] }) });
      return null;
    }
  }
  if (says) outline.defects.add(open.length < messageLimits.depth ? 'parts-not-found' : 'too-deep');
  // A mail whose boundary never comes is read as plain text: its words may still be what somebody has to answer.
  const read = says && isRoot ? { ...header, type: 'text/plain', disposition: '' } : header;
  return add({ header: read, body: rest });
}

/** The delimiter that is really there; if none is, one that stands before what looks like the header of a part. */
function delimiterIn(body: Buffer, delimiters: readonly string[]): string | undefined {
  const written = delimiters.find((delimiter) => body.includes(delimiter, 0, 'latin1'));
  if (written !== undefined) return written;
  const beginning = body.subarray(0, 64 * 1024).toString('latin1');
  return /^(--[^\s-][^\r\n]{0,69}|--[^\r\n]{1,70}[^\s-])[ \t]*\r?\ncontent-[a-z-]{2,30}:/im
    .exec(beginning)?.[1]
    ?.trimEnd();
}

const emptyBody = Buffer.alloc(0);

function nextDelimiter(raw: Buffer, from: number, open: readonly OpenMultipart[]): Delimiter | null {
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

/**
 * The boundary line that starts at `lineStart`, of the innermost multipart that it fits; words may stand behind it if it fits none
 * without them (RFC 2046 §5.1.1: "it is sufficient that the boundary appear in its entirety").
 */
function delimiterAt(raw: Buffer, lineStart: number, open: readonly OpenMultipart[]): Delimiter | null {
  if (raw[lineStart] !== dash || raw[lineStart + 1] !== dash) return null;
  let withWords: Delimiter | null = null;
  for (let level = open.length - 1; level >= 0; level--) {
    const delimiter = open[level]?.delimiter;
    if (delimiter === undefined || !startsWith(raw, lineStart, delimiter)) continue;
    let end = lineStart + delimiter.length;
    const closes = raw[end] === dash && raw[end + 1] === dash;
    if (closes) end += 2;
    const behind = end;
    while (isBlank(raw[end])) end += 1;
    const isExact = end >= raw.length || raw[end] === lineFeed;
    if (!isExact && (withWords !== null || !(closes || end > behind))) continue;
    const found = isExact ? end : raw.indexOf(lineFeed, end);
    const lineEnd = found === -1 ? raw.length : Math.min(found + 1, raw.length);
    if (isExact) return { lineStart, lineEnd, level, closes };
    // Behind a carriage return alone stand lines, and no words: they would be lost with this one.
    if (/\r(?!\r*\n?$)/.test(raw.toString('latin1', behind, Math.min(lineEnd, behind + 1_000)))) continue;
    withWords = { lineStart, lineEnd, level, closes };
  }
  return withWords;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === carriageReturn;
}

function startsWith(raw: Buffer, at: number, bytes: Buffer): boolean {
  for (let index = 0; index < bytes.length; index++) {
    if (raw[at + index] !== bytes[index]) return false;
  }
  return true;
}
