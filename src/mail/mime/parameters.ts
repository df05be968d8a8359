import { decodeWords } from './encoded-words';
import type { TextReader } from './text-reader';

/** A field such as Content-Type: its value, and its parameters by their lower-case names as they stand ("filename*0*"). */
export interface FieldValue {
  value: string;
  parameters: Map<string, string>;
}

const separators = /[\s;,]*/y;
const parameterName = /([\w!#$%&+.^`{|}~-]+(?:\*\d{1,9})?\*?)\s*=\s*/y;
const anotherParameter = /\s+[\w-]{1,40}(?:\*\d{1,9})?\*?\s*=|\s*$/y;
const encodedWords = /(?:=\?[^?\s]{0,60}\?[bq]\?[^?]*\?=\s*)+/iy;
const other = /[^\s;,]+/y;

/**
 * Reads value and parameters (RFC 2045 §5.1), whatever is wrong with them: no semicolon between them, commas instead, quotes of one
 * side only or inside of each other, blanks in values that are not quoted. Of a parameter that stands twice the first counts.
 */
export function readFieldValue(text: string): FieldValue {
  const value = /^(?:\s|\([^()]*\))*["'<\s]*([^\s;,"'<>()=]*)/.exec(text);
  const parameters = new Map<string, string>();
  let position = value?.[0].length ?? 0;
  let hasQuotedEnd = true;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match !== null) position = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(separators);
    if (position >= text.length) break;
    const name = take(parameterName)?.[1]?.toLowerCase();
    if (name === undefined) {
      take(other);
      continue;
    }
    const start = position;
    const end = hasQuotedEnd && text[start] === '"' ? quotedEnd(text, start + 1) : -1;
    // Asked once: a header of nothing but such beginnings would be read to its end from each of them.
    if (end === -1 && text[start] === '"') hasQuotedEnd = false;
    const found = end === -1 ? unquoted(text, start) : text.slice(start + 1, end).replace(/\\(["\\])/g, '$1');
    position = end === -1 ? start + found.length : end + 1;
    if (!parameters.get(name))
      parameters.set(name, end === -1 ? found.trim().replace(/^"|"$/g, '') : found.replace(/^"(.*)"$/s, '$1'));
  }
  return { value: (value?.[1] ?? '').toLowerCase(), parameters };
}

/** The quote that ends a value: one behind which nothing stands, or what parts it from the next parameter. -1 if there is none. */
function quotedEnd(text: string, start: number): number {
  for (let index = start; index < text.length; index++) {
    if (text[index] === '\\' && (text[index + 1] === '"' || text[index + 1] === '\\')) index += 1;
    else if (text[index] === '"') {
      const next = text[index + 1];
      if (next === undefined || next === ';' || next === ',') return index;
      anotherParameter.lastIndex = index + 1;
      if (anotherParameter.test(text) || /^\s*[;,(]/.test(text.slice(index + 1, index + 20))) return index;
    }
  }
  return -1;
}

/** Up to the semicolon, or to what looks like the next parameter. */
function unquoted(text: string, start: number): string {
  encodedWords.lastIndex = start;
  if (encodedWords.test(text)) return text.slice(start, encodedWords.lastIndex);
  let index = start;
  while (index < text.length && text[index] !== ';') {
    if (/\s/.test(text[index] ?? '')) {
      anotherParameter.lastIndex = index;
      if (anotherParameter.test(text)) break;
      while (/\s/.test(text[index + 1] ?? '')) index += 1;
    }
    index += 1;
  }
  return text.slice(start, index);
}

/** The text of a parameter, however it is written: plain, in encoded words, in pieces and percent-encoded (RFC 2231 §3, §4). */
export function parameterText({ parameters }: FieldValue, name: string, reader: TextReader): string | null {
  const pieces = [...parameters]
    .flatMap(([key, text]) => {
      if (!key.startsWith(`${name}*`)) return [];
      const number = /^\d+/.exec(key.slice(name.length + 1))?.[0];
      // Some programs write encoded words where percents belong.
      return [{ number: Number(number ?? -1), encoded: key.endsWith('*') && !text.startsWith('=?'), text }];
    })
    .sort((one, other) => one.number - other.number);
  // A parameter in one piece is worth more than the same in several.
  const whole = pieces[0]?.number === -1 ? pieces.slice(0, 1) : pieces;
  const joined = whole.length === 0 ? '' : joinPieces(whole, reader);
  const plain = parameters.get(name) ?? '';
  // RFC 2231's encoding under the plain name: "filename=utf-8''%E2%82%AC.pdf".
  if (joined === '' && /^(utf-?8|iso-8859-\d{1,2}|windows-125\d)'[\w-]{0,20}'.*%[0-9a-f]{2}/i.test(plain))
    return joinPieces([{ encoded: true, text: plain }], reader);
  return joined || decodeWords(plain, reader) || null;
}

function joinPieces(pieces: readonly { encoded: boolean; text: string }[], reader: TextReader): string {
  const [, label, rest] = /^([\w.:-]*)'[^']*'(.*)$/s.exec(pieces[0]?.text ?? '') ?? [];
  let result = '';
  let plain = '';
  let bytes: Uint8Array[] = [];
  const settle = () => {
    if (bytes.length > 0) result += reader.read(Buffer.concat(bytes), label || null);
    result += decodeWords(plain, reader);
    plain = '';
    bytes = [];
  };
  for (const [index, { encoded, text }] of pieces.entries()) {
    if (encoded ? plain !== '' : bytes.length > 0) settle();
    if (encoded) bytes.push(percentDecoded(index === 0 && rest !== undefined ? rest : text));
    else plain += text;
  }
  settle();
  return result;
}

function percentDecoded(text: string): Uint8Array {
  const bytes = Buffer.from(text).toString('latin1');
  return Buffer.from(
    bytes.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  );
}
