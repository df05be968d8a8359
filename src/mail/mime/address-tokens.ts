import { wordFinder } from './encoded-words';

export interface AddressToken {
  /** `quoted`, `comment` and `angle` hold what stands between their marks. */
  kind: 'word' | 'blank' | 'quoted' | 'comment' | 'angle' | 'comma' | 'semicolon' | 'colon';
  text: string;
}

const separators = new Map<string, AddressToken['kind']>([
  [',', 'comma'],
  [';', 'semicolon'],
  [':', 'colon'],
]);
const special = /[\s",;:<(]|=\?/g;

/**
 * Takes an address header apart (RFC 5322 §3.2, §3.4). A quote, a bracket or a comment that never ends is a character like any other;
 * whether one ends is asked once, so that a header of nothing else stays linear. An encoded word is one word, commas and all.
 */
export function* addressTokens(text: string): Generator<AddressToken> {
  const wordAt = wordFinder(text);
  const ends = { '"': true, '(': true };
  let position = 0;
  while (position < text.length) {
    const mark = text[position] ?? '';
    const separator = separators.get(mark);
    if (separator !== undefined) {
      yield { kind: separator, text: mark };
      position += 1;
    } else if (/\s/.test(mark)) {
      position += 1;
      while (/\s/.test(text[position] ?? '')) position += 1;
      yield { kind: 'blank', text: ' ' };
    } else if (mark === '<') {
      const end = angleEnd(text, position + 1);
      yield { kind: 'angle', text: text.slice(position + 1, end) };
      position = text[end] === '>' ? end + 1 : end;
      while (text[position] === '>') position += 1;
    } else if ((mark === '"' || mark === '(') && ends[mark]) {
      const end = mark === '"' ? quoteEnd(text, position + 1) : commentEnd(text, position + 1);
      if (end === -1) ends[mark] = false;
      else {
        yield {
          kind: mark === '"' ? 'quoted' : 'comment',
          text: text.slice(position + 1, end).replace(/\\(.)/gs, '$1'),
        };
        position = end + 1;
      }
    } else {
      const word = mark === '=' ? wordAt(position) : null;
      const end = word?.end ?? nextSpecial(text, position + 1);
      // A quote that never ends says nothing.
      yield { kind: 'word', text: text.slice(position, end).replace(/^"/, '') };
      position = end;
    }
  }
}

function nextSpecial(text: string, from: number): number {
  special.lastIndex = from;
  return special.exec(text)?.index ?? text.length;
}

function quoteEnd(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === '"') return index;
  }
  return -1;
}

function commentEnd(text: string, from: number): number {
  let depth = 1;
  for (let index = from; index < text.length; index++) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === '(') depth += 1;
    else if (text[index] === ')') {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}

/** The ">"; or where the next entry begins, if the bracket was forgotten. */
function angleEnd(text: string, from: number): number {
  let start = from;
  while (text[start] === '<') start += 1;
  let separator = -1;
  for (let index = start; index < text.length; index++) {
    const mark = text[index];
    if (mark === '>') return index;
    if ((mark === ',' || mark === ';') && separator === -1) separator = index;
    if (mark === '<') return separator === -1 ? index : separator;
  }
  return separator === -1 ? text.length : separator;
}
