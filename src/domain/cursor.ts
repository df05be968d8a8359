import type { ErrorKind } from './app-error';
import { switchMarginMs } from './limits';
import type { Refusals } from './suspension';
import type { ResultCounts } from './tally';
import { freshTotals, type Totals } from './totals';

/** Why a message that was listed is not finished yet. */
export type WaitingReason =
  /** The run's time was over before its turn. */
  | 'budget'
  /** A claim may still have a living owner; tried again when it can't have one. */
  | 'claimed'
  /** A try failed. */
  | 'failed'
  /** The mailbox says since `missingAt` that it is not there any more, which is believed when a later poll hears the same. */
  | 'missing'
  /** Taken; only marking, moving or deleting it in the mailbox is left. */
  | 'settle';

/** A listed message that still has something to be done. */
export interface Waiting {
  handle: string;
  reason: WaitingReason;
  /** Bytes, if the server told. */
  size: number | null;
  /** Tries that failed so far. */
  attempts: number;
  /** Epoch milliseconds before which no other try is made. */
  retryAt: number;
  /** The entry that the activity log has of it already. */
  entryId?: string | undefined;
  /** An administrator asked for another try: that it was given up before does not count. */
  again?: boolean | undefined;
  /** Runs that an error ended at it which seemed to pass by itself. Absent: none. */
  failures?: number | undefined;
  /** It may have ended a run, and is taken alone (`isSuspect`). */
  alone?: boolean | undefined;
  /** It was listed before the totals began, and is in none of them. */
  uncounted?: boolean | undefined;
  /** Why the last try failed, by the error's code and in plain words. Absent where none did, and in cursors of earlier versions. */
  code?: string | undefined;
  message?: string | undefined;
  /**
   * It may have been taken before although nothing tells of it, and an issue is looked for before one is made: by its origin,
   * or by its Message-ID where another provider, last polled `near` that time (epoch milliseconds), named it otherwise.
   */
  lookFor?: { by: 'origin' } | { by: 'message-id'; near: number } | undefined;
  /** Epoch milliseconds since when it, or the issue that was made of it, is said not to be there. */
  missingAt?: number | undefined;
  /** Answers of Jira that got lost for it: each may have made an issue. */
  lost?: number | undefined;
  /** Epoch milliseconds since which it is held back (`isHeldBack`). Absent where it is not, and in cursors of earlier versions. */
  since?: number | undefined;
}

/**
 * Whether a message waits since something went wrong with it, and not for its turn only. Of those that an administrator asked
 * for again the tries of before do not count.
 */
export const isHeldBack = ({ reason, attempts, again }: Waiting): boolean =>
  reason === 'failed' || reason === 'claimed' || reason === 'missing' || (attempts > 0 && again !== true);

/** A message that was given up, for an administrator to look at. It stays in the mailbox. */
export interface Quarantined {
  handle: string;
  code: string;
  reason: string;
  /** Epoch milliseconds. */
  at: number;
  /** Its entry in the activity log, which byte-identical copies share. Absent in cursors of earlier versions. */
  entryId?: string | undefined;
}

/** Whether it is the mail of an entry of the activity log, or a byte-identical copy of it. */
export const isMailOf = (one: Quarantined, entry: { id: string; handle: string }): boolean =>
  one.handle === entry.handle || (one.entryId !== undefined && one.entryId === entry.id);

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
  /** What kind of error it was. Absent in cursors of earlier versions. */
  kind?: ErrorKind | undefined;
  /** Polls in a row to which access was refused. Absent where there is none. */
  refused?: Refusals | undefined;
  /** The test of a save failed, and disabled the connection: no poll met it. */
  stopped?: boolean | undefined;
}

/** The code of a trouble that a save put right: the connection that it `stopped` works, and waits to be enabled. */
export const correctedCode = 'corrected-not-enabled';

/**
 * How far a connection has come: every message up to `position` is finished, or stands in `waiting` or `quarantined`.
 * That holds for each version of it by itself. Of two runs that start from the same version one is overtaken, and stops.
 */
export interface Cursor {
  /** Grows by one with each save; a save over another one than was read is refused. 0: never stored. */
  revision: number;
  /** The mailbox that the position belongs to (`mailboxIdentity`). */
  mailbox: string;
  /** The adapter's own words for the last message listed; null: from the beginning. */
  position: string | null;
  /** Mail received before this (epoch milliseconds) was not wanted when the connection was enabled; null: all was. */
  notBefore: number | null;
  /** Older mail is wanted all the same if it is unread. Absent where it is not, and in cursors of earlier versions. */
  unreadToo?: boolean | undefined;
  /** True while a mailbox whose position was lost is listed again from its beginning: only then `notBefore` is asked. */
  relisting: boolean;
  /** What is listed may have been taken before, so long ago that no receipt tells of it: a mailbox is listed again. */
  listsTaken?: boolean | undefined;
  /** Mail received before (epoch milliseconds) was taken from another provider, which named it otherwise. */
  takenUntil?: number | undefined;
  /** The last listing did not reach the end: there is wanted mail that was never listed. Absent in cursors of earlier versions. */
  hasMore?: boolean | undefined;
  waiting: Waiting[];
  /** The newest of them; how many there are stands in the totals. */
  quarantined: Quarantined[];
  totals: Totals;
  /** Why a message that was taken could not be marked, moved or deleted; null when the last ones could. */
  warning: string | null;
  /** Epoch milliseconds of the last poll that reached the mailbox; kept to the heartbeat, since an idle poll writes nothing. */
  polledAt: number | null;
  trouble: Trouble | null;
  /**
   * Epoch milliseconds until which an event of its own is expected to begin, or may be at work: events that this connection
   * shares with others leave it out meanwhile. Absent or past: none is.
   */
  ownEventUntil?: number | undefined;
  /**
   * An administrator asked for all mail that was given up by `to` (epoch milliseconds), which may be more than can wait at the
   * same time: `left` of it, as counted then, does not wait yet. Absent when there is none.
   */
  tryAgain?: { to: number; left: number } | undefined;
  /** The last poll that a person asked for: when it ended (epoch milliseconds), and what became of mail in it. Absent before. */
  asked?: { at: number; results: ResultCounts } | undefined;
}

/**
 * A cursor that begins at the beginning of `mailbox`. Where it replaces one whose mailbox changed, mail that was not
 * wanted then is not wanted now. Another provider knows messages by other names, so that receipts do not tell which of
 * them were taken: there, what came well before the last poll is left alone, unless some of it was not taken yet. What came
 * shortly before may have become visible only later, and is told from what was taken by its Message-ID.
 * @param now epoch milliseconds
 */
export function freshCursor(mailbox: string, previous: Cursor | null, now: number): Cursor {
  const isOtherProvider = previous !== null && providerOf(previous.mailbox) !== providerOf(mailbox);
  const isAllTaken = previous?.waiting.every(({ reason }) => reason === 'settle') && previous.hasMore !== true;
  const taken = isOtherProvider && isAllTaken ? previous.polledAt : null;
  const notBefore = taken === null ? (previous?.notBefore ?? null) : taken - switchMarginMs;
  const takenUntil = taken ?? previous?.takenUntil;
  return {
    revision: previous?.revision ?? 0,
    mailbox,
    position: null,
    notBefore,
    // Where all was taken before, what is unread still is so since it could not be marked, or since people like it so.
    ...(previous?.unreadToo && taken === null ? { unreadToo: true } : {}),
    relisting: notBefore !== null,
    ...(previous !== null && { listsTaken: true }),
    ...(takenUntil !== undefined && { takenUntil }),
    waiting: [],
    quarantined: [],
    totals: freshTotals(now, 0),
    warning: null,
    polledAt: null,
    trouble: null,
  };
}

/** A cursor as an earlier version stored it, which counted nothing. */
export type StoredCursor = Omit<Cursor, 'revision' | 'totals'> & Partial<Pick<Cursor, 'revision' | 'totals'>>;

/** A stored cursor of any version; one that counted nothing begins to count at `now` (epoch milliseconds). */
export function readCursor(stored: StoredCursor, now: number): Cursor {
  const { revision = 0, totals, waiting } = stored;
  if (totals !== undefined) return { ...stored, revision, totals };
  return {
    ...stored,
    revision,
    totals: { ...freshTotals(now, null), givenUp: stored.quarantined.length },
    waiting: waiting.map((one) => ({ ...one, uncounted: true })),
  };
}

/**
 * A cursor whose mailbox is listed from its beginning again: the names that messages had may mean nothing any more, and all that
 * are still there are counted anew.
 */
export function relisted(cursor: Cursor, now: number): Cursor {
  return {
    ...cursor,
    waiting: cursor.waiting.map((one) => ({ ...one, uncounted: true })),
    // Those that are still there are met again, and given up again: their receipts say so.
    quarantined: [],
    totals: freshTotals(now, 0),
  };
}

/** `mailboxIdentity` begins with it. */
function providerOf(mailbox: string): unknown {
  return (JSON.parse(mailbox) as unknown[])[0];
}
