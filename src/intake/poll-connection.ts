import { type AppError, toAppError } from '../domain/app-error';
import { type Connection, mailboxIdentity } from '../domain/connection';
import { type Cursor, freshCursor, type Trouble } from '../domain/cursor';
import { changeCursor, isOvertaken } from '../domain/cursor-change';
import { storedAccess } from '../domain/entity';
import { jiraQuotaCode } from '../domain/jira-quota';
import { pollLimits } from '../domain/limits';
import type { Mailbox } from '../domain/ports';
import { mustSuspend, nextTryAfter, refusalsAfter } from '../domain/suspension';
import { addCounts, type ResultCounts } from '../domain/tally';
import { askAgain } from './ask-again';
import { askMoreAgain } from './ask-all-again';
import { countPoll } from './count-poll';
import type { IntakePorts } from './intake-ports';
import { keptProtocol } from './kept-protocol';
import { seemsEnded } from './suspects';
import { takeBatch } from './take-batch';

/**
 * `again`: time was over before the mail was, or somebody was faster. `idle`: nothing was to be done, or nothing may be done
 * now. `unheard`: what somebody asked for could not be kept, and has to be asked for again. `refused`: access was refused, and is
 * to be tried again in `refusedAgainMs`.
 */
export type PollResult = 'again' | 'done' | 'idle' | 'unheard' | 'refused';

/** What is known of the queue event that a run is for. */
export interface PollEventFacts {
  /** It is for other connections too: one is left alone that a run of its own goes on with. */
  isShared?: boolean;
  /** An earlier run of it was ended by the platform. */
  wasEnded?: boolean;
  /** When it was to run (epoch milliseconds): the platform may deliver it much later. */
  dueAt?: number | undefined;
}

/**
 * One run for one connection: takes what is new, oldest first, until there is no more or time is nearly over. Never
 * throws for what mail servers or Jira do: that is kept in the cursor as `trouble`, and suspends the connection where only
 * an administrator can help.
 * @param reprocess ids of activity entries whose messages were given up, and are tried again.
 * @param force true when a person asked: the backoff after failures is not waited for.
 */
export async function pollConnection(
  ports: IntakePorts,
  connectionId: string,
  force: boolean,
  reprocess: readonly string[] = [],
  { isShared = false, wasEnded = false, dueAt }: PollEventFacts = {},
): Promise<PollResult> {
  const { connection, cursor: stored } = await ports.readPollStart(connectionId);
  if (connection?.state !== 'enabled') return 'idle';
  if (!force && !wasEnded && isLeftBehind(stored?.polledAt ?? 0, dueAt, ports.now())) return 'idle';
  const identity = mailboxIdentity(connection.settings);
  const cursor = stored?.mailbox === identity ? stored : freshCursor(identity, stored, ports.now());
  const protocol = keptProtocol(ports, connection, 'Poll', reasonOf(force, reprocess));
  if (!force && cursor.trouble !== null && cursor.trouble.notBefore > ports.now()) {
    protocol?.end(
      `it is left out until ${new Date(cursor.trouble.notBefore).toISOString()}, since an earlier one failed.`,
    );
    await protocol?.keep();
    return 'idle';
  }

  if (isShared && (cursor.ownEventUntil ?? 0) > ports.now()) return 'idle';

  const startedAt = ports.now();
  const run: Run = {
    connection,
    isAsked: force,
    cursor,
    written: cursor === stored ? cursor : null,
    isReached: false,
    isNoted: false,
    results: {},
  };
  let mailbox: Mailbox | null = null;
  // Noted before the mailbox is opened, so that whatever ends this run, a later one does what was asked for.
  const isHeard = reprocess.length === 0 || (await noteAsked(ports, run, reprocess));
  try {
    if (!isShared) await noteOwnBegun(ports, run);
    mailbox = await ports.openMailbox(connection.settings, { ...storedAccess(connection), log: protocol?.log });
    const result = await takeAll(ports, run, mailbox, wasEnded);
    if (result === 'again') await noteOwnEvent(ports, run, isShared);
    protocol?.end(endings[result]);
    return isHeard ? result : 'unheard';
  } catch (thrown) {
    const error = toAppError(thrown);
    protocol?.end(error);
    const result = await noteTrouble(ports, run, error);
    return isHeard ? result : 'unheard';
  } finally {
    await mailbox?.close();
    await protocol?.keep();
    if (run.isNoted) await countPoll(ports, connectionId, { startedAt, cursor: run.cursor, results: run.results });
  }
}

/**
 * Whether the platform postponed an event until another one had listed the mailbox, and done what was to be done. Clocks that differ
 * cost at most the longest postponement: what is later than that, or polled in the future, is no sign of it. Times in epoch milliseconds.
 */
const isLeftBehind = (polledAt: number, dueAt: number | undefined, now: number): boolean =>
  dueAt !== undefined && polledAt > dueAt && polledAt <= now && now - dueAt <= pollLimits.postponedMs;

function reasonOf(force: boolean, { length }: readonly string[]): string {
  if (length > 0) return `somebody asked for ${length} messages to be tried again.`;
  return force ? 'somebody asked for it.' : 'it is due.';
}

const endings: Record<PollResult, string> = {
  idle: 'nothing was to be done.',
  done: 'what was there is done.',
  again: 'another poll goes on at once.',
  unheard: 'what was asked for could not be noted.',
  refused: 'access was refused.',
};

interface Run {
  connection: Connection;
  /** A person waits for it. */
  isAsked: boolean;
  cursor: Cursor;
  /** The cursor as it is stored; null while none of this mailbox is. */
  written: Cursor | null;
  /** The mailbox let it in. */
  isReached: boolean;
  /** This run has written it: it was not idle. */
  isNoted: boolean;
  /** What became of messages so far. */
  results: ResultCounts;
}

async function takeAll(ports: IntakePorts, run: Run, mailbox: Mailbox, wasEnded: boolean): Promise<PollResult> {
  let result: PollResult = 'idle';
  let isCareful = wasEnded || seemsEnded(run.connection, run.cursor, ports.now());
  while (ports.remainingMs() >= pollLimits.reserveMs) {
    const before = run.cursor;
    const hasWorked = (run.results.created ?? 0) > 0;
    const keep = (cursor: Cursor) => write(ports, run, cursor);
    const batch = await takeBatch(ports, run.connection, before, mailbox, keep, { isCareful, hasWorked });
    run.isReached = true;
    // What ended the runs before was in their first batch.
    isCareful = false;
    run.results = addCounts(run.results, batch.results);
    // The connection was edited, disabled or deleted: this run's cursor must not outlive that. Receipts keep what was taken.
    if (batch.interrupted) {
      run.isNoted = false;
      return brokenOff(run, result);
    }
    if (batch.cursor !== before) {
      await write(ports, run, batch.cursor);
      result = 'done';
    }
    if (batch.error !== null) throw batch.error;
    if (!batch.more && !(await keepMoreAsked(ports, run))) {
      await noteSuccess(ports, run);
      return result;
    }
  }
  return 'again';
}

/** What a run comes to that somebody was faster than. Events that it shares with others leave it to its own, which must come. */
const brokenOff = ({ cursor }: Run, result: PollResult = 'idle'): PollResult =>
  cursor.ownEventUntil === undefined ? result : 'again';

/** False when it could not be read or kept; mail that waits does not wait for that. */
async function noteAsked(ports: IntakePorts, run: Run, entryIds: readonly string[]): Promise<boolean> {
  try {
    await keepAsked(ports, run, entryIds);
    return true;
  } catch (failure) {
    ports.log('warn', 'reprocess-not-noted', { connectionId: run.connection.id, failure });
    return false;
  }
}

async function keepAsked(ports: IntakePorts, run: Run, entryIds: readonly string[]): Promise<void> {
  const entries = [...(await ports.activity.getMany(entryIds)).values()];
  const asked = entries.filter(({ connectionId }) => connectionId === run.connection.id);
  const { mailbox } = run.cursor;
  const cursor = await changeCursor(ports.cursors, run.connection.id, (stored) => {
    const own = stored?.mailbox === mailbox ? stored : freshCursor(mailbox, stored, ports.now());
    const changed = askAgain(own, asked);
    return changed === own ? stored : changed;
  });
  if (cursor?.mailbox !== mailbox) return;
  run.cursor = cursor;
  run.written = cursor;
}

/** Whether something waits now of what somebody asked for all at once. */
async function keepMoreAsked(ports: IntakePorts, run: Run): Promise<boolean> {
  const { cursor, connection } = run;
  const next = await askMoreAgain(ports.activity, connection.id, cursor);
  if (next !== cursor) await write(ports, run, next);
  return next.waiting.length > cursor.waiting.length;
}

async function write(ports: IntakePorts, run: Run, cursor: Cursor): Promise<Cursor> {
  run.cursor = await ports.cursors.put(run.connection.id, cursor);
  run.written = run.cursor;
  run.isNoted = true;
  return run.cursor;
}

/** Clears trouble, and keeps the time of the last poll to the heartbeat; otherwise writes nothing, unless a person waits. */
async function noteSuccess(ports: IntakePorts, run: Run): Promise<void> {
  const { cursor } = run;
  const now = ports.now();
  // Whoever asked for this poll looks for its time: without it the page would show an older one, as if nothing had run.
  const isDue = run.isAsked || now - (cursor.polledAt ?? 0) >= pollLimits.heartbeatMs;
  if (cursor.trouble === null && cursor.ownEventUntil === undefined && !isDue) return;
  await write(ports, run, { ...cursor, trouble: null, polledAt: now, ownEventUntil: undefined, ...endOf(run, now) });
}

/** Whoever asked for a poll looks for what came of it. */
const endOf = ({ isAsked, results }: Run, at: number): Pick<Cursor, 'asked'> =>
  isAsked ? { asked: { at, results } } : {};

/**
 * Two runs side by side would only get into each other's way. What follows a run of its own waits for its end anyway. It holds
 * only until the event should have begun: it may never be pushed.
 */
async function noteOwnEvent(ports: IntakePorts, run: Run, isShared: boolean): Promise<void> {
  if (!isShared && run.cursor.ownEventUntil === undefined) return;
  await write(ports, run, { ...run.cursor, ownEventUntil: ports.now() + pollLimits.ownEventMs });
}

/** The event has come: it is waited for as long as the platform lets it run. */
async function noteOwnBegun(ports: IntakePorts, run: Run): Promise<void> {
  if (run.cursor.ownEventUntil === undefined) return;
  await write(ports, run, { ...run.cursor, ownEventUntil: ports.now() + ports.remainingMs() });
}

async function noteTrouble(ports: IntakePorts, run: Run, error: AppError): Promise<PollResult> {
  const { connection, cursor } = run;
  // What the other run does holds; it meets the same trouble, if there is any.
  if (isOvertaken(error)) return brokenOff(run);
  const isPaused = error.code === jiraQuotaCode;
  ports.log(error.kind === 'bug' ? 'error' : 'warn', isPaused ? 'poll-paused' : 'poll-failed', {
    connectionId: connection.id,
    code: error.code,
    cause: error.cause,
  });
  const now = ports.now();
  // A spent quota is no failure of this connection, and says nothing of its access.
  const failures = isPaused ? 0 : (cursor.trouble?.failures ?? 0) + 1;
  const backoff = Math.min(pollLimits.longestBackoffMs, pollLimits.backoffMs * 2 ** Math.min(failures - 1, 10));
  const refused = isPaused ? cursor.trouble?.refused : refusalsAfter(cursor.trouble, error, run.isReached, now);
  const isRefused = refused !== undefined && error.kind === 'access';
  const isSuspended = isRefused && mustSuspend(error, refused, now);
  const retryAt = isRefused ? nextTryAfter(refused, now) : now + backoff;
  const trouble: Trouble = {
    code: error.code,
    message: error.message,
    detail: error.detail ?? null,
    step: error.step ?? null,
    since: isPaused === (cursor.trouble?.code === jiraQuotaCode) ? (cursor.trouble?.since ?? now) : now,
    failures,
    notBefore: error.retryAfterMs === undefined ? retryAt : now + error.retryAfterMs,
    kind: error.kind,
    refused,
  };
  try {
    // Whoever edited, disabled or deleted the connection meanwhile knows better than this run. What passes by itself is noted
    // without that look: in an outage it would be one more for every connection.
    const mustLook = error.kind === 'access' || run.written === null;
    const current = mustLook ? await ports.connections.get(connection.id) : connection;
    if (current?.version !== connection.version) return brokenOff(run);
    await write(ports, run, { ...cursor, trouble, ownEventUntil: undefined, ...endOf(run, now) });
    if (isSuspended) await ports.connections.save({ ...current, state: 'suspended' });
    // A try that a person asked for shortens nothing: the next one is under way already.
    else if (isRefused && trouble.notBefore !== cursor.trouble?.notBefore) return 'refused';
  } catch (failure) {
    if (isOvertaken(failure)) return brokenOff(run);
    ports.log('error', 'trouble-not-noted', { connectionId: connection.id, failure });
  }
  return 'idle';
}
