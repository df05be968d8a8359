/** Reading IMAP commands from a byte stream: lines, with literals in between (RFC 3501 §4.3, RFC 7888). */

/** One command: text, and the literals that stood between. */
export type CommandPart = string | Buffer;

export interface CommandReader {
  feed(chunk: Buffer): void;
  /** Forgets what was received and not handled: it came in clear, before TLS (RFC 3501 §6.2.1). */
  reset(): void;
}

const lineLimit = 64 * 1024;
const literalLimit = 64 * 1024 * 1024;

/**
 * @param onCommand gets each whole command
 * @param onLiteral is called when the client waits for permission to send a literal
 * @param onExcess is called when a line or literal is too long to be held; nothing is read after it
 */
export function commandReader(
  onCommand: (parts: CommandPart[]) => void,
  onLiteral: () => void,
  onExcess: () => void,
): CommandReader {
  let chunks: Buffer[] = [];
  let held = 0;
  let parts: CommandPart[] = [];
  let wanted: number | null = null;
  let stopped = false;

  const joined = (): Buffer => {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks)];
    return chunks[0] ?? Buffer.alloc(0);
  };
  const take = (length: number): Buffer => {
    const all = joined();
    chunks = [all.subarray(length)];
    held -= length;
    return all.subarray(0, length);
  };

  const step = (): boolean => {
    if (wanted !== null) {
      if (held < wanted) return false;
      parts.push(Buffer.from(take(wanted)));
      wanted = null;
      return true;
    }
    const end = joined().indexOf('\r\n');
    if (end < 0) {
      if (held > lineLimit) {
        stopped = true;
        onExcess();
      }
      return false;
    }
    const line = take(end + 2)
      .subarray(0, end)
      .toString('latin1');
    const literal = /\{(\d{1,10})(\+?)\}$/.exec(line);
    parts.push(literal === null ? line : line.slice(0, literal.index));
    if (literal === null) {
      const command = parts;
      parts = [];
      onCommand(command);
      return true;
    }
    wanted = Number(literal[1]);
    if (wanted > literalLimit) {
      stopped = true;
      onExcess();
      return false;
    }
    if (literal[2] === '') onLiteral();
    return true;
  };

  return {
    feed: (chunk) => {
      chunks.push(chunk);
      held += chunk.length;
      // While a literal is on its way its chunks are only counted, so that a large one is joined once.
      while (!stopped && (wanted === null || held >= wanted) && step());
    },
    reset: () => {
      chunks = [];
      held = 0;
      parts = [];
      wanted = null;
    },
  };
}

/** An atom (upper case is not forced), a string or literal, or a list. */
export type Token =
  | { type: 'atom'; text: string }
  | { type: 'string'; text: string; bytes: Buffer }
  | { type: 'list'; items: Token[] };

/** The parts of a command as tokens; undefined when it is not well formed. */
export function tokensOf(parts: readonly CommandPart[]): Token[] | undefined {
  const root: Token[] = [];
  const stack = [root];
  for (const part of parts) {
    if (typeof part !== 'string') {
      stack.at(-1)?.push({ type: 'string', text: part.toString('latin1'), bytes: part });
      continue;
    }
    // An atom may hold a section: BODY.PEEK[HEADER.FIELDS (From To)]<0.100>
    const pattern = / +|"((?:[^"\\\r\n]|\\["\\])*)"|(\()|(\))|((?:\[[^\]]*\]|[^\s()"[])+)/gy;
    while (pattern.lastIndex < part.length) {
      const match = pattern.exec(part);
      if (match === null) return undefined;
      const [, quoted, open, close, atom] = match;
      if (quoted !== undefined) {
        const text = quoted.replace(/\\(["\\])/g, '$1');
        stack.at(-1)?.push({ type: 'string', text, bytes: Buffer.from(text, 'latin1') });
      } else if (open !== undefined) {
        const items: Token[] = [];
        stack.at(-1)?.push({ type: 'list', items });
        stack.push(items);
      } else if (close !== undefined) {
        if (stack.length === 1) return undefined;
        stack.pop();
      } else if (atom !== undefined) stack.at(-1)?.push({ type: 'atom', text: atom });
    }
  }
  return stack.length === 1 ? root : undefined;
}

/** A string for an answer: quoted where that is possible, else a literal. */
export function quoted(text: string): string {
  // Only printable ASCII may stand in quotes; the rest goes as bytes.
  if (/^[\x20-\x7e]*$/.test(text)) return `"${text.replace(/["\\]/g, '\\$&')}"`;
  const bytes = Buffer.from(text, 'latin1');
  return `{${bytes.length}}\r\n${bytes.toString('latin1')}`;
}

export const nstring = (text: string | null | undefined): string =>
  text === null || text === undefined ? 'NIL' : quoted(text);

/** Mailbox names on the wire: modified UTF-7 (RFC 3501 §5.1.3). */
export function encodeName(path: string): string {
  return path.replace(/&|[^\x20-\x7e]+/g, (part) => {
    if (part === '&') return '&-';
    const utf16 = Buffer.from(part, 'utf16le').swap16();
    return `&${utf16.toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`;
  });
}

export function decodeName(name: string): string {
  return name.replace(/&([^-]*)-/g, (_, encoded: string) => {
    if (encoded === '') return '&';
    const utf16 = Buffer.from(encoded.replaceAll(',', '/'), 'base64');
    return utf16.length % 2 === 0 ? utf16.swap16().toString('utf16le') : '';
  });
}
