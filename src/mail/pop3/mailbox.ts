import type { AfterDownload } from '../../domain/connection.ts';
import type { Fetched, Listing, Settled } from '../../domain/ports.ts';
import type { Part, PartedMailbox, Progress } from '../parts.ts';
import { checkMailbox } from './check.ts';
import { pop3Limits } from './limits.ts';
import { estimateStart, type Listed, listAnew, listMore, type Rest } from './listing.ts';
import { retrieve, type Wanted } from './retrieve.ts';
import { openSession, quit, type Session } from './session.ts';
import type { Pop3Credentials, Pop3Deps, Pop3Settings } from './settings.ts';
import { deleteMessages } from './settle.ts';
import { glance, type Snapshot, sizesOf, takeSnapshot } from './snapshot.ts';

interface Current {
  session: Session;
  snapshot: Snapshot | null;
  sizes: Map<number, number>;
  rest: Rest | null;
  /** A download stands still with answers on the way: the session is good for nothing else. */
  isReading: boolean;
}

type Message = Fetched | { handle: string; outcome: 'withheld' };

/**
 * A mailbox by POP3 (RFC 1939). A session shows the mailbox as it was at sign-in and locks other clients out of it. So
 * `list` begins a new one, unless the last listing had more; `fetch` and `settle` go on in it; it ends with a listing that
 * finds nothing, with a deletion (which only QUIT carries out), and when it is not used for a while.
 */
export function pop3Mailbox(settings: Pop3Settings, credentials: Pop3Credentials, deps: Pop3Deps): PartedMailbox {
  const callMs = deps.callMs ?? pop3Limits.callMs;
  let current: Current | null = null;
  let idleTimer: NodeJS.Timeout | undefined;
  /** The message that was last given out in part: the rest of it is not downloaded again. */
  let held: { handle: string; raw: Uint8Array } | null = null;

  async function open(leftMs = callMs): Promise<Current> {
    await end();
    const session = await openSession(settings, credentials, { ...deps, callMs: leftMs });
    current = { session, snapshot: null, sizes: new Map(), rest: null, isReading: false };
    return current;
  }

  /** Ends the session if there is one. */
  async function end(): Promise<void> {
    clearTimeout(idleTimer);
    const ended = current;
    current = null;
    if (ended?.isReading === true) ended.session.connection.drop();
    else if (ended !== null) await quit(ended.session);
  }

  /** The session of the last call, if it can be used still. */
  function resume(): Current | null {
    clearTimeout(idleTimer);
    if (current?.session.connection.isUsable !== true || current.isReading) return null;
    current.session.connection.beginCall(callMs);
    return current;
  }

  /** The snapshot of a session, taken if it was not yet. */
  async function snapshotOf(one: Current): Promise<Snapshot> {
    one.snapshot ??= await takeSnapshot(one.session, await glance(one.session, 0));
    return one.snapshot;
  }

  /** Nobody else can read the mailbox meanwhile, so the session does not wait long for the next call. */
  function rest(): void {
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => void end(), pop3Limits.idleMs);
    idleTimer.unref();
  }

  async function call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      // In the middle of an exchange nobody can tell which answer comes next.
      current?.session.connection.drop();
      throw thrown;
    } finally {
      rest();
    }
  }

  async function list(position: string | null, limit: number): Promise<Listing> {
    const going = current?.rest?.position === position ? resume() : null;
    let listed: Listed;
    if (going?.snapshot != null && going.rest !== null) {
      listed = await listMore(going.session, going.snapshot, going.rest, limit);
    } else {
      listed = await listAnew((await open()).session, position, limit);
    }
    const { listing, snapshot, sizes, rest: left } = listed;
    if (current !== null) current = { ...current, snapshot, sizes, rest: left };
    if (listing.arrivals.length === 0) await end();
    return listing;
  }

  async function* messages(handles: readonly string[], maxBytes: number, room: number): AsyncGenerator<Message> {
    let leftMs = callMs;
    let refused: string | null = null;
    let one = resume();
    for (let next = 0; next < handles.length; ) {
      one ??= await open(leftMs);
      const mine = one;
      const { connection } = mine.session;
      const batch = await plan(mine, handles.slice(next), maxBytes, room);
      const answers = retrieve(
        mine.session,
        batch.flatMap(({ wanted }) => wanted ?? []),
        maxBytes,
      );
      one = null;
      try {
        for (const { handle, wanted, message } of batch) {
          const answer = wanted === null ? null : await answers.next();
          const found = answer === null ? message : asMessage(handle, answer.value ?? 'refused', maxBytes);
          if (found.outcome === 'withheld' && refused !== handle) {
            // Gone since the sign-in, perhaps: a new session knows.
            refused = handle;
            break;
          }
          next += 1;
          room -= found.outcome === 'raw' ? found.raw.length : 0;
          mine.isReading = true;
          yield found;
          mine.isReading = false;
          if (room <= 0) return;
          // Another call came between and took the session over, or it was dropped with a message that was too large.
          if (current !== mine || !connection.isUsable) break;
        }
      } finally {
        mine.isReading = false;
        leftMs = connection.leftMs;
        await answers.return(undefined);
      }
      if (refused === null && current === mine && connection.isUsable) one = mine;
    }
  }

  interface Planned {
    handle: string;
    /** Null when nothing has to be retrieved to know what becomes of it: then `message` says it. */
    wanted: Wanted | null;
    message: Message;
  }

  /** What to ask for, about `room` bytes of it. */
  async function plan(one: Current, handles: readonly string[], maxBytes: number, room: number): Promise<Planned[]> {
    const { numbers } = await snapshotOf(one);
    const unknown = handles.flatMap((handle) => numbers.get(handle) ?? []).filter((number) => !one.sizes.has(number));
    for (const [number, size] of await sizesOf(one.session, unknown)) one.sizes.set(number, size);
    const planned: Planned[] = [];
    let bytes = 0;
    for (const handle of handles) {
      if (bytes >= room) break;
      const number = numbers.get(handle);
      const size = number === undefined ? undefined : one.sizes.get(number);
      if (number === undefined) planned.push({ handle, wanted: null, message: { handle, outcome: 'gone' } });
      else if (size !== undefined && size > maxBytes)
        planned.push({ handle, wanted: null, message: { handle, outcome: 'too-large', size } });
      else {
        planned.push({ handle, wanted: { number, size }, message: { handle, outcome: 'withheld' } });
        bytes += size ?? 0;
      }
    }
    return planned;
  }

  async function* guarded(handles: readonly string[], maxBytes: number, room: number): AsyncGenerator<Message> {
    try {
      yield* messages(handles, maxBytes, room);
    } catch (thrown) {
      current?.session.connection.drop();
      throw thrown;
    } finally {
      rest();
    }
  }

  return {
    check: () =>
      call(() =>
        checkMailbox(settings, async (observe) => {
          await end();
          return await openSession(settings, credentials, deps, observe);
        }),
      ),
    async folders() {
      return [];
    },
    estimate: (start) =>
      call(async () => {
        const estimate = await estimateStart((await open()).session, start);
        await end();
        return estimate;
      }),
    list: (position, limit) => call(() => list(position, limit)),
    async *fetch(handles, maxBytes) {
      for await (const message of guarded(handles, maxBytes, Number.POSITIVE_INFINITY)) {
        if (message.outcome !== 'withheld') yield message;
      }
    },
    async *readParts(
      handles: readonly string[],
      from: Progress,
      maxBytes: number,
      budget: number,
    ): AsyncGenerator<Part> {
      let room = budget;
      let { offset } = from;
      const part = (handle: string, raw: Uint8Array): Part => {
        const bytes = raw.subarray(offset, offset + room);
        const last = offset + bytes.length >= raw.length;
        held = last ? null : { handle, raw };
        offset = 0;
        room -= bytes.length;
        return { handle, outcome: 'part', bytes, last };
      };
      let index = from.index;
      if (offset > 0 && held !== null && held.handle === handles[index]) {
        const next = part(held.handle, held.raw);
        yield next;
        if (held !== null || room <= 0) return;
        index += 1;
      }
      for await (const message of guarded(handles.slice(index), maxBytes, room)) {
        yield message.outcome === 'raw' ? part(message.handle, message.raw) : message;
        if (room <= 0) return;
      }
    },
    settle: (handles, action, moveTo) => call(() => settle(handles, action, moveTo)),
    async close() {
      held = null;
      await end();
    },
  };

  async function settle(handles: readonly string[], action: AfterDownload, _moveTo: string): Promise<Settled[]> {
    // POP3 has no flags: a message that was taken stays as it is, and the position knows it.
    if (action === 'mark-read') return handles.map((handle) => ({ handle, outcome: 'settled' }));
    if (action === 'move') {
      const message =
        'POP3 has no folders, so mail can not be moved. Choose another action after download, or use IMAP.';
      return handles.map((handle) => ({ handle, outcome: 'refused', message }));
    }
    if (handles.length === 0) return [];
    const one = resume() ?? (await open());
    const snapshot = await snapshotOf(one);
    try {
      return await deleteMessages(one.session, snapshot, handles);
    } finally {
      // Whatever came of it, this session is over.
      one.session.connection.drop();
      if (current === one) current = null;
    }
  }
}

function asMessage(handle: string, answer: Buffer | 'refused' | 'too-large', maxBytes: number): Message {
  if (answer === 'refused') return { handle, outcome: 'withheld' };
  if (answer === 'too-large') return { handle, outcome: 'too-large', size: maxBytes + 1 };
  return { handle, outcome: 'raw', raw: answer };
}
