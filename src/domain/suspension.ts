import type { AppError } from './app-error';
import { secretRefused } from './credential';
import type { Trouble } from './cursor';

/** When access that is refused suspends a connection: servers refuse a right password for a while too. */

/** Refusals in a row, and how long (ms) they must last, before a connection is suspended. */
const maxRefusals = 3;
const refusedForMs = 10 * 60_000;
/** Milliseconds between two tries, whatever the interval of the connection is. */
export const refusedAgainMs = 5 * 60_000;

/** Refusals that another try can't change: nobody is there, nothing was given to sign in with, or it was taken back. */
const finalCodes: ReadonlySet<string> = new Set([
  'account-disabled',
  'mailbox-unavailable',
  'no-mailbox',
  'password-missing',
  'credential-missing',
  'authorization-missing',
  'authorization-expired',
  'refresh-token-missing',
  'consent-missing',
  'scope-missing',
  secretRefused,
]);

/** Polls in a row to which access was refused. */
export interface Refusals {
  /** Epoch milliseconds of the first. */
  since: number;
  tries: number;
  /** The mailbox let us in, and what refused was Jira. */
  reached: boolean;
}

/**
 * The refusals after a poll that failed; undefined when there is none. What failed before the mailbox was reached says nothing
 * of the access, and leaves them as they are.
 * @param reached the mailbox let us in @param now epoch milliseconds
 */
export function refusalsAfter(
  before: Trouble | null,
  { kind }: Pick<AppError, 'kind'>,
  reached: boolean,
  now: number,
): Refusals | undefined {
  const last = before?.refused;
  if (kind !== 'access') return reached ? undefined : last;
  return last?.reached === reached ? { ...last, tries: last.tries + 1 } : { since: now, tries: 1, reached };
}

/** Whether a connection is suspended by a refusal. @param now epoch milliseconds */
export function mustSuspend({ code }: Pick<AppError, 'code'>, { since, tries }: Refusals, now: number): boolean {
  return finalCodes.has(code) || (tries >= maxRefusals && now - since >= refusedForMs);
}

/** When access is tried next: five and ten minutes after the first refusal, and every five minutes from there. */
export function nextTryAfter({ since }: Refusals, now: number): number {
  return since + (Math.floor((now - since) / refusedAgainMs) + 1) * refusedAgainMs;
}
