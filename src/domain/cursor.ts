/** Why a message that was listed is not finished yet. */
export type WaitingReason = 'budget' | 'claimed' | 'failed' | 'settle';

/** A listed message that still has something to be done: taken, or (`settle`) only marked, moved or deleted. */
export interface Waiting {
  handle: string;
  reason: WaitingReason;
  /** Bytes, if the server told. */
  size: number | null;
  /** Tries that failed so far. */
  attempts: number;
  /** Epoch milliseconds before which no other try is made. */
  retryAt: number;
}

/** What is wrong with a connection now, for people and for the backoff. */
export interface Trouble {
  code: string;
  message: string;
  detail: string | null;
  step: string | null;
  /** Epoch milliseconds. */
  since: number;
  /** Polls that failed in a row. */
  failures: number;
  /** Epoch milliseconds before which the server is not tried again. */
  notBefore: number;
}

/**
 * How far a connection has come: every message up to `position` is finished or stands in `waiting`. That holds for each
 * version of it by itself, so two runs that overwrite each other's lose nothing: the older one only lists again.
 */
export interface Cursor {
  /** The mailbox that the position belongs to (`mailboxIdentity`). */
  mailbox: string;
  /** The adapter's own words for the last message listed; null: from the beginning. */
  position: string | null;
  /** When the server forgot our position, mail received before this is left alone (epoch milliseconds; null: none is). */
  notBefore: number | null;
  waiting: Waiting[];
  /** Epoch milliseconds of the last poll that reached the mailbox; kept to the heartbeat, since an idle poll writes nothing. */
  polledAt: number;
  trouble: Trouble | null;
}
