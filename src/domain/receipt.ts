/** Names one message of one connection for ever: `<connection id>:<fingerprint>`. Its issue carries it as a property. */
export type Origin = string;

/**
 * What is known of a message that was claimed.
 * - `claimed`: somebody is creating the issue, or died while doing so.
 * - `created`: the issue exists, its attachments perhaps not all. `paused` when the run that did it is over and said so,
 *   so that the next one need not wait; `noted` when the comment about attachments that Jira refused was begun; `seen` when
 *   the issue was read back: only then "not found" means that somebody deleted it.
 * - `done`: nothing is left to do but to settle the message in the mailbox.
 * - `skipped`: becomes no issue; it stays in the mailbox as it is, and is not looked at again.
 * - `quarantined`: given up `at` (epoch milliseconds), which tells one giving up from the next; an administrator decides.
 *   `issue` is there when its issue was made before.
 */
export type Receipt =
  | { state: 'claimed' }
  | Created
  | { state: 'done'; issueKey: string }
  | { state: 'skipped'; code: string; reason: string }
  | {
      state: 'quarantined';
      code: string;
      reason: string;
      at?: number | undefined;
      issue?: Pick<Created, 'issueKey' | 'noted' | 'seen'> | undefined;
    };

export interface Created {
  state: 'created';
  issueKey: string;
  paused: boolean;
  noted: boolean;
  /** Absent in receipts of earlier versions. */
  seen?: boolean | undefined;
}

/** A receipt as the store has it; its times come from the store's own timestamps, never from this process's clock. */
export interface Known {
  receipt: Receipt;
  /** Milliseconds since it was written; 0 where nothing depends on that any more. */
  ageMs: number;
  /** Epoch milliseconds at which it was written. */
  notedAt: number;
  /** Epoch milliseconds at which the store forgets it; null if it did not tell. */
  endsAt: number | null;
}

/** Whether no run has anything to do with the message but to settle it. */
export const isOver = ({ state }: Receipt): boolean =>
  state === 'done' || state === 'skipped' || state === 'quarantined';
