import { singleLine } from '../../domain/text';
import { readUuencoded } from './uuencode';

export interface Decoded {
  bytes: Uint8Array;
  /** What stands behind the encoded part, still as it came: lists put their footers there. */
  rest: Uint8Array;
  /** False if not all of it was what the label says: the bytes are the likeliest reading then. */
  sound: boolean;
}

const none = new Uint8Array(0);

/** Names of encodings that change nothing, and names that are none but stand there in mail that was not encoded. */
const identity = /^(\d+(bits?)?|binary|none|plain|text|utf8|usascii|iso8859\d+)?$/;

/**
 * Undoes a Content-Transfer-Encoding byte for byte (RFC 2045 §6). What is not encoded stays as it is, line ends included: a
 * signature or a checksum over an attachment survives only so. 7bit, 8bit and binary cost no copy.
 */
export function decodeTransfer(body: Uint8Array, encoding: string): Decoded {
  const name = encoding.replace(/[^a-z0-9]/g, '');
  if (name === 'base64') return decodeBase64(body);
  if (name === 'quotedprintable') return decodeQuotedPrintable(body);
  if (/^x?uu(e|encode|encoded)?$/.test(name)) {
    const { files } = readUuencoded(body);
    const only = files[0];
    return only === undefined || files.length > 1
      ? asItCame(body, false)
      : { bytes: only.bytes, rest: none, sound: true };
  }
  if (identity.test(name) && isBase64(body)) return { ...decodeBase64(body), sound: false };
  return asItCame(body, identity.test(name));
}

/** Nothing but two and more lines of base64, all as long as the first one: its label was lost or replaced on the way. */
function isBase64(body: Uint8Array): boolean {
  const first = lettersIn(body, 0, body.indexOf(lineFeed) + 1).letters;
  if (first < 60 || first > 76 || first % 4 !== 0) return false;
  for (let start = 0; start < body.length; ) {
    const found = body.indexOf(lineFeed, start);
    const end = found === -1 ? body.length : found + 1;
    const { letters, foreign, padded } = lettersIn(body, start, end);
    const isLast = isEmpty(body.subarray(end));
    if (foreign > 0 || letters % 4 !== 0 || (!isLast && (letters !== first || padded))) return false;
    if (isLast) return true;
    start = end;
  }
  return false;
}

/** Says that the bytes of a part are the likeliest reading only. */
export function doubtfulEncoding(encoding: string): string {
  return `One of its parts is not encoded as it says (${singleLine(encoding).slice(0, 60) || '7bit'}).`;
}

function asItCame(bytes: Uint8Array, sound: boolean): Decoded {
  return { bytes, rest: none, sound };
}

const base64Values = new Uint8Array(256).fill(255);
for (const [value, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  base64Values[letter.charCodeAt(0)] = value;
}
const padding = 0x3d;
const lineFeed = 0x0a;

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/**
 * Straight from bytes to bytes: a 25 MB mail as a string would be held twice more. Ends at the first line that is no base64 if
 * none comes after it; lines of something else before that are skipped, as are foreign characters (RFC 2045 §6.8).
 */
function decodeBase64(body: Uint8Array): Decoded {
  const { stretches, sound } = base64In(body);
  const end = stretches.at(-1)?.end ?? 0;
  if (end === 0) return asItCame(body, isEmpty(body));
  const bytes = new Uint8Array(Math.ceil(end / 4) * 3);
  let length = 0;
  let bits = 0;
  let held = 0;
  let misplaced = false;
  for (const stretch of stretches) {
    for (let index = stretch.start; index < stretch.end; index++) {
      const byte = body[index] ?? 0;
      const value = base64Values[byte] ?? 255;
      if (value === 255) {
        // Some mailers pad in the middle; the bits left over there belong to no byte.
        if (byte === padding) {
          if (bits === 0 || bits === 6) misplaced ||= body[index - 1] !== padding;
          bits = 0;
          held = 0;
        }
        continue;
      }
      held = ((held << 6) | value) & 0xffffff;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        bytes[length++] = (held >> bits) & 0xff;
      }
    }
  }
  const rest = body.subarray(end);
  // Padding that completes no byte, or six bits left over: a letter is missing, or this was never base64.
  return {
    bytes: bytes.subarray(0, length),
    rest: isEmpty(rest) ? none : rest,
    sound: sound && !misplaced && bits !== 6,
  };
}

interface Stretch {
  start: number;
  end: number;
}

/** A line with more foreign characters than one in this many is no base64, but words. */
const tolerance = 12;
/** Behind the padding, or behind a line of words, only a line that is long and pure is base64 again. */
const longLine = 40;

/** Where base64 stands, and whether nothing else stands before its end. */
function base64In(body: Uint8Array): { stretches: Stretch[]; sound: boolean } {
  const stretches: Stretch[] = [];
  let sound = true;
  let skipped = false;
  let padded = false;
  let lineStart = 0;
  while (lineStart < body.length) {
    const found = body.indexOf(lineFeed, lineStart);
    const lineEnd = found === -1 ? body.length : found + 1;
    const line = lettersIn(body, lineStart, lineEnd);
    const start = lineStart;
    lineStart = lineEnd;
    if (line.letters + line.foreign === 0) continue;
    const isPure = line.foreign === 0;
    const goesOn = !(padded || skipped) || (isPure && (line.letters >= longLine || (padded && line.padded)));
    if (!goesOn || line.foreign * tolerance > line.letters) {
      skipped = true;
      continue;
    }
    if (!isPure || skipped) sound = false;
    const last = stretches.at(-1);
    if (last === undefined || skipped) stretches.push({ start, end: line.end });
    else last.end = line.end;
    skipped = false;
    padded = line.padded;
  }
  return { stretches, sound };
}

interface Line {
  /** Index behind it, or behind the padding in its middle that words follow. */
  end: number;
  letters: number;
  foreign: number;
  padded: boolean;
}

function lettersIn(body: Uint8Array, start: number, end: number): Line {
  const line: Line = { end, letters: 0, foreign: 0, padded: false };
  let blanks = 0;
  for (let index = start; index < end; index++) {
    const byte = body[index] ?? 0;
    if (isBlank(byte) || byte === lineFeed) {
      blanks += 1;
      continue;
    }
    // Blanks at both ends of a line are no foreign characters, those between letters are.
    const foreign = line.letters + line.foreign === 0 ? 0 : blanks;
    blanks = 0;
    const isForeign = base64Values[byte] === 255 && byte !== padding;
    if (line.padded && (isForeign || foreign > 0)) return { ...line, end: index };
    line.foreign += foreign + Number(isForeign);
    line.letters += Number(!isForeign);
    line.padded = byte === padding;
  }
  return line;
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => isBlank(byte) || byte === lineFeed);
}

/** `sound` is false where "=" stands before what is neither a byte nor the end of a line, and elsewhere before what is. */
export function decodeQuotedPrintable(body: Uint8Array): Decoded {
  const bytes = new Uint8Array(body.length);
  let length = 0;
  let isChanged = false;
  let isBroken = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index] ?? 0;
    const soft = byte === padding ? softBreak(body, index + 1) : 0;
    const high = byte === padding ? hexValue(body[index + 1]) : -1;
    const low = byte === padding ? hexValue(body[index + 2]) : -1;
    if (soft > 0) {
      index += soft;
      isChanged = true;
    } else if (high >= 0 && low >= 0) {
      bytes[length++] = high * 16 + low;
      index += 2;
      isChanged = true;
    } else {
      bytes[length++] = byte;
      isBroken ||= byte === padding;
    }
  }
  return { bytes: bytes.subarray(0, length), rest: none, sound: !(isBroken && isChanged) };
}

/** The length of a soft line break's rest after its "=", blanks included; 0 if there is none. */
function softBreak(body: Uint8Array, at: number): number {
  let end = at;
  while (isBlank(body[end])) end += 1;
  if (end >= body.length || body[end] === lineFeed) return end - at + 1;
  return 0;
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  return -1;
}
