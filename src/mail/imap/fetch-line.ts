import { bytesInstead } from '../protocol-log';

// As the library writes replies for its log: literals as "(* 123B literal *)", long strings in the same way. A bracket or quote
// that is never closed must not be looked for again from each one after it: a server could hold the gateway up for minutes.
const token = /[^\s()"[\]]+\[[^\]]{0,300}\](?:<[\d.]+>)?|"(?:[^"\\]|\\[\s\S])*\\?(?:"|$)|[()]|[^\s()"]+/g;
const cutLiteral = /^"\(\* (\d+)B \w+ \*\)"$/;
const numbers = /^(UID|RFC822\.SIZE|X-GM-MSGID|X-GM-THRID)$/i;
const plainItem =
  /^(UID|FLAGS|INTERNALDATE|MODSEQ|ENVELOPE|BODY|BODYSTRUCTURE|RFC822(\.SIZE|\.HEADER|\.TEXT)?|X-GM-(MSGID|THRID|LABELS)|EMAILID|THREADID|PREVIEW)$/i;
const section = /^(BODY|BINARY)\[[\d.]*(HEADER|TEXT|MIME|HEADER\.FIELDS(\.NOT)? \([\w -]{0,200}\))?\](<[\d.]+>)?$/i;
const date = /^"[ \d]\d-[A-Za-z]{3}-\d{4} [\d:]{8} [+-]\d{4}"$/;
const flag = /^\\?[\w$.+-]{1,40}$/;

/**
 * A reply to FETCH (RFC 3501 §7.4.2) as it may be shown: UID, size, flags and date as they are; of every other item, which may
 * be a subject, an address or a text, how long it is.
 */
export function shownFetch(words: string): string {
  const [head = ''] = /^\* \d+ FETCH/i.exec(words) ?? [];
  const tokens = words.slice(head.length).match(token) ?? [];
  const shown: string[] = [];
  for (let at = 1; at < tokens.length - 1; ) {
    const name = tokens[at] ?? '';
    const end = endOfValue(tokens, at + 1);
    // After what is no item nobody knows what is what: nothing more is shown.
    if (!(plainItem.test(name) || section.test(name)) || end === at + 1)
      return `${head} (${[...shown, '…'].join(' ')})`;
    shown.push(`${name} ${shownValue(name, tokens.slice(at + 1, end))}`);
    at = end;
  }
  return `${head} (${shown.join(' ')})`;
}

/** The token after a value that is one token, or a list with all that is nested in it. */
function endOfValue(tokens: readonly string[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at += 1) {
    if (tokens[at] === '(') depth += 1;
    if (tokens[at] === ')') depth -= 1;
    if (depth < 0) return at;
    if (depth === 0) return at + 1;
  }
  return tokens.length;
}

function shownValue(name: string, value: readonly string[]): string {
  const [first = ''] = value;
  if (first === '(') {
    const inner = value.slice(1, -1);
    const isShown = /^(FLAGS|MODSEQ)$/i.test(name) && inner.every((one) => flag.test(one));
    return isShown ? `(${inner.join(' ')})` : '(…)';
  }
  if (numbers.test(name) && /^\d+$/.test(first)) return first;
  if (/^INTERNALDATE$/i.test(name) && date.test(first)) return first;
  if (first === 'NIL') return first;
  const [, literalBytes] = cutLiteral.exec(first) ?? [];
  if (literalBytes !== undefined) return bytesInstead(Number(literalBytes));
  return first.startsWith('"') ? bytesInstead(first.replace(/\\./g, '.').length - 2) : '…';
}
