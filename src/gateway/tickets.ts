import { randomUUID } from 'node:crypto';

/** Jobs whose call had to end before them, until the next one comes for what is left. */
export interface Tickets<T> {
  keep(owner: string, kept: T): string;
  has(owner: string, ticket: string): boolean;
  /** Null for one that is not known: of another gateway, of before a restart, too old, taken, or of another owner. */
  take(owner: string, ticket: string): T | null;
}

/** @param drop is given what nobody came for within `keptMs` milliseconds */
export function tickets<T>(keptMs: number, drop: (kept: T) => void): Tickets<T> {
  const waiting = new Map<string, { owner: string; kept: T; timer: NodeJS.Timeout }>();
  return {
    keep(owner, kept) {
      const ticket = randomUUID();
      const timer = setTimeout(() => {
        waiting.delete(ticket);
        drop(kept);
      }, keptMs);
      timer.unref();
      waiting.set(ticket, { owner, kept, timer });
      return ticket;
    },
    has: (owner, ticket) => waiting.get(ticket)?.owner === owner,
    take(owner, ticket) {
      const found = waiting.get(ticket);
      if (found?.owner !== owner) return null;
      clearTimeout(found.timer);
      waiting.delete(ticket);
      return found.kept;
    },
  };
}
