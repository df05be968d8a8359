import { createHmac, randomBytes } from 'node:crypto';
import type { SessionCount } from './ledger';

/** What the pool keeps: a mailbox or mailer with its own session. */
export interface Pooled {
  close(): Promise<void>;
}

export interface PoolLimits {
  /** Of all pools that count together. */
  sessions: number;
  sessionsPerInstallation: number;
  /** Milliseconds. */
  idleMs: number;
  /** Milliseconds since it was opened. */
  ageMs: number;
}

/** One request's exclusive use of a session. */
export interface Lease<T> {
  session: T;
  /** Gives it back for the next request with the same credentials, or closes it. Only the first call counts. */
  release(keep: boolean): void;
}

export interface SessionPool<T extends Pooled> {
  /** An idle session of exactly this owner and secret, or a new one; null when there are too many. */
  acquire(installationId: string, secret: unknown, open: () => T): Lease<T> | null;
  /** `opened`: since the pool began. */
  counts(): { idle: number; busy: number; opened: number };
  /** Closes all that is idle now and the rest when it is given back. */
  close(): Promise<void>;
}

interface Entry<T> {
  session: T;
  key: string;
  installationId: string;
  openedAt: number;
  /** Null while a request uses it. */
  idleSince: number | null;
}

/** The count of a pool that is the only one. */
function ownCount(): SessionCount {
  let count = 0;
  return {
    all: () => count,
    add(delta) {
      count += delta;
    },
  };
}

/**
 * Sessions that stay open between the requests of one installation, so that list, fetch and settle, and the next poll, need
 * no new sign-in. Bounded in number, in idle time and in age.
 */
export function sessionPool<T extends Pooled>(
  limits: PoolLimits,
  count: SessionCount = ownCount(),
  now: () => number = Date.now,
): SessionPool<T> {
  // Keyed, and only in this process: the credentials can't be guessed from it, and no two installations share a key.
  const secretKey = randomBytes(32);
  const entries = new Set<Entry<T>>();
  /** Sessions that say goodbye still, by installation. */
  const leaving = new Map<string, number>();
  let opened = 0;
  let isClosed = false;
  const sweeper = setInterval(sweep, Math.min(10_000, Math.max(50, limits.idleMs / 2)));
  sweeper.unref();

  const isStale = ({ idleSince, openedAt }: Entry<T>) =>
    idleSince !== null && (now() - idleSince >= limits.idleMs || now() - openedAt >= limits.ageMs);
  const entriesOf = (installationId: string) => [...entries].filter((entry) => entry.installationId === installationId);
  const addLeaving = (installationId: string, delta: number) => {
    const left = (leaving.get(installationId) ?? 0) + delta;
    if (left > 0) leaving.set(installationId, left);
    else leaving.delete(installationId);
  };

  async function discard(entry: Entry<T>): Promise<void> {
    if (!entries.delete(entry)) return;
    count.add(-1);
    addLeaving(entry.installationId, 1);
    await entry.session.close().catch(() => {});
    addLeaving(entry.installationId, -1);
  }

  function sweep(): void {
    for (const entry of [...entries].filter(isStale)) void discard(entry);
  }

  function discardOldest(candidates: readonly Entry<T>[]): boolean {
    const [oldest] = candidates
      .filter((entry) => entry.idleSince !== null)
      .sort((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
    if (oldest !== undefined) void discard(oldest);
    return oldest !== undefined;
  }

  /** The sessions of whoever has most of them. */
  function largestShare(): Entry<T>[] {
    const shares = new Map<string, Entry<T>[]>();
    for (const entry of entries) {
      const share = shares.get(entry.installationId);
      if (share === undefined) shares.set(entry.installationId, [entry]);
      else share.push(entry);
    }
    return [...shares.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  }

  /**
   * Whether there is room for one more, if need be in place of the session that was idle longest. Nobody takes more than is
   * left free, so that there is room for whoever comes next.
   */
  function makeRoom(installationId: string): boolean {
    // With mail servers that are slow to say goodbye, these would be sessions beyond the limit.
    if ((leaving.get(installationId) ?? 0) >= limits.sessionsPerInstallation) return false;
    const own = entriesOf(installationId);
    if (own.length >= limits.sessionsPerInstallation) return discardOldest(own);
    if (own.length < limits.sessions - count.all()) return true;
    const largest = largestShare();
    const isLargest = largest.length <= own.length;
    return discardOldest(isLargest ? own : largest) || discardOldest(own.length > 0 ? own : [...entries]);
  }

  function lease(entry: Entry<T>): Lease<T> {
    entry.idleSince = null;
    let isReleased = false;
    return {
      session: entry.session,
      release(keep) {
        if (isReleased) return;
        isReleased = true;
        entry.idleSince = now();
        if (!keep || isClosed || isStale(entry)) void discard(entry);
      },
    };
  }

  return {
    acquire(installationId, secret, open) {
      if (isClosed) return null;
      const key = createHmac('sha256', secretKey)
        .update(JSON.stringify([installationId, secret]))
        .digest('base64');
      sweep();
      const idle = [...entries].find((entry) => entry.key === key && entry.idleSince !== null);
      if (idle !== undefined) return lease(idle);
      if (!makeRoom(installationId)) return null;
      const entry: Entry<T> = { session: open(), key, installationId, openedAt: now(), idleSince: null };
      entries.add(entry);
      count.add(1);
      opened += 1;
      return lease(entry);
    },
    counts() {
      const idle = [...entries].filter((entry) => entry.idleSince !== null).length;
      return { idle, busy: entries.size - idle, opened };
    },
    async close() {
      isClosed = true;
      clearInterval(sweeper);
      await Promise.all([...entries].filter((entry) => entry.idleSince !== null).map(discard));
    },
  };
}
