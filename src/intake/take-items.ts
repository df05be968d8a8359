import type { ActivityEntry } from '../domain/activity';
import { type AppError, toAppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import { graceMs, pollLimits } from '../domain/limits';
import type { Mailbox } from '../domain/ports';
import type { BatchState } from './batch-state';
import { type Download, downloadOf } from './download';
import type { IntakePorts } from './intake-ports';
import { noteOn } from './note-activity';
import { refuseTooLarge, retryWithheld, setAside } from './set-aside';
import { heldUp, isSuspect, maySuspect } from './suspects';
import { giveUp, takeMessage } from './take-message';
import { traceFrom } from './trace';

/** Takes messages one after the other, as far as time goes, and gives up those that are too large. */
export async function takeItems(
  ports: IntakePorts,
  connection: Connection,
  mailbox: Mailbox,
  items: readonly Waiting[],
  state: BatchState,
): Promise<void> {
  const maxBytes = connection.settings.largestMailMb * 1024 * 1024;
  const tooLarge: Waiting[] = [];
  const toFetch = new Map<string, Waiting>();
  for (const item of items) {
    if (state.outcomes.has(item.handle)) continue;
    if (item.reason === 'settle') state.outcomes.set(item.handle, { kind: 'settle', attempts: item.attempts });
    else if (item.size !== null && item.size > maxBytes) tooLarge.push(item);
    else toFetch.set(item.handle, item);
  }
  await refuseTooLarge(ports, connection, mailbox, tooLarge, state);
  if (toFetch.size === 0) return;
  try {
    let asked = ports.now();
    for await (const fetched of mailbox.fetch([...toFetch.keys()], maxBytes)) {
      const item = toFetch.get(fetched.handle);
      if (item === undefined) continue;
      if (fetched.outcome === 'gone') state.outcomes.set(item.handle, { kind: 'gone' });
      else if (fetched.outcome === 'too-large') {
        // The next batch gives it up: its envelope can't be asked for while a mailbox that lets in one at a time is read.
        const waiting = { ...item, size: Math.max(fetched.size, maxBytes + 1) };
        state.outcomes.set(item.handle, { kind: 'retry', waiting });
      } else {
        const trace = traceFrom(asked, ports.now);
        const download = downloadOf(ports.parseMessage, connection, item.handle, fetched.raw, trace);
        await takeItem(ports, connection, item, download, state);
        asked = ports.now();
      }
      if (state.error !== null || state.interrupted || ports.remainingMs() < pollLimits.reserveMs) return;
    }
    for (const [handle, item] of toFetch)
      if (!state.outcomes.has(handle)) await retryWithheld(ports, connection, mailbox, item, state);
  } catch (thrown) {
    const item = [...toFetch.values()].find(({ handle }) => !state.outcomes.has(handle));
    blame(ports, connection, item, toAppError(thrown), state);
  }
}

/** Whether an error is a message's own although it should pass by itself: others go through, and this one fails alone. */
const isProven = (item: Waiting, error: AppError, state: BatchState): boolean =>
  state.hasWorked && isSuspect(item) && maySuspect(error);

/** Where a download broke off. A server that breaks off at the same message each time must not keep those behind it waiting. */
function blame(
  ports: IntakePorts,
  connection: Connection,
  item: Waiting | undefined,
  error: AppError,
  state: BatchState,
): void {
  if (item === undefined || !isProven(item, error, state)) state.error = error;
  if (item === undefined || !maySuspect(error)) return;
  const attempts = item.attempts + 1;
  if (state.error !== null) state.outcomes.set(item.handle, { kind: 'retry', waiting: heldUp(item) });
  else if (attempts >= pollLimits.attempts)
    setAside(ports, connection, item, { code: error.code, reason: error.message }, state);
  else {
    const retryAt = ports.now() + pollLimits.backoffMs * 2 ** attempts;
    state.outcomes.set(item.handle, { kind: 'retry', waiting: { ...item, reason: 'failed', attempts, retryAt } });
  }
}

type NotedOutcome = Pick<ActivityEntry, 'result'> & Partial<Pick<ActivityEntry, 'issueKey' | 'code' | 'reason'>>;
const untold = { issueKey: null, code: null, reason: null };

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
    const isOwnFault = error.kind === 'message' || error.kind === 'bug' || isProven(item, error, state);
    const attempts = item.attempts + (isOwnFault ? 1 : 0);
    if (!isOwnFault) state.error = error;
    if (error.uncertain) return void retry('claimed', attempts, now + graceMs);
    if (!isOwnFault) {
      const waiting = maySuspect(error) ? heldUp(item) : ({ ...item, reason: 'failed', retryAt: 0 } as const);
      return void state.outcomes.set(item.handle, { kind: 'retry', waiting });
    }
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
