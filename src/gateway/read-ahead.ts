import { type Memory, meter } from '../mail/held-memory';
import { advance, type Part, type PartedMailbox, type Progress } from '../mail/parts';

/** Milliseconds for which what was read ahead is kept. A client asks for it as soon as it has the answer before. */
const keptMs = 30_000;

/** What a request asks for. */
interface Asked {
  handles: readonly string[];
  from: Progress;
  maxBytes: number;
  budget: number;
}

/** An answer that is being read before anybody asks for it. */
interface Ahead {
  isFor(asked: Asked): boolean;
  /** Its parts as they come; returns whether that were all. */
  parts(): AsyncGenerator<Part, boolean>;
  /** Lets go of all that was read; done when the mailbox is free. */
  drop(): Promise<void>;
}

/**
 * A mailbox that reads the next answer to a fetch while the one before goes to the client, so that neither the mail server nor the
 * client waits for the other. Only messages that the client has asked for already, and that did not fit, are read ahead: one answer
 * at most, counted as held, and given up when memory is short or nobody comes for it.
 * @param isWanted whether an answer may be read ahead, or be one that was
 */
export function readingAhead(mailbox: PartedMailbox, memory: Memory, isWanted: () => boolean): PartedMailbox {
  let ahead: Ahead | null = null;

  /** The mailbox, once nothing is read ahead any more: calls must not overlap. */
  async function free(): Promise<PartedMailbox> {
    const last = ahead;
    ahead = null;
    await last?.drop();
    return mailbox;
  }

  async function* readParts(
    handles: readonly string[],
    from: Progress,
    maxBytes: number,
    budget: number,
  ): AsyncGenerator<Part> {
    let progress = from;
    let room = budget;
    const note = (part: Part) => {
      progress = advance(handles, progress, part);
      room -= bytesOf(part);
      return part;
    };
    const begun = isWanted() && ahead?.isFor({ handles, from, maxBytes, budget }) ? ahead : null;
    let isWhole = false;
    if (begun === null) await free();
    else {
      ahead = null;
      try {
        const parts = begun.parts();
        let next = await parts.next();
        for (; next.done !== true; next = await parts.next()) yield note(next.value);
        isWhole = next.value;
      } finally {
        await begun.drop();
      }
    }
    // Also where reading ahead failed: if the cause is there still, it shows now.
    if (!isWhole && room > 0) {
      for await (const part of mailbox.readParts(handles, progress, maxBytes, room)) yield note(part);
    }
    if (progress.index >= handles.length || !isWanted()) return;
    const rest: Asked = {
      handles: handles.slice(progress.index),
      from: { index: 0, offset: progress.offset },
      maxBytes,
      budget,
    };
    ahead = startReading(mailbox, rest, memory);
  }

  return {
    check: async () => (await free()).check(),
    folders: async () => (await free()).folders(),
    estimate: async (start) => (await free()).estimate(start),
    begin: async (start) => (await free()).begin(start),
    preview: async (handles) => (await free()).preview(handles),
    list: async (position, limit) => (await free()).list(position, limit),
    async *fetch(handles, maxBytes) {
      yield* (await free()).fetch(handles, maxBytes);
    },
    readParts,
    settle: async (handles, action, moveTo) => (await free()).settle(handles, action, moveTo),
    close() {
      // Not awaited: a mail server that is silent ends with its connection.
      void ahead?.drop();
      ahead = null;
      return mailbox.close();
    },
  };
}

const bytesOf = (part: Part): number => (part.outcome === 'part' ? part.bytes.length : 0);

function startReading(mailbox: PartedMailbox, asked: Asked, memory: Memory): Ahead {
  const { handles, from, maxBytes, budget } = asked;
  const reading = mailbox.readParts(handles, from, maxBytes, budget)[Symbol.asyncIterator]();
  const held = meter(memory);
  let heldBytes = 0;
  let isOver = false;
  /** Parts that came, and the one that is due. */
  let parts: Promise<IteratorResult<Part>>[] = [];

  function count(bytes: number): void {
    if (isOver) return;
    heldBytes += bytes;
    held.set(heldBytes);
  }

  function pull(): void {
    const next = reading.next();
    parts.push(next);
    next.then(
      (result) => {
        if (isOver || result.done === true) return;
        try {
          count(bytesOf(result.value));
          pull();
        } catch {
          void drop();
        }
      },
      () => {},
    );
  }

  async function drop(): Promise<void> {
    isOver = true;
    clearTimeout(timer);
    unname();
    parts = [];
    held.set(0);
    // Comes after the part that is due. In the middle of an answer it ends the session, since the server goes on sending.
    await reading.return?.().catch(() => {});
  }

  const timer = setTimeout(() => void drop(), keptMs);
  timer.unref();
  const unname = memory.spare(() => void drop());
  pull();

  return {
    isFor: (other) =>
      !isOver &&
      other.maxBytes === maxBytes &&
      other.budget === budget &&
      other.from.offset === from.offset &&
      handles.every((handle, index) => handle === other.handles[other.from.index + index]),
    async *parts() {
      clearTimeout(timer);
      unname();
      try {
        for (let next = await parts.shift(); next !== undefined; next = await parts.shift()) {
          if (next.done === true) return true;
          count(-bytesOf(next.value));
          yield next.value;
        }
      } catch {
        // What came before it counts, and the rest is read as if nothing had been read ahead.
      }
      return false;
    },
    drop,
  };
}
