import { toAppError } from '../domain/app-error';
import type { AfterDownload, Connection } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
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
  const attemptsOf = new Map<string, number>();
  for (const [handle, outcome] of state.outcomes)
    if (outcome.kind === 'settle') attemptsOf.set(handle, outcome.attempts);
  if (attemptsOf.size === 0 || state.interrupted || state.unsettled) return undefined;
  const now = ports.now();
  const failed = (handle: string) => {
    const attempts = (attemptsOf.get(handle) ?? 0) + 1;
    const item = items.find((one) => one.handle === handle);
    if (item === undefined || attempts >= pollLimits.attempts)
      state.outcomes.set(handle, { kind: 'settled', removed: false });
    else {
      const waiting: Waiting = {
        ...item,
        reason: 'settle',
        attempts,
        retryAt: now + pollLimits.backoffMs * 2 ** attempts,
      };
      state.outcomes.set(handle, { kind: 'retry', waiting });
    }
  };
  try {
    const { afterDownload, moveTo } = connection.settings;
    let warning: string | null = null;
    for (const settled of await mailbox.settle([...attemptsOf.keys()], afterDownload, moveTo)) {
      if (settled.outcome === 'refused') warning = settled.message;
      else {
        const removed = settled.outcome === 'gone' || leavesMailbox(afterDownload);
        state.outcomes.set(settled.handle, { kind: 'settled', removed });
      }
    }
    return warning;
  } catch (thrown) {
    state.error ??= toAppError(thrown);
    return undefined;
  } finally {
    // The issues exist and the receipts say so: a later poll settles these, or finds that it was done.
    for (const handle of attemptsOf.keys()) if (state.outcomes.get(handle)?.kind === 'settle') failed(handle);
  }
}
