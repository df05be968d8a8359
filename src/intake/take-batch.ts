import { type AppError, toAppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import type { Cursor, Waiting } from '../domain/cursor';
import { isOvertaken } from '../domain/cursor-change';
import { isFull } from '../domain/cursor-room';
import { pollLimits } from '../domain/limits';
import type { Arrival, Listing, Mailbox } from '../domain/ports';
import type { ResultCounts } from '../domain/tally';
import { advance, type BatchStart, beginBatch } from './advance';
import type { BatchState } from './batch-state';
import type { IntakePorts } from './intake-ports';
import { noteActivity } from './note-activity';
import { setAside } from './set-aside';
import { leavesMailbox, settleTaken } from './settle-taken';
import { isSuspect, isWornOut, suspectAll, whileTried, wornOut } from './suspects';
import { takeItems } from './take-items';
import { isWanted, lookedForBy } from './wanted';

export interface Batch {
  /** The very cursor that came in when nothing was to be done. */
  cursor: Cursor;
  /** There is more to be done right now. */
  more: boolean;
  /** The connection was edited, disabled or deleted meanwhile: the cursor is not to be kept. */
  interrupted: boolean;
  /** What ended the batch early; the cursor holds what was reached all the same. */
  error: AppError | null;
  /** What became of its messages. */
  results: ResultCounts;
}

/**
 * Takes up to `pollLimits.batchSize` messages, those that waited first, then settles them together. The cursor that comes
 * back is true whatever happened: each listed message is finished, waiting or quarantined.
 * @throws AppError only while listing, when there is nothing to keep yet.
 */
export async function takeBatch(
  ports: IntakePorts,
  connection: Connection,
  cursor: Cursor,
  mailbox: Mailbox,
  keep: (cursor: Cursor) => Promise<Cursor>,
  { isCareful = false, hasWorked = false } = {},
): Promise<Batch> {
  const now = ports.now();
  const ready = cursor.waiting.filter((one) => one.retryAt <= now);
  const due = ready.filter((one) => !isSuspect(one)).slice(0, pollLimits.batchSize);
  const listing = await list(cursor, mailbox, pollLimits.batchSize - due.length);
  const wanted = listing?.arrivals.filter((arrival) => isWanted(cursor, listing, arrival)) ?? [];
  const arrivals = wanted.map((arrival) => asWaiting(arrival, listing && lookedForBy(cursor, listing, arrival, now)));
  const isQuiet = due.length === 0 && (listing === null || isEmpty(cursor, listing));
  const suspect = isQuiet ? ready.find(isSuspect) : undefined;
  if (isQuiet && suspect === undefined) {
    return { cursor, more: false, interrupted: false, error: null, results: {} };
  }

  const isCrowded = isFull(cursor);
  const state: BatchState = { outcomes: new Map(), notes: [], interrupted: false, error: null, hasWorked, isCrowded };
  const start =
    suspect === undefined
      ? beginBatch(cursor, due, listing, arrivals, now)
      : await beginAlone(ports, connection, cursor, suspect, state, keep);
  const { items } = start;
  if (isCareful && suspect === undefined) suspectAll(items, state);
  else await takeItems(ports, connection, mailbox, items, state);
  // Before anything leaves the mailbox: what is broken off here is met again, and noted then.
  const results = await noteBatch(ports, items, state);
  const revision = await keepBefore(connection, start, listing, state, now, keep);
  const refused = await settleTaken(ports, connection, mailbox, items, state);

  const next = { ...advance(start, listing, state.outcomes, now), revision };
  const hasMore = next.waiting.some((one) => one.retryAt <= now) || (listing === null ? due.length > 0 : listing.more);
  const warning = refused === undefined ? start.cursor.warning : refused;
  return {
    cursor: { ...next, warning },
    more: hasMore,
    interrupted: state.interrupted,
    error: state.error,
    results,
  };
}

/** A batch of one suspect, whose try is kept before it is made; or none, where there were enough of them. */
async function beginAlone(
  ports: IntakePorts,
  connection: Connection,
  cursor: Cursor,
  suspect: Waiting,
  state: BatchState,
  keep: (cursor: Cursor) => Promise<Cursor>,
): Promise<BatchStart> {
  const items = [suspect];
  const isTaken = suspect.reason === 'settle';
  if (isWornOut(suspect)) {
    if (!isTaken) setAside(ports, connection, suspect, wornOut, state);
    else state.outcomes.set(suspect.handle, { kind: 'settled', removed: false });
    return { cursor: isTaken ? { ...cursor, warning: wornOut.warning } : cursor, items };
  }
  const { revision } = await keep(whileTried(cursor, suspect, ports.now()));
  // Settled by itself afterwards, once it is kept that only this is left.
  state.unsettled = !isTaken;
  return { cursor: { ...cursor, revision }, items };
}

/**
 * Keeps what the batch has come to before messages leave the mailbox: whoever is ended in between would leave nothing to count
 * them by. Returns the revision that is stored then.
 */
async function keepBefore(
  { settings }: Connection,
  start: BatchStart,
  listing: Listing | null,
  state: BatchState,
  now: number,
  keep: (cursor: Cursor) => Promise<Cursor>,
): Promise<number> {
  const { cursor, items } = start;
  const isTaken = ({ handle, reason }: Waiting) => reason !== 'settle' && state.outcomes.get(handle)?.kind === 'settle';
  if (state.interrupted || !leavesMailbox(settings.afterDownload) || !items.some(isTaken)) return cursor.revision;
  try {
    return (await keep(advance(start, listing, state.outcomes, now))).revision;
  } catch (thrown) {
    if (isOvertaken(thrown)) state.interrupted = true;
    else state.error ??= toAppError(thrown);
    // Not settled now; the receipts tell the next run that only this is left.
    state.unsettled = true;
    return cursor.revision;
  }
}

/** Lists arrivals; null when so many wait already that their list would outgrow what can be stored. */
async function list(cursor: Cursor, mailbox: Mailbox, room: number): Promise<Listing | null> {
  if (room === 0 || isFull(cursor)) return null;
  return await mailbox.list(cursor.position, room);
}

function isEmpty(cursor: Cursor, listing: Listing): boolean {
  return (
    listing.arrivals.length === 0 &&
    listing.position === cursor.position &&
    !listing.reset &&
    !cursor.relisting &&
    cursor.listsTaken !== true &&
    !listing.more
  );
}

function asWaiting({ handle, size }: Arrival, lookFor: Waiting['lookFor'] | null): Waiting {
  return { handle, size, reason: 'budget', attempts: 0, retryAt: 0, ...(lookFor && { lookFor }) };
}

async function noteBatch(ports: IntakePorts, items: readonly Waiting[], state: BatchState): Promise<ResultCounts> {
  const isOver = ({ handle }: Waiting) => state.outcomes.get(handle)?.kind === 'gone';
  const gone = items.filter(isOver).flatMap(({ entryId }) => entryId ?? []);
  const noted = new Set(state.notes.map(({ entry }) => entry.handle));
  const replaced = items.filter(({ handle }) => noted.has(handle)).flatMap(({ entryId }) => entryId ?? []);
  const { results, dismissed, missed } = await noteActivity(ports, state.notes, gone, replaced);
  for (const { entry } of state.notes) {
    const outcome = state.outcomes.get(entry.handle);
    if (outcome?.kind === 'quarantined' && dismissed.has(entry.id)) outcome.dismissed = true;
  }
  // What is given up must be seen: the next poll gives it up once more, and notes it then.
  const retryAt = ports.now() + pollLimits.backoffMs;
  for (const item of items) {
    const waiting: Waiting = { ...item, reason: 'failed', retryAt };
    if (missed.has(item.handle)) state.outcomes.set(item.handle, { kind: 'retry', waiting });
  }
  return results;
}
