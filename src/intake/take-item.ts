import type { ActivityEntry } from '../domain/activity';
import { toAppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import { failureOf } from '../domain/cursor-room';
import { graceMs, pollLimits } from '../domain/limits';
import type { BatchState } from './batch-state';
import type { Download } from './download';
import type { IntakePorts } from './intake-ports';
import { noteOn } from './note-activity';
import { heldUp, isProven, maySuspect } from './suspects';
import { giveUp, takeMessage } from './take-message';

type NotedOutcome = Pick<ActivityEntry, 'result'> & Partial<Pick<ActivityEntry, 'issueKey' | 'code' | 'reason'>>;
const untold = { issueKey: null, code: null, reason: null };

/** Takes one message that was downloaded, or says why it waits. Never throws. */
export async function takeItem(
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
  const retry = (reason: Waiting['reason'], attempts: number, retryAt: number) =>
    state.outcomes.set(item.handle, { kind: 'retry', waiting: { ...item, reason, attempts, retryAt } });
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
    const { code, message: reason } = error;
    const wait = async (waiting: Waiting) => {
      trace.add({ step: 'failed' });
      const failed = { ...waiting, ...failureOf(error), entryId: download.origin };
      state.outcomes.set(item.handle, { kind: 'retry', waiting: failed });
      // What holds up others is met in each poll, and said once.
      const isNoted = item.entryId !== undefined && item.code === failed.code;
      if (isOwnFault || !isNoted) await note({ result: 'failed', code, reason });
    };
    if (!isOwnFault) state.error = error;
    if (error.uncertain) return await wait({ ...item, reason: 'claimed', attempts, retryAt: now + graceMs });
    if (error.code === 'out-of-time') {
      return void state.outcomes.set(item.handle, {
        kind: 'retry',
        waiting: { ...item, reason: 'budget', retryAt: 0 },
      });
    }
    if (!isOwnFault) return await wait(maySuspect(error) ? heldUp(item) : { ...item, reason: 'failed', retryAt: 0 });
    if (attempts < pollLimits.attempts) {
      return await wait({ ...item, reason: 'failed', attempts, retryAt: now + pollLimits.backoffMs * 2 ** attempts });
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
