/**
 * What became of the messages that a connection listed since `since`: each is in one of these numbers, or is waiting. They
 * are written with the cursor and only over the one that was read, so that they hold for each version of it, whatever run
 * was killed or overtaken.
 */
export interface Totals {
  /** Epoch milliseconds: since then each listed message is counted. */
  since: number;
  /** Have their issue. */
  taken: number;
  /** ... and left the mailbox afterwards: we moved or deleted them, or somebody else did before we could. */
  removed: number;
  /** Were not wanted, and stay in the mailbox as they are. */
  skipped: number;
  /** Left the mailbox before they could be taken. */
  gone: number;
  /** Given up; an administrator dismissed some of them. They stay in the mailbox. */
  givenUp: number;
  dismissed: number;
  /** Messages that were there already and are never listed; null when they could not be counted. */
  alone: number | null;
}

/** Totals that begin now. `alone` is 0 where the mailbox is listed from its beginning. */
export function freshTotals(since: number, alone: number | null): Totals {
  return { since, taken: 0, removed: 0, skipped: 0, gone: 0, givenUp: 0, dismissed: 0, alone };
}

/** Messages that are given up and that nobody decided on. */
export const quarantinedNow = ({ givenUp, dismissed }: Totals): number => Math.max(0, givenUp - dismissed);
