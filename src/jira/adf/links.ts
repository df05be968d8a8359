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

const opening = /^[<([{"'«„“‘]+/u;
const closing = /[>\])}"'»“”’.,;:!?…]+$/u;
const mailAddress = /^[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u;

/** Finds web and mail addresses in plain text. It looks at words of bounded length only, so that it stays linear. */
export function linkify(line: string): Run[] {
  if (!/:\/\/|www\.|@/i.test(line)) return line === '' ? [] : [{ text: line, href: null }];
  const runs: Run[] = [];
  for (const word of line.split(/(\s+)/)) {
    const { before, core, after } = trimWord(word);
    const href = hrefOf(core);
    if (href === null) append(runs, word, null);
    else {
      append(runs, before, null);
      append(runs, core, href);
      append(runs, after, null);
    }
  }
  return runs;
}

function trimWord(word: string): { before: string; core: string; after: string } {
  if (word.length > longestLink) return { before: '', core: '', after: word };
  const before = opening.exec(word)?.[0] ?? '';
  const rest = word.slice(before.length);
  let after = closing.exec(rest)?.[0] ?? '';
  // "https://en.wikipedia.org/wiki/Jira_(software)" ends with its own bracket.
  if (after.startsWith(')') && rest.slice(0, -after.length).includes('(')) after = after.slice(1);
  return { before, core: rest.slice(0, rest.length - after.length), after };
}

function hrefOf(word: string): string | null {
  if (/^(https?:\/\/|mailto:)./i.test(word)) return safeLink(word);
  if (/^www\.[^.\s]+\../i.test(word)) return safeLink(`https://${word}`);
  return mailAddress.test(word) ? safeLink(`mailto:${word}`) : null;
}

function append(runs: Run[], text: string, href: string | null): void {
  if (text === '') return;
  const last = runs.at(-1);
  if (last !== undefined && last.href === href) last.text += text;
  else runs.push({ text, href });
}
