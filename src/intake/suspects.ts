import type { AppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import type { Cursor, Waiting } from '../domain/cursor';
import { pollLimits } from '../domain/limits';
import type { BatchState } from './batch-state';

/**
 * A run may be ended by the platform in the middle of a message: too little memory or time for it, perhaps each time that it
 * is touched. Nothing that such a run would count is kept, so that what may have ended one is taken last, alone, and its try
 * is counted before it is made. That needs to be known: the platform delivers the event of a run that it ended once more, and
 * says why. Where it does not come, only silence tells, and an idle poll is silent too, for as long as `heartbeatMs`: an idle
 * poll that said more would be a write in each of them.
 */

/** Whether a message may be what ended an earlier run. */
export const isSuspect = ({ alone, reason }: Waiting): boolean => alone === true || reason === 'claimed';

/** Whether it was tried often enough. */
export const isWornOut = ({ attempts }: Waiting): boolean => attempts >= pollLimits.attempts;

/** Runs that an error may end at the same message before it is a suspect: it holds up all that is behind it. */
const patience = 3;

/** Whether an error that should pass by itself may be the message's all the same: nobody asked for time. */
export const maySuspect = ({ kind, code, retryAfterMs }: AppError): boolean =>
  kind === 'transient' && code !== 'out-of-time' && retryAfterMs === undefined;

/** Whether an error is a message's own although it should pass by itself: others go through, and this one fails alone. */
export const isProven = (item: Waiting, error: AppError, { hasWorked }: BatchState): boolean =>
  hasWorked && isSuspect(item) && maySuspect(error);

/** A message at which such an error ended a run: it is next again, until it is a suspect, which others need not wait for. */
export function heldUp(item: Waiting): Waiting {
  const failures = (item.failures ?? 0) + 1;
  return { ...item, reason: 'failed', failures, retryAt: 0, ...(failures >= patience && { alone: true }) };
}

/** The cursor that is kept while a suspect is tried: where that ends the run, this is what is left of it. */
export function whileTried(cursor: Cursor, { handle }: Waiting, now: number): Cursor {
  const tried = (one: Waiting): Waiting => ({
    ...one,
    attempts: one.attempts + 1,
    retryAt: now + pollLimits.backoffMs * 2 ** one.attempts,
  });
  return { ...cursor, waiting: cursor.waiting.map((one) => (one.handle === handle ? tried(one) : one)) };
}

/** Makes suspects of all the messages of a batch, instead of taking them. */
export function suspectAll(items: readonly Waiting[], state: BatchState): void {
  for (const item of items) {
    state.outcomes.set(item.handle, { kind: 'retry', waiting: { ...item, alone: true } });
  }
}

/**
 * Whether no run has left a mark for longer than any that is left to its end: they may all have been ended by the same
 * message, before one could say which.
 * @param now epoch milliseconds
 */
export function seemsEnded({ updatedAt, settings }: Connection, cursor: Cursor, now: number): boolean {
  const lastSeen = Math.max(cursor.polledAt ?? 0, cursor.trouble?.notBefore ?? 0, updatedAt);
  return now - lastSeen > pollLimits.heartbeatMs + 2 * settings.intervalMinutes * 60_000;
}

export const wornOut = {
  code: 'mail-ends-runs',
  reason:
    'Each time that Letterbox touched this mail, the platform ended it in the middle, most likely because the mail needs more memory or time than there is. It may have become an issue all the same; if you reprocess it, Letterbox goes on with that one.',
  /** Where its issue is there, and only marking, moving or deleting it ends runs. */
  warning:
    'A mail that became an issue stays in the mailbox as it was: each time that Letterbox tried to mark, move or delete it, the platform ended it in the middle.',
} as const;
