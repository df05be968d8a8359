import { randomUUID } from 'node:crypto';

/** Jobs whose call had to end before them, until the next one comes for what is left. */
export interface Tickets<T> {
  keep(installationId: string, kept: T): string;
  /** Null for one that is not known: of another gateway, of before a restart, too old, or of another installation. */
  take(installationId: string, ticket: string): T | null;
}

/** @param drop is given what nobody came for within `keptMs` milliseconds */
export function tickets<T>(keptMs: number, drop: (kept: T) => void): Tickets<T> {
  const waiting = new Map<string, { installationId: string; kept: T; timer: NodeJS.Timeout }>();
  return {
    keep(installationId, kept) {
      const ticket = randomUUID();
      const timer = setTimeout(() => {
        waiting.delete(ticket);
        drop(kept);
      }, keptMs);
      timer.unref();
      waiting.set(ticket, { installationId, kept, timer });
      return ticket;
    },
    take(installationId, ticket) {
      const found = waiting.get(ticket);
      if (found?.installationId !== installationId) return null;
      clearTimeout(found.timer);
      waiting.delete(ticket);
      return found.kept;
    },
  };
}
