import { type AppError, toAppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import { jiraQuotaCode, jiraQuotaSpent, quotaHourMs } from '../domain/jira-quota';
import { pollLimits } from '../domain/limits';
import type { Mailbox } from '../domain/ports';
import type { BatchState } from './batch-state';
import { downloadOf } from './download';
import type { IntakePorts } from './intake-ports';
import { refuseTooLarge, retryWithheld, setAside, waitOrGone, waitUnread } from './set-aside';
import { heldUp, isProven, maySuspect } from './suspects';
import { takeItem } from './take-item';
import { takeKnown } from './take-known';
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
  const unknown = await takeKnown(ports, connection, toFetch, state);
  if (toFetch.size === 0 || state.error !== null || state.interrupted) return;
  const paused = await jiraPaused(ports);
  if (paused !== null) {
    state.error = paused;
    return;
  }
  try {
    let asked = ports.now();
    for await (const fetched of mailbox.fetch([...toFetch.keys()], maxBytes)) {
      const item = toFetch.get(fetched.handle);
      if (item === undefined) continue;
      if (fetched.outcome === 'gone') waitOrGone(ports, connection, item, state);
      else if (fetched.outcome === 'too-large') {
        // The next batch gives it up: its envelope can't be asked for while a mailbox that lets in one at a time is read.
        const waiting = { ...item, size: Math.max(fetched.size, maxBytes + 1) };
        state.outcomes.set(item.handle, { kind: 'retry', waiting });
      } else {
        const trace = traceFrom(asked, ports.now);
        const download = downloadOf(ports.parseMessage, connection, item.handle, fetched.raw, trace);
        await takeItem(ports, connection, item, download, unknown.has(item.handle), state);
        asked = ports.now();
      }
      await notePause(ports, state);
      if (state.error !== null || state.interrupted || ports.remainingMs() < pollLimits.reserveMs) return;
    }
    for (const [handle, item] of toFetch)
      if (!state.outcomes.has(handle)) await retryWithheld(ports, connection, mailbox, item, state);
  } catch (thrown) {
    const item = [...toFetch.values()].find(({ handle }) => !state.outcomes.has(handle));
    blame(ports, connection, item, toAppError(thrown), state);
  }
}

/** Why nothing is asked of Jira now, as another poll was told; null where it may be asked. What can't be read keeps nobody waiting. */
async function jiraPaused(ports: IntakePorts): Promise<AppError | null> {
  const now = ports.now();
  const until = await ports.jiraPause.until().catch(() => 0);
  // No quota is spent for longer than that, whatever was noted.
  const isPaused = until > now && until - now <= quotaHourMs;
  return isPaused ? jiraQuotaSpent(until, now) : null;
}

/** Tells the other polls of a quota that is spent. Where that fails each of them asks Jira once. */
async function notePause(ports: IntakePorts, { error }: BatchState): Promise<void> {
  if (error?.code !== jiraQuotaCode) return;
  await ports.jiraPause
    .pause(ports.now() + (error.retryAfterMs ?? quotaHourMs))
    .catch((failure) => ports.log('warn', 'jira-pause-not-noted', { failure }));
}

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
  if (state.error !== null) waitUnread(ports, connection, heldUp(item), error, state);
  else if (attempts >= pollLimits.attempts)
    setAside(ports, connection, item, { code: error.code, reason: error.message }, state);
  else {
    const retryAt = ports.now() + pollLimits.backoffMs * 2 ** attempts;
    waitUnread(ports, connection, { ...item, reason: 'failed', attempts, retryAt }, error, state);
  }
}
