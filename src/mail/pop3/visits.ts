import { meter, uncounted } from '../held-memory';
import { pop3Limits } from './limits';
import type { Rest } from './listing';
import { openSession, quit, type Session } from './session';
import type { Pop3Credentials, Pop3Deps, Pop3Settings } from './settings';
import { type Snapshot, takeSnapshot } from './snapshot';

/** A whole message of which a part was handed on. */
export interface HeldMessage {
  handle: string;
  raw: Uint8Array;
}

/** A session, and what was found out in it: all of it ends with the session. */
export interface Visit {
  session: Session;
  snapshot: Snapshot | null;
  /** By message number. */
  sizes: Map<number, number>;
  /** What the last listing left for the next one. */
  rest: Rest | null;
  /** A download stands still with answers on the way: the session is good for nothing else. */
  isReading: boolean;
}

/** The one session that a mailbox has at a time. */
export interface Visits {
  /** Begins a new session; the call has that many milliseconds left. */
  open(leftMs?: number): Promise<Visit>;
  /** The session of the last call, if it can be used still. */
  resume(): Visit | null;
  isCurrent(visit: Visit): boolean;
  /** The position up to which the current session has listed, if it has more. */
  listedTo(): string | null;
  /** Says goodbye, and lets other clients into the mailbox. */
  end(): Promise<void>;
  /** Runs a call. Where it fails, the session is over: nobody could tell which answer comes next. */
  call<T>(work: () => Promise<T>): Promise<T>;
  /** What `call` does when a call is over. */
  finish(hasFailed: boolean): void;
  /** The message that is held until its rest is asked for. */
  held(): HeldMessage | null;
  /** Holds a message until the session ends, or memory is short; it can be downloaded again. Null: holds none. */
  hold(message: HeldMessage | null): void;
}

export function keepVisits(settings: Pop3Settings, credentials: Pop3Credentials, deps: Pop3Deps): Visits {
  const callMs = deps.callMs ?? pop3Limits.callMs;
  let current: Visit | null = null;
  let idleTimer: NodeJS.Timeout | undefined;
  const memory = deps.memory ?? uncounted;
  const heldBytes = meter(memory);
  let held: HeldMessage | null = null;
  let unname = () => {};

  function hold(message: HeldMessage | null): void {
    unname();
    held = null;
    heldBytes.set(0);
    if (message === null) return;
    try {
      heldBytes.set(message.raw.byteLength);
    } catch {
      return;
    }
    held = message;
    unname = memory.spare(() => hold(null));
  }

  async function end(): Promise<void> {
    clearTimeout(idleTimer);
    hold(null);
    const ended = current;
    current = null;
    if (ended !== null) await quit(ended.session);
  }

  function finish(hasFailed: boolean): void {
    if (hasFailed) {
      hold(null);
      current?.session.connection.drop();
    }
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => void end(), pop3Limits.idleMs);
    idleTimer.unref();
  }

  return {
    async open(leftMs = callMs) {
      await end();
      const session = await openSession(settings, credentials, { ...deps, callMs: leftMs });
      current = { session, snapshot: null, sizes: new Map(), rest: null, isReading: false };
      return current;
    },
    resume() {
      clearTimeout(idleTimer);
      if (current?.session.connection.isUsable !== true || current.isReading) return null;
      current.session.connection.beginCall(callMs);
      current.session.connection.note('The session of an earlier request is open still, and is used.');
      return current;
    },
    isCurrent: (visit) => current === visit && visit.session.connection.isUsable,
    listedTo: () => current?.rest?.position ?? null,
    end,
    async call(work) {
      let hasFailed = true;
      try {
        const result = await work();
        hasFailed = false;
        return result;
      } finally {
        finish(hasFailed);
      }
    },
    finish,
    held: () => held,
    hold,
  };
}

/** The mailbox as this session sees it, asked for once. */
export async function snapshotOf(visit: Visit): Promise<Snapshot> {
  visit.snapshot ??= await takeSnapshot(visit.session);
  return visit.snapshot;
}
