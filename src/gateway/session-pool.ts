import { createHmac, randomBytes } from 'node:crypto';

/** What the pool keeps: a mailbox or mailer with its own session. */
export interface Pooled {
  close(): Promise<void>;
}

export interface PoolLimits {
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

/**
 * Sessions that stay open between the requests of one installation, so that list, fetch and settle, and the next poll, need
 * no new sign-in. Bounded in number, in idle time and in age.
 */
export function sessionPool<T extends Pooled>(limits: PoolLimits, now: () => number = Date.now): SessionPool<T> {
  // Keyed, and only in this process: the credentials can't be guessed from it, and no two installations share a key.
  const secretKey = randomBytes(32);
  const entries = new Set<Entry<T>>();
  let opened = 0;
  let isClosed = false;
  const sweeper = setInterval(sweep, Math.min(10_000, Math.max(50, limits.idleMs / 2)));
  sweeper.unref();

  const isStale = ({ idleSince, openedAt }: Entry<T>) =>
    idleSince !== null && (now() - idleSince >= limits.idleMs || now() - openedAt >= limits.ageMs);

  async function discard(entry: Entry<T>): Promise<void> {
    entries.delete(entry);
    await entry.session.close().catch(() => {});
  }

  function sweep(): void {
    for (const entry of [...entries].filter(isStale)) void discard(entry);
  }

  /** Whether there is room for one more, if need be in place of the session that was idle longest. */
  function makeRoom(limit: number, counted: Entry<T>[]): boolean {
    if (counted.length < limit) return true;
    const [oldest] = counted
      .filter((entry) => entry.idleSince !== null)
      .sort((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
    if (oldest === undefined) return false;
    void discard(oldest);
    return true;
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
      const own = [...entries].filter((entry) => entry.installationId === installationId);
      if (!makeRoom(limits.sessionsPerInstallation, own) || !makeRoom(limits.sessions, [...entries])) return null;
      const entry: Entry<T> = { session: open(), key, installationId, openedAt: now(), idleSince: null };
      entries.add(entry);
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
