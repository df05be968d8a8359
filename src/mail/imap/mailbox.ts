import { AppError } from '../../domain/app-error';
import type { Settled } from '../../domain/ports';
import { advance, assemble, type Part, type PartedMailbox, type Progress } from '../parts';
import { checkMailbox } from './checking';
import type { StepObserver } from './connect';
import { LiteralRefused, readParts } from './fetching';
import { listFolders } from './folder-names';
import { imapLimits } from './limits';
import { listArrivals } from './listing';
import { openSession, type Session } from './session';
import type { Credentials, ImapDeps, ImapSettings } from './settings';
import { settleMessages } from './settling';
import { beginAt, estimateStart, previewOf } from './starting';

/** Literals refused in one call before the rest is left for the next one. */
const refusedLiterals = 3;

/** A mailbox by IMAP4rev1 (RFC 3501). One session is kept between calls; calls must not overlap. */
export function imapMailbox(settings: ImapSettings, credentials: Credentials, deps: ImapDeps): PartedMailbox {
  let session: Session | undefined;
  let isClosed = false;

  async function open(observe?: StepObserver): Promise<Session> {
    session?.client.close();
    const opened = await openSession(settings, credentials, deps, observe);
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
      if (current.isUsable() || (idle === undefined && !again)) throw thrown;
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
    for (let refused = 0; progress.index < handles.length && room > 0 && refused <= refusedLiterals; ) {
      const current = session?.isUsable() ? session : await open();
      try {
        // Once a literal was refused, one by one: else nobody could tell whose it was.
        for await (const part of readParts(current, handles, progress, maxBytes, room, refused > 0 ? 1 : undefined)) {
          progress = advance(handles, progress, part);
          room -= part.outcome === 'part' ? part.bytes.length : 0;
          idle = undefined;
          yield part;
        }
        return;
      } catch (thrown) {
        if (thrown instanceof LiteralRefused) {
          const handle = handles[progress.index];
          if (refused > 0 && handle !== undefined) {
            const part: Part = { handle, outcome: 'too-large', size: thrown.size };
            progress = advance(handles, progress, part);
            yield part;
          }
          refused += 1;
        } else if (idle === undefined || idle.isUsable()) {
          throw thrown;
        }
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
