import { isAscii, isUtf8 } from 'node:buffer';
import { singleLine } from '../../domain/text';
import { type Charset, charset, charsetNamed, namesCharset, windows1252 } from './charsets';
import { latin1 } from './legacy-charsets';

/** The name of the character set that some bytes are most likely in; null if they are too few to say. */
export type Detect = (bytes: Uint8Array) => string | null;

/** Reads the bytes of one mail as text. What it had to guess or to give up is in `notices`, in words for the reader of the issue. */
export interface TextReader {
  /** `label`: the character set that is said to be used; null if none is said. */
  read(bytes: Uint8Array, label: string | null): string;
  /** Whether `read` would return text without a guess and without damage. */
  fits(bytes: Uint8Array, label: string | null): boolean;
  /** Text of a header field that came as one character a byte, with encoded words left as they are. */
  readRaw(field: string): string;
  notices: Set<string>;
}

interface Reading {
  text: string;
  notice?: string;
}

const damaged = 'Some of its characters are damaged and could not be read.';

/**
 * What bytes say is asked first, then the label, then what else the mail names, then statistics: valid UTF-8 is UTF-8 whatever
 * legacy character set the label names, since hardly any text in another one happens to be.
 * @param declared labels found elsewhere in the mail, the likeliest first
 */
export function textReader(declared: readonly string[], detect: Detect): TextReader {
  const others = [...new Set(declared)]
    .flatMap((label) => charsetNamed(label) ?? [])
    .filter(({ name }) => name !== 'utf-8');

  const reading = (bytes: Uint8Array, label: string | null): Reading => {
    const marked = markedText(bytes);
    if (marked !== null) return { text: marked };
    const named = label === null ? null : charsetNamed(label);
    const byLabel = named?.byLabelOnly && !looksLikeBytes(named, bytes) ? named : hasEscapes(bytes) ? iso2022Jp : null;
    if (byLabel !== null) {
      const text = byLabel.decode(bytes);
      if (isClean(text)) return { text };
      if (isAscii(bytes) || isMostlyClean(text)) return { text, notice: damaged };
    }
    if (isAscii(bytes)) return { text: latin1(bytes) };
    if (isUtf8(bytes) && !isLikelier(named, bytes)) return { text: new TextDecoder().decode(bytes) };
    const asNamed = (named ?? utf8)?.decode(bytes) ?? '';
    if (named !== null && isClean(asNamed)) return { text: asNamed };
    if (isMostlyClean(asNamed)) return { text: asNamed, notice: damaged };
    return guess(bytes, label, named);
  };

  const guess = (bytes: Uint8Array, label: string | null, named: Charset | null): Reading => {
    const detected = detect(bytes);
    const candidates = [charsetIn(bytes), ...others, detected === null ? null : charsetNamed(detected)];
    const fitting = candidates.find((one) => one != null && one.name !== named?.name && isClean(one.decode(bytes)));
    const text = fitting?.decode(bytes) ?? windows1252(bytes);
    if (label === null || !namesCharset(label)) {
      // No language of Latin letters has four letters with accents in a row: this is another script, and too short to tell which.
      return fitting === undefined && /[\u00a1-\u00ff]{4}/.test(text)
        ? { text, notice: 'Some of its text names no character set; which one was guessed.' }
        : { text };
    }
    const shown = singleLine(label).slice(0, 60);
    return {
      text,
      notice:
        named === null
          ? `It is written in a character set that is not known here (${shown}).`
          : `Its text is not in the character set that it names (${shown}); which one was guessed.`,
    };
  };

  const notices = new Set<string>();
  const read = (bytes: Uint8Array, label: string | null): string => {
    const { text, notice } = reading(bytes, label);
    if (notice !== undefined) notices.add(notice);
    return text;
  };
  return {
    read,
    fits: (bytes, label) => reading(bytes, label).notice === undefined,
    readRaw: (field) => readRawField(field, read),
    notices,
  };
}

const utf8 = charset('utf-8');
const iso2022Jp = charset('iso-2022-jp');

/** An encoded word (RFC 2047 §2) in the middle of raw text: its raw bytes are in its own character set, not in the text's. */
const wordOrRaw = /=\?[^?\s]{0,60}\?[qQ]\?[^?\r\n]*\?=|[^=]+|=/g;

function readRawField(field: string, read: TextReader['read']): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ISO-2022 switches character sets with them.
  if (!/[\u0080-\u00ff\u001b]/.test(field)) return field;
  let raw = '';
  let result = '';
  const settle = () => {
    if (raw !== '') result += read(Buffer.from(raw, 'latin1'), null);
    raw = '';
  };
  for (const [piece] of field.matchAll(wordOrRaw)) {
    if (piece.startsWith('=?')) {
      settle();
      result += piece.replace(/[\u0080-\u00ff]/g, (letter) => `=${letter.charCodeAt(0).toString(16).toUpperCase()}`);
    } else raw += piece;
  }
  settle();
  return result;
}

/** Text behind a byte order mark. */
function markedText(bytes: Uint8Array): string | null {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf && isUtf8(bytes)) return new TextDecoder().decode(bytes);
  if (first === 0xff && second === 0xfe && !(bytes.length % 4 === 0 && bytes[2] === 0 && bytes[3] === 0))
    return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return null;
}

/** UTF-16 without a zero has no blank and no line break in it: the label is wrong. */
function looksLikeBytes({ name }: Charset, bytes: Uint8Array): boolean {
  return /^utf-(16|32)/.test(name) && !bytes.includes(0) && (bytes.includes(0x20) || bytes.includes(0x0a));
}

/** ISO-2022-JP switches to Japanese with "ESC $ B" or "ESC $ @": nothing else in mail does. */
function hasEscapes(bytes: Uint8Array): boolean {
  if (!bytes.includes(0x1b) || !isAscii(bytes)) return false;
  const text = latin1(bytes);
  return text.includes('\u001b$B') || text.includes('\u001b$@');
}

/** Two letters of Chinese can be valid UTF-8 by chance: pairs of bytes alone are no proof against a label that they fit. */
function isLikelier(named: Charset | null, bytes: Uint8Array): boolean {
  if (named === null || named.singleByte || named.name === 'utf-8') return false;
  const letters = bytes.filter((byte) => byte >= 0xc0);
  return letters.length < 4 && letters.every((byte) => byte < 0xe0) && isClean(named.decode(bytes));
}

function isClean(text: string): boolean {
  return !text.includes('\ufffd');
}

/** A few bytes of a long text were damaged on its way, and the character set is right. */
function isMostlyClean(text: string): boolean {
  let unreadable = 0;
  let letters = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0xfffd) unreadable += 1;
    else if (code > 0x7f) letters += 1;
  }
  return unreadable * 4 <= letters;
}

const declaration =
  /<meta[^<>]{0,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{2,40})|<\?xml[^<>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{2,40})/i;

/** What a page says of itself (HTML §13.2.3.2, XML §4.3.3). */
function charsetIn(bytes: Uint8Array): Charset | null {
  const match = declaration.exec(latin1(bytes.subarray(0, 4_096)));
  return match === null ? null : charsetNamed(match[1] ?? match[2] ?? '');
}
