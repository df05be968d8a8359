import { cutText, singleLine } from './text';

/**
 * What went wrong decides what happens next (see `pollConnection`):
 * - `transient`: passes by itself; back off, honour `retryAfterMs`.
 * - `access`: needs an administrator (bad password, project gone); the connection is suspended when it lasts (`mustSuspend`).
 * - `message`: concerns one message only; it is retried, then quarantined, and never blocks those behind it.
 * - `input`: the caller's data is wrong; shown beside the field named in `field`.
 * - `bug`: ours; treated like `message`, and loud.
 */
export const errorKinds = ['transient', 'access', 'message', 'input', 'bug'] as const;
export type ErrorKind = (typeof errorKinds)[number];

export interface AppErrorOptions {
  /** Milliseconds until another try makes sense, as the other side asked for it. */
  retryAfterMs?: number | undefined;
  /** The form field that the error is about. */
  field?: string | undefined;
  /** The connection step (see `checkSteps`) that failed. */
  step?: string | undefined;
  /** The other side's own words: made one line of plain text, at most 200 characters. */
  detail?: string | undefined;
  /** True when the call may have had its effect all the same (a timeout, a 5xx after the request was sent). */
  uncertain?: boolean | undefined;
  /** What went over the wire before, line by line, without secrets; where Debug was on. */
  protocol?: readonly string[] | undefined;
  cause?: unknown;
}

/**
 * The one error class. `code` is stable and kebab-case; `message` says to an administrator what happened, why and what to
 * do; `cause` is for the log only.
 */
export class AppError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly retryAfterMs: number | undefined;
  readonly field: string | undefined;
  readonly step: string | undefined;
  readonly detail: string | undefined;
  readonly uncertain: boolean;
  readonly protocol: readonly string[] | undefined;

  constructor(code: string, kind: ErrorKind, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.field = options.field;
    this.step = options.step;
    this.detail = options.detail === undefined ? undefined : cutText(singleLine(options.detail), 200);
    this.uncertain = options.uncertain ?? false;
    this.protocol = options.protocol;
  }
}

/** Any thrown value as an `AppError`; what is not one already is a bug of ours. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError('unexpected', 'bug', 'Something unexpected happened in Letterbox. The log has the details.', {
    cause: thrown,
  });
}

/**
 * Whether the platform has to ask the user for consent first. Its error has to reach the platform as it is, which asks then and
 * calls again (FORGE.md §5).
 */
export const isConsentError = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === 'NEEDS_AUTHENTICATION_ERR';
