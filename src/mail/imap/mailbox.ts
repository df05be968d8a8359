import { AppError } from '../../domain/app-error';
import type { Settled } from '../../domain/ports';
import { advance, assemble, type Part, type PartedMailbox, type Progress } from '../parts';
import { Disordered, Doubtful, type Doubts, LiteralRefused } from './bodies';
import { checkMailbox } from './checking';
import type { StepObserver } from './connect';
import { readParts } from './fetching';
import { listFolders } from './folder-names';
import { imapLimits } from './limits';
import { listArrivals } from './listing';
import { nothingLearned, openSession, type Session } from './session';
import type { Credentials, ImapDeps, ImapSettings } from './settings';
import { settleMessages } from './settling';
import { beginAt, estimateStart, previewOf } from './starting';

/** Sessions that one call ends for what the server sent, before the rest is left for the next one. */
const refusedSessions = 5;

/** A mailbox by IMAP4rev1 (RFC 3501). One session is kept between calls; calls must not overlap. */
export function imapMailbox(settings: ImapSettings, credentials: Credentials, deps: ImapDeps): PartedMailbox {
  const learned = nothingLearned();
  let session: Session | undefined;
  let isClosed = false;

  async function open(observe?: StepObserver): Promise<Session> {
    session?.client.close();
    const opened = await openSession(settings, credentials, deps, learned, observe);
    if (isClosed) {
      // Given up while it was being opened: nobody else would ever close it.
      opened.client.close();
      throw new AppError(
        'connection-lost',
        'transient',
        'The connection to the mail server was given up. It is tried again.',
      );
    }
    session = opened;
    return opened;
  }

  function idleSession(): Session | undefined {
    if (session?.isUsable() !== true) return undefined;
    session.beginCall();
    deps.log?.('# The session of an earlier request is open still, and is used.');
    return session;
  }

  /** Runs `work`. A session that died while it lay idle is replaced once; `again` also replaces a new one that is cut. */
  async function call<T>(work: (session: Session) => Promise<T>, again = false): Promise<T> {
    const idle = idleSession();
    const current = idle ?? (await open());
    try {
      return await work(current);
    } catch (thrown) {
      if (idle !== undefined && isRefusal(thrown)) current.client.close();
      if (current.isUsable() || (idle === undefined && !again) || isThrottled(thrown)) throw thrown;
      return await work(await open());
    }
  }

  async function* read(
    handles: readonly string[],
    from: Progress,
    maxBytes: number,
    budget: number,
  ): AsyncGenerator<Part> {
    let progress = from;
    let room = budget;
    let idle = idleSession();
    let isOneByOne = false;
    const doubts: Doubts = new Map();
    for (let refused = 0; progress.index < handles.length && room > 0 && refused <= refusedSessions; ) {
      const current = session?.isUsable() ? session : await open();
      const longestRun = isOneByOne || !learned.inOrder ? 1 : Number.POSITIVE_INFINITY;
      try {
        for await (const part of readParts(current, handles, progress, {
          maxBytes,
          budget: room,
          longestRun,
          doubts,
        })) {
          progress = advance(handles, progress, part);
          room -= part.outcome === 'part' ? part.bytes.length : 0;
          idle = undefined;
          yield part;
        }
        return;
      } catch (thrown) {
        if (thrown instanceof LiteralRefused) {
          const handle = handles[progress.index];
          if (isOneByOne && handle !== undefined) {
            const part: Part = { handle, outcome: 'too-large', size: thrown.size };
            progress = advance(handles, progress, part);
            yield part;
          }
          // Once a literal was refused, one by one: else nobody could tell whose it was.
          isOneByOne = true;
        } else if (thrown instanceof Disordered) learned.inOrder = false;
        else if (thrown instanceof Doubtful) {
          doubts.set(thrown.uid, thrown.bytes);
          current.client.close();
        } else if (idle !== undefined && isRefusal(thrown)) idle.client.close();
        else if (idle === undefined || idle.isUsable() || isThrottled(thrown)) throw thrown;
        refused += 1;
        idle = undefined;
      }
    }
  }

  async function* readAll(handles: readonly string[], maxBytes: number): AsyncGenerator<Part> {
    for (let progress: Progress = { index: 0, offset: 0 }; progress.index < handles.length; ) {
      for await (const part of read(handles, progress, maxBytes, imapLimits.windowBytes)) {
        progress = advance(handles, progress, part);
        yield part;
      }
    }
  }

  return {
    check: () => checkMailbox(settings, open),
    folders: () => call(listFolders),
    estimate: (start) => call((current) => estimateStart(current, settings, start)),
    begin: (start) => call((current) => beginAt(current, settings, start)),
    preview: (handles) => call((current) => previewOf(current, handles)),
    list: (position, limit) => call((current) => listArrivals(current, position, limit)),
    fetch: (handles, maxBytes) => assemble(readAll(handles, maxBytes), maxBytes),
    readParts: read,
    settle(handles, action, moveTo) {
      const attempted = new Set<number>();
      // Cut after the server did it, before it could say so: a new session tells what became of each message.
      return call<Settled[]>((current) => settleMessages(current, handles, action, moveTo, attempted), true);
    },
    async close() {
      isClosed = true;
      await session?.close();
      session = undefined;
    },
  };
}

/** Whoever is asked to wait would only make it longer by another try. */
const isThrottled = (thrown: unknown): boolean => thrown instanceof AppError && thrown.code === 'throttled';

/** A session of before may have a folder open that was deleted, or made anew: it is refused whatever it asks, and a new one is not. */
const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof AppError && (thrown.code === 'server-refused' || thrown.code === 'folder-unavailable');
