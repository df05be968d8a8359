import type { Logger } from 'imapflow';
import { type Interrupter, interrupter } from '../interrupter';
import { responseCode, serverWords, throttled } from './errors';

/** What a refused command came back with. */
export interface Refusal {
  /** The response code, e.g. `TRYCREATE` (RFC 5530); empty if there was none. */
  code: string;
  words: string | undefined;
}

/** Lines that the library could not read, as far as they are kept. */
const keptLines = 1_000;

/**
 * Listens to the library's log. Some of what it meets it tells nowhere else: a row that it can't read is left out of the answer,
 * a refusal comes back as `false`, and a wait that a server asks for is slept inside a command.
 */
export interface LibraryLog {
  /** To be given to the library. Replies are compiled again for a logger with `trace` and `debug`, so those are on demand. */
  logger: Logger & { isLevelEnabled(level: string): boolean };
  /** Ends what is waited for: here once the server asks for a wait, and nothing more is read from the connection. */
  ends: Interrupter;
  /** Keeps why a command was refused, if that is what the error tells. */
  noteRefusal(error: unknown): void;
  /** Why the last command was refused, once. */
  takeRefusal(): Refusal | null;
  /** What could not be read since it was taken last: the beginning of each line, empty where only the fact is known. */
  takeUnreadable(): string[];
}

const fact = (thrown: unknown, name: string): unknown => Reflect.get(Object(thrown), name);

/** `tap` gets what is said, while it wants to. */
export function libraryLog(tap: { hear(entry: unknown): void; isOn(): boolean }): LibraryLog {
  let refusal: Refusal | null = null;
  let unreadable: string[] = [];
  const ends = interrupter();

  function note(line: string): void {
    if (unreadable.length < keptLines) unreadable.push(line);
  }

  function noteRefusal(error: unknown): void {
    if (fact(error, 'responseStatus') === undefined) return;
    const words = serverWords(fact(error, 'responseText'));
    refusal = { code: responseCode(error), words };
  }

  function warn(entry: unknown): void {
    const error = fact(entry, 'err');
    noteRefusal(error);
    const waitMs = fact(entry, 'throttleDelay');
    if (typeof waitMs === 'number') ends.interrupt(throttled(error, waitMs));
    // An untagged reply that it read, and then could not make anything of.
    if (fact(entry, 'command') === 'FETCH' && fact(error, 'responseStatus') === undefined) note('');
  }

  return {
    logger: {
      trace: tap.hear,
      debug: tap.hear,
      info() {},
      warn,
      error(entry: unknown) {
        const line = fact(entry, 'msg');
        if (fact(entry, 'src') === 's') note(typeof line === 'string' ? line : '');
      },
      isLevelEnabled: (level: string) => (level === 'trace' || level === 'debug' ? tap.isOn() : true),
    },
    ends,
    noteRefusal,
    takeRefusal() {
      const last = refusal;
      refusal = null;
      return last;
    },
    takeUnreadable() {
      const lines = unreadable;
      unreadable = [];
      return lines;
    },
  };
}
