import type { TextReader } from './text-reader';
import { decodeQuotedPrintable } from './transfer-encoding';

export interface Word {
  charset: string;
  encoding: 'b' | 'q';
  payload: string;
  /** Index behind its "?=". */
  end: number;
}

const beginning = /=\?([^?\s]{0,60})\?([bBqQ])\?/y;

/** Finds encoded words (RFC 2047 §2) in one text; looks for the end of each of them once, so that it stays linear. */
export function wordFinder(text: string): (at: number) => Word | null {
  let nextEnd = -1;
  return (at) => {
    beginning.lastIndex = at;
    const match = beginning.exec(text);
    if (match === null) return null;
    const start = beginning.lastIndex;
    if (nextEnd < start) nextEnd = indexOrLength(text, '?=', start);
    const payload = text.slice(start, Math.min(nextEnd, start + 10_000));
    if (nextEnd === text.length || payload.length < nextEnd - start || /=\?|[\r\n]/.test(payload)) return null;
    const encoding = match[2]?.toLowerCase() === 'b' ? 'b' : 'q';
    if (encoding === 'b' && !/^[A-Za-z0-9+/=\s]*$/.test(payload)) return null;
    return { charset: (match[1] ?? '').replace(/\*.*$/, ''), encoding, payload, end: nextEnd + 2 };
  };
}

function indexOrLength(text: string, part: string, from: number): number {
  const found = text.indexOf(part, from);
  return found === -1 ? text.length : found;
}

/**
 * A header's text with its encoded words decoded. Blanks between two of them are no part of the text (RFC 2047 §6.2); words of
 * one character set are joined before that is read, since many programs cut them in the middle of a letter or of base64.
 */
export function decodeWords(text: string, reader: TextReader): string {
  const wordAt = wordFinder(text);
  let result = '';
  let run: Word[] = [];
  let position = 0;
  const settle = () => {
    if (run.length > 0) result += readRun(run, reader);
    run = [];
  };
  while (position < text.length) {
    const at = indexOrLength(text, '=?', position);
    const word = wordAt(at);
    const between = text.slice(position, word === null ? Math.min(at + 2, text.length) : at);
    if (run.length > 0 && (between.trim() !== '' || word === null)) settle();
    if (run.length === 0) result += between;
    if (word !== null && run[0] !== undefined && run[0].charset.toLowerCase() !== word.charset.toLowerCase()) settle();
    if (word !== null) run.push(word);
    position = word?.end ?? at + 2;
  }
  settle();
  return result;
}

function readRun(run: readonly Word[], reader: TextReader): string {
  const label = run[0]?.charset || null;
  const apart = Buffer.concat(run.map(bytesOf));
  // Base64 that was cut anywhere has to be joined before it is decoded; padded words must not be.
  const isCut = run.some(({ payload }) => !payload.includes('=') && letters(payload).length % 4 !== 0);
  if (run.length > 1 && isCut && run.every(({ encoding }) => encoding === 'b')) {
    const joined = Buffer.from(run.map(({ payload }) => letters(payload)).join(''), 'base64');
    if (reader.fits(joined, label)) return reader.read(joined, label);
  }
  return reader.read(apart, label);
}

const letters = (payload: string): string => payload.replace(/[\s=]+/g, '');

function bytesOf({ encoding, payload }: Word): Uint8Array {
  if (encoding === 'b') return Buffer.from(payload, 'base64');
  return decodeQuotedPrintable(Buffer.from(payload.replaceAll('_', ' '), 'latin1')).bytes;
}
