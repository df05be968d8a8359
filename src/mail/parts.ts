import { AppError } from '../domain/app-error';
import type { Fetched, Mailbox } from '../domain/ports';

/** What is known of a message, or a stretch of it. The parts of one message come in order, without another's between. */
export type Part =
  | { handle: string; outcome: 'part'; bytes: Uint8Array; last: boolean }
  | { handle: string; outcome: 'gone' }
  | { handle: string; outcome: 'too-large'; size: number }
  /** In the mailbox, but left out of the server's answer; it is for another time. */
  | { handle: string; outcome: 'withheld' };

/** How far a download has come: the first handle that is not finished, and its next byte. */
export interface Progress {
  index: number;
  offset: number;
}

/** A mailbox that can be read a stretch at a time, so that no answer grows without bound. */
export interface PartedMailbox extends Mailbox {
  /** Parts from `from` on, about `budget` bytes of them; the rest is for the next call. At least one part if any is left. */
  readParts(handles: readonly string[], from: Progress, maxBytes: number, budget: number): AsyncIterable<Part>;
}

/** Where to go on after `part`. @throws AppError `broken-answer` when it is not the part that was due */
export function advance(handles: readonly string[], { index, offset }: Progress, part: Part): Progress {
  if (handles[index] !== part.handle) {
    throw new AppError(
      'broken-answer',
      'transient',
      'A part of another message came than the one that was due. It is tried again.',
    );
  }
  if (part.outcome === 'part' && !part.last) return { index, offset: offset + part.bytes.length };
  return { index: index + 1, offset: 0 };
}

/** Whole messages from their parts. What grows over `maxBytes` is dropped at once. */
export async function* assemble(parts: AsyncIterable<Part>, maxBytes: number): AsyncGenerator<Fetched> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const part of parts) {
    if (part.outcome === 'part') {
      size += part.bytes.length;
      if (size <= maxBytes) held.push(part.bytes);
      else held = [];
      if (!part.last) continue;
      const only = held.length === 1 ? held[0] : undefined;
      if (size <= maxBytes) yield { handle: part.handle, outcome: 'raw', raw: only ?? Buffer.concat(held) };
      else yield { handle: part.handle, outcome: 'too-large', size };
    } else if (part.outcome !== 'withheld') {
      yield part;
    }
    held = [];
    size = 0;
  }
}
