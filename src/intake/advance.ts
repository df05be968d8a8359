import { type Cursor, isHeldBack, type Quarantined, relisted, type Waiting } from '../domain/cursor';
import { newestGivenUp } from '../domain/cursor-room';
import type { Listing } from '../domain/ports';
import type { Totals } from '../domain/totals';
import type { Outcome } from './batch-state';
import { isRelisting, stillListsTaken } from './wanted';

/** What a batch works on: the cursor that it begins with, and its messages, those that waited first. */
export interface BatchStart {
  cursor: Cursor;
  items: Waiting[];
}

/** Brings what was listed (null: nothing was asked) together with what waits. `due` are those waiting whose turn it is. */
export function beginBatch(
  before: Cursor,
  due: readonly Waiting[],
  listing: Listing | null,
  wanted: readonly Waiting[],
  now: number,
): BatchStart {
  const cursor = listing?.reset ? relisted(before, now) : before;
  const listed = new Set(listing?.arrivals.map(({ handle }) => handle));
  const waiting = cursor.waiting.map(({ uncounted, ...one }) => {
    return uncounted && !listed.has(one.handle) ? { ...one, uncounted } : one;
  });
  const known = new Set(waiting.map(({ handle }) => handle));
  const turn = new Set(due.map(({ handle }) => handle));
  const arrivals = wanted.filter(({ handle }) => !known.has(handle));
  // What waits was wanted once: it is not left alone because a list that was begun anew would do so.
  const skipped = [...listed].filter((handle) => !known.has(handle)).length - arrivals.length;
  return {
    cursor: { ...cursor, waiting, totals: { ...cursor.totals, skipped: cursor.totals.skipped + skipped } },
    items: [...waiting.filter(({ handle }) => turn.has(handle)), ...arrivals],
  };
}

/** The cursor after what is known of a batch's messages so far: each one is finished, waiting or quarantined, and counted. */
export function advance(
  { cursor, items }: BatchStart,
  listing: Listing | null,
  outcomes: ReadonlyMap<string, Outcome>,
  now: number,
): Cursor {
  const inBatch = new Set(items.map((item) => item.handle));
  const waiting = cursor.waiting.filter((one) => !inBatch.has(one.handle));
  const quarantined: Quarantined[] = cursor.quarantined.filter((one) => !inBatch.has(one.handle));
  const totals = { ...cursor.totals };
  for (const item of items) {
    const outcome = outcomes.get(item.handle);
    if (!item.uncounted) count(totals, item, outcome);
    if (outcome === undefined) waiting.push(item);
    else if (outcome.kind === 'retry') waiting.push(outcome.waiting);
    else if (outcome.kind === 'settle') {
      const { code: _, message: __, lookFor: ___, lost: ____, ...taken } = item;
      waiting.push({ ...taken, reason: 'settle', attempts: outcome.attempts, retryAt: 0 });
    } else if (outcome.kind === 'quarantined' && !outcome.dismissed) {
      const { code, reason, entryId } = outcome;
      quarantined.push({ handle: item.handle, code, reason, at: now, entryId });
    }
  }
  const { listsTaken, ...rest } = cursor;
  const listsMore = listing === null ? listsTaken : stillListsTaken(cursor, listing);
  const since = (one: Waiting) => (isHeldBack(one) && one.since === undefined ? { ...one, since: now } : one);
  return {
    ...rest,
    position: listing === null ? cursor.position : listing.position,
    relisting: listing === null ? cursor.relisting : isRelisting(cursor, listing),
    ...(listsMore && { listsTaken: true }),
    hasMore: listing === null ? (cursor.hasMore ?? false) : listing.more,
    waiting: waiting.map(since),
    quarantined: newestGivenUp(quarantined),
    totals,
    polledAt: now,
  };
}

function count(totals: Totals, item: Waiting, outcome: Outcome | undefined): void {
  if (outcome === undefined) return;
  const isTaken =
    outcome.kind === 'settle' ||
    outcome.kind === 'settled' ||
    (outcome.kind === 'retry' && outcome.waiting.reason === 'settle');
  // Once: when its issue is there, not when it is settled at last.
  if (isTaken && item.reason !== 'settle') totals.taken += 1;
  if (outcome.kind === 'settled' && outcome.removed) totals.removed += 1;
  if (outcome.kind === 'skipped') totals.skipped += 1;
  if (outcome.kind === 'gone') totals.gone += 1;
  if (outcome.kind === 'quarantined') {
    totals.givenUp += 1;
    if (outcome.dismissed) totals.dismissed += 1;
  }
}
