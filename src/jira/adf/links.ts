const allowedProtocols = new Set(['http:', 'https:', 'mailto:']);
const longestLink = 2_048;

/**
 * The address of a link that may stand in an issue, normalised; null for every other one. The URL parser decides what the
 * protocol is, as the reader's browser will: it sees through "java\nscript:" and leading control characters.
 */
export function safeLink(href: string): string | null {
  if (href.length > longestLink) return null;
  try {
    const url = new URL(href);
    return allowedProtocols.has(url.protocol) && url.href.length <= longestLink ? url.href : null;
  } catch {
    return null;
  }
}

export interface Run {
  text: string;
  href: string | null;
}

const openings = new Set('<([{"\'«„“‘');
const closings = new Set('>])}"\'»“”’.,;:!?…');
const mailAddress = /^[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u;
/** A run of text is handed on when it has this length: a mail of one line need not be read to its end. */
const longestRun = 4_096;

/**
 * Finds web and mail addresses in plain text, run by run, as far as they are asked for. It looks at words of bounded length only, and at
 * each letter of them a fixed number of times, so that it stays linear.
 */
export function* linkify(line: string): Generator<Run> {
  let plain = '';
  for (const [word] of line.matchAll(/\s+|\S+/g)) {
    const { start, end } = coreOf(word);
    const href = hrefOf(word.slice(start, end));
    plain += href === null ? word : word.slice(0, start);
    if (plain !== '' && (href !== null || plain.length >= longestRun)) {
      yield { text: plain, href: null };
      plain = '';
    }
    if (href === null) continue;
    yield { text: word.slice(start, end), href };
    plain = word.slice(end);
  }
  if (plain !== '') yield { text: plain, href: null };
}

/** The word without the brackets and quotes around it, and without the punctuation behind it. */
function coreOf(word: string): { start: number; end: number } {
  let start = 0;
  let end = word.length;
  while (start < end && openings.has(word[start] ?? '')) start += 1;
  while (end > start && closings.has(word[end - 1] ?? '')) end -= 1;
  // "https://en.wikipedia.org/wiki/Jira_(software)" ends with its own bracket.
  if (word[end] === ')' && word.slice(start, end).includes('(')) end += 1;
  return { start, end };
}

function hrefOf(word: string): string | null {
  if (word.length > longestLink) return null;
  if (/^(https?:\/\/|mailto:)./i.test(word)) return safeLink(word);
  if (/^www\.[^.\s]+\../i.test(word)) return safeLink(`https://${word}`);
  return mailAddress.test(word) ? safeLink(`mailto:${word}`) : null;
}
