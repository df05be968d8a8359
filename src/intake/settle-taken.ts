import { type AppError, toAppError } from '../domain/app-error';
import type { AfterDownload, Connection } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import { failureOf } from '../domain/cursor-room';
import { pollLimits } from '../domain/limits';
import type { Mailbox } from '../domain/ports';
import type { BatchState } from './batch-state';
import type { IntakePorts } from './intake-ports';

/** Whether a message is not where it was once it is settled. */
export const leavesMailbox = (action: AfterDownload): boolean => action !== 'mark-read';

/** Settles what is done; returns the new warning, null to clear it, undefined when there was nothing to settle. */
export async function settleTaken(
  ports: IntakePorts,
  connection: Connection,
  mailbox: Mailbox,
  items: readonly Waiting[],
  state: BatchState,
): Promise<string | null | undefined> {
  const taken = items.flatMap((item): Waiting[] => {
    const outcome = state.outcomes.get(item.handle);
    return outcome?.kind === 'settle' ? [{ ...item, reason: 'settle', attempts: outcome.attempts }] : [];
  });
  if (taken.length === 0 || state.interrupted || state.unsettled) return undefined;
  const now = ports.now();
  const failures = new Map<string, Pick<Waiting, 'code' | 'message'>>();
  try {
    const { afterDownload, moveTo } = connection.settings;
    const handles = taken.map(({ handle }) => handle);
    let warning: string | null = null;
    for (const settled of await mailbox.settle(handles, afterDownload, moveTo)) {
      if (settled.outcome === 'refused') {
        warning = settled.message;
        failures.set(settled.handle, failureOf({ code: 'settle-refused', message: settled.message }));
      } else {
        const removed = settled.outcome === 'gone' || leavesMailbox(afterDownload);
        state.outcomes.set(settled.handle, { kind: 'settled', removed });
      }
    }
    return warning;
  } catch (thrown) {
    const error = toAppError(thrown);
    state.error ??= error;
    for (const { handle } of taken) failures.set(handle, failureOf(error));
    return taken.some(isLastTry) ? leftBehind(error) : undefined;
  } finally {
    // The issues exist and the receipts say so: a later poll settles these, or finds that it was done.
    for (const item of taken) {
      if (state.outcomes.get(item.handle)?.kind !== 'settle') continue;
      settleLater({ ...item, ...failures.get(item.handle) }, state, now);
    }
  }
}

const isLastTry = ({ attempts }: Waiting): boolean => attempts + 1 >= pollLimits.attempts;

const leftBehind = ({ message }: AppError): string =>
  `A mail that became an issue stays in the mailbox as it was: marking, moving or deleting it failed ${pollLimits.attempts} times. The last time: ${message}`;

function settleLater(item: Waiting, state: BatchState, now: number): void {
  const attempts = item.attempts + 1;
  const retryAt = now + pollLimits.backoffMs * 2 ** attempts;
  state.outcomes.set(
    item.handle,
    isLastTry(item) ? { kind: 'settled', removed: false } : { kind: 'retry', waiting: { ...item, attempts, retryAt } },
  );
}
