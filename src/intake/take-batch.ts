import type { ActivityEntry } from '../domain/activity';
import { type AppError, toAppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import type { Cursor, Waiting } from '../domain/cursor';
import { isOvertaken } from '../domain/cursor-change';
import { isFull } from '../domain/cursor-room';
import { graceMs, pollLimits } from '../domain/limits';
import type { Arrival, Listing, Mailbox } from '../domain/ports';
import type { ResultCounts } from '../domain/tally';
import { advance, type BatchStart, beginBatch } from './advance';
import type { BatchState } from './batch-state';
import { type Download, downloadOf } from './download';
import type { IntakePorts } from './intake-ports';
import { noteActivity, noteOn } from './note-activity';
import { nameTooLarge, refuseTooLarge, retryWithheld, setAside } from './set-aside';
import { leavesMailbox, settleTaken } from './settle-taken';
import { isSuspect, isWornOut, suspectAll, whileTried, wornOut } from './suspects';
import { giveUp, takeMessage } from './take-message';
import { traceFrom } from './trace';
import { isWanted } from './wanted';

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
  isCareful = false,
): Promise<Batch> {
  const now = ports.now();
  const ready = cursor.waiting.filter((one) => one.retryAt <= now);
  const due = ready.filter((one) => !isSuspect(one)).slice(0, pollLimits.batchSize);
  const listing = await list(cursor, mailbox, pollLimits.batchSize - due.length);
  const wanted = listing?.arrivals.filter((arrival) => isWanted(cursor, listing, arrival)) ?? [];
  const arrivals = wanted.map(asWaiting);
  const isQuiet = due.length === 0 && (listing === null || isEmpty(cursor, listing));
  const suspect = isQuiet ? ready.find(isSuspect) : undefined;
  if (isQuiet && suspect === undefined) {
    return { cursor, more: false, interrupted: false, error: null, results: {} };
  }

  const state: BatchState = { outcomes: new Map(), notes: [], interrupted: false, error: null };
  const start =
    suspect === undefined
      ? beginBatch(cursor, due, listing, arrivals, now)
      : await beginAlone(ports, connection, cursor, suspect, state, keep);
  const { items } = start;
  if (isCareful && suspect === undefined) suspectAll(items, state);
  else await takeItems(ports, connection, mailbox, items, state);
  await nameTooLarge(ports, mailbox, state);
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

type NotedOutcome = Pick<ActivityEntry, 'result'> & Partial<Pick<ActivityEntry, 'issueKey' | 'code' | 'reason'>>;
const untold = { issueKey: null, code: null, reason: null };

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
    if (!isTaken) await setAside(ports, connection, suspect, wornOut.code, wornOut.reason, state);
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
    !listing.more
  );
}

function asWaiting(arrival: Arrival): Waiting {
  return { handle: arrival.handle, size: arrival.size, reason: 'budget', attempts: 0, retryAt: 0 };
}

async function takeItems(
  ports: IntakePorts,
  connection: Connection,
  mailbox: Mailbox,
  items: Waiting[],
  state: BatchState,
): Promise<void> {
  const maxBytes = connection.settings.largestMailMb * 1024 * 1024;
  const byHandle = new Map(items.map((item) => [item.handle, item]));
  const toFetch: string[] = [];
  for (const item of items) {
    if (state.outcomes.has(item.handle)) continue;
    if (item.reason === 'settle') state.outcomes.set(item.handle, { kind: 'settle', attempts: item.attempts });
    else if (item.size !== null && item.size > maxBytes)
      await refuseTooLarge(ports, connection, item, item.size, state);
    else toFetch.push(item.handle);
  }
  if (toFetch.length === 0) return;
  try {
    let asked = ports.now();
    for await (const fetched of mailbox.fetch(toFetch, maxBytes)) {
      const item = byHandle.get(fetched.handle);
      if (item === undefined) continue;
      if (fetched.outcome === 'gone') state.outcomes.set(item.handle, { kind: 'gone' });
      else if (fetched.outcome === 'too-large') await refuseTooLarge(ports, connection, item, fetched.size, state);
      else {
        const trace = traceFrom(asked, ports.now);
        const download = downloadOf(ports.parseMessage, connection, item.handle, fetched.raw, trace);
        await takeItem(ports, connection, item, download, state);
        asked = ports.now();
      }
      if (state.error !== null || state.interrupted || ports.remainingMs() < pollLimits.reserveMs) return;
    }
    for (const handle of toFetch) {
      const item = byHandle.get(handle);
      if (item === undefined || state.outcomes.has(handle)) continue;
      await retryWithheld(ports, connection, item, state);
    }
  } catch (thrown) {
    state.error = toAppError(thrown);
  }
}

async function takeItem(
  ports: IntakePorts,
  connection: Connection,
  item: Waiting,
  download: Download,
  state: BatchState,
): Promise<void> {
  const now = ports.now();
  const { trace } = download;
  const note = async (outcome: NotedOutcome, knownSince: number | null = null) => {
    const noted = { ...untold, ...outcome, tookMs: ports.now() - now };
    state.notes.push(await noteOn(ports, connection, item, download, noted, knownSince));
  };
  const retry = (reason: Waiting['reason'], attempts: number, retryAt: number, entryId = item.entryId) =>
    state.outcomes.set(item.handle, { kind: 'retry', waiting: { ...item, reason, attempts, retryAt, entryId } });
  try {
    // Before each message: whoever edits, disables or deletes a connection expects that nothing more is taken the old way.
    const current = await ports.connections.get(connection.id);
    state.interrupted = current?.version !== connection.version;
    if (state.interrupted) return;
    const taken = await takeMessage(ports, connection, download, item.again ?? false);
    if (taken.outcome === 'done') {
      trace.add({ step: 'handed-over', action: connection.settings.afterDownload });
      state.outcomes.set(item.handle, { kind: 'settle', attempts: 0 });
      await note({ result: 'created', issueKey: taken.issueKey }, taken.knownSince);
    } else if (taken.outcome === 'skipped') {
      const { code, reason, knownSince } = taken;
      // Not settled: what became no issue does not leave the mailbox, and nobody but its readers marks it as read.
      state.outcomes.set(item.handle, { kind: 'skipped' });
      await note({ result: 'skipped', code, reason }, knownSince);
    } else if (taken.outcome === 'quarantined') {
      const { code, reason, knownSince } = taken;
      state.outcomes.set(item.handle, { kind: 'quarantined', code, reason, entryId: download.origin });
      await note({ result: 'quarantined', code, reason }, knownSince);
    } else retry('claimed', item.attempts, now + taken.retryAfterMs);
  } catch (thrown) {
    const error = toAppError(thrown);
    const isOwnFault = error.kind === 'message' || error.kind === 'bug';
    const attempts = item.attempts + (isOwnFault ? 1 : 0);
    if (!isOwnFault) state.error = error;
    if (error.uncertain) return void retry('claimed', attempts, now + graceMs);
    if (!isOwnFault) return void retry('failed', attempts, 0);
    const { code, message: reason } = error;
    if (attempts < pollLimits.attempts) {
      trace.add({ step: 'failed' });
      retry('failed', attempts, now + pollLimits.backoffMs * 2 ** attempts, download.origin);
      return await note({ result: 'failed', code, reason });
    }
    ports.log(error.kind === 'bug' ? 'error' : 'warn', 'message-quarantined', {
      connectionId: connection.id,
      code: error.code,
      cause: error.cause,
    });
    try {
      await giveUp(ports, download.origin, error);
    } catch {
      return void retry('failed', attempts - 1, now + pollLimits.backoffMs);
    }
    trace.add({ step: 'given-up' });
    state.outcomes.set(item.handle, { kind: 'quarantined', code, reason, entryId: download.origin });
    await note({ result: 'quarantined', code, reason });
  }
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
