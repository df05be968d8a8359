import type { ActivityEntry } from '../domain/activity';
import { type AppError, toAppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import { failureOf } from '../domain/cursor-room';
import { jiraQuotaCode } from '../domain/jira-quota';
import { graceMs, pollLimits } from '../domain/limits';
import type { BatchState } from './batch-state';
import { giveUp } from './deliver';
import type { Download } from './download';
import type { IntakePorts } from './intake-ports';
import { noteOn } from './note-activity';
import { heldUp, isProven, maySuspect } from './suspects';
import { takeMessage } from './take-message';

type NotedOutcome = Pick<ActivityEntry, 'result'> & Partial<Pick<ActivityEntry, 'issueKey' | 'code' | 'reason'>>;
const untold = { issueKey: null, code: null, reason: null };

/** Takes one message that was downloaded, or says why it waits. Never throws. */
export async function takeItem(
  ports: IntakePorts,
  connection: Connection,
  item: Waiting,
  download: Download,
  isUnknown: boolean,
  state: BatchState,
): Promise<void> {
  const now = ports.now();
  const { trace } = download;
  const note = async (outcome: NotedOutcome, knownSince: number | null = null) => {
    const noted = { ...untold, ...outcome, tookMs: ports.now() - now };
    state.notes.push(await noteOn(ports, connection, item, download, noted, knownSince));
  };
  try {
    // Before each message: whoever edits, disables or deletes a connection expects that nothing more is taken the old way.
    const current = await ports.connections.get(connection.id);
    state.interrupted = current?.version !== connection.version;
    if (state.interrupted) return;
    const taken = await takeMessage(ports, connection, download, item, isUnknown);
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
    } else {
      const waiting: Waiting = { ...item, reason: 'claimed', retryAt: now + taken.retryAfterMs };
      state.outcomes.set(item.handle, { kind: 'retry', waiting });
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    const { code, message: reason } = error;
    const waiting = afterFailure(item, error, state, now);
    if (waiting !== null) {
      trace.add({ step: 'failed' });
      const failed = { ...waiting, ...failureOf(error), entryId: download.origin };
      // What is met in each poll is said once.
      const isNoted = item.entryId !== undefined && item.code === failed.code && waiting.attempts === item.attempts;
      const isSaid = isNobodysFault(code) || isNoted;
      state.outcomes.set(item.handle, { kind: 'retry', waiting: isNobodysFault(code) ? waiting : failed });
      return isSaid ? undefined : await note({ result: 'failed', code, reason });
    }
    ports.log(error.kind === 'bug' ? 'error' : 'warn', 'message-quarantined', {
      connectionId: connection.id,
      code: error.code,
      cause: error.cause,
    });
    try {
      await giveUp(ports, download.origin, error);
    } catch {
      const again: Waiting = { ...item, reason: 'failed', retryAt: now + pollLimits.backoffMs };
      return void state.outcomes.set(item.handle, { kind: 'retry', waiting: again });
    }
    trace.add({ step: 'given-up' });
    state.outcomes.set(item.handle, { kind: 'quarantined', code, reason, entryId: download.origin });
    await note({ result: 'quarantined', code, reason });
  }
}

/** The message waits for its turn, as if it had not been tried. */
const isNobodysFault = (code: string): boolean => code === 'out-of-time' || code === jiraQuotaCode;

/**
 * The message as it waits after a try that failed; null when it is given up. What is not its own fault ends the run.
 * @param now epoch milliseconds
 */
function afterFailure(item: Waiting, error: AppError, state: BatchState, now: number): Waiting | null {
  const { code, kind, uncertain } = error;
  // Until somebody allows it, and others need not wait for that; where there is no room for it, it is given up.
  if (code === 'attach-refused') {
    return state.isCrowded ? null : { ...item, reason: 'failed', retryAt: now + pollLimits.refusedAttachmentsMs };
  }
  const isOwnFault = kind === 'message' || kind === 'bug' || isProven(item, error, state);
  // An issue that nobody can see stops the connection, as long as it may be made visible; it may have been deleted, too.
  const isUnseen = code === 'issue-unseen';
  const attempts = item.attempts + (isOwnFault || isUnseen ? 1 : 0);
  const missingAt = item.missingAt ?? now;
  const isPatient = isUnseen && !item.again && now - missingAt < pollLimits.unseenMs;
  const isLast = (isOwnFault || isUnseen) && !uncertain && !isPatient && attempts >= pollLimits.attempts;
  if (!isOwnFault && !(isUnseen && isLast)) state.error = error;
  if (isLast) return null;
  if (uncertain) return { ...item, reason: 'claimed', attempts, retryAt: now + graceMs, lost: (item.lost ?? 0) + 1 };
  if (isOwnFault) return { ...item, reason: 'failed', attempts, retryAt: now + pollLimits.backoffMs * 2 ** attempts };
  if (isNobodysFault(code)) return { ...item, reason: 'budget', retryAt: 0 };
  if (maySuspect(error)) return heldUp(item);
  return { ...item, reason: 'failed', attempts, retryAt: 0, ...(isUnseen && { missingAt }) };
}
