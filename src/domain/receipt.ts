/** Names one message of one connection for ever: `<connection id>:<fingerprint>`. Its issue carries it as a property. */
export type Origin = string;

/**
 * What is known of a message that was claimed.
 * - `claimed`: somebody is creating the issue, or died while doing so.
 * - `created`: the issue exists, its attachments perhaps not all. `paused` when the run that did it is over and said so,
 *   so that the next one need not wait; `noted` when the comment about attachments that Jira refused was begun.
 * - `done`: nothing is left to do but to settle the message in the mailbox.
 * - `skipped`: becomes no issue; it stays in the mailbox as it is, and is not looked at again.
 * - `quarantined`: given up `at` (epoch milliseconds), which tells one giving up from the next; an administrator decides.
 */
export type Receipt =
  | { state: 'claimed' }
  | { state: 'created'; issueKey: string; paused: boolean; noted: boolean }
  | { state: 'done'; issueKey: string }
  | { state: 'skipped'; code: string; reason: string }
  | { state: 'quarantined'; code: string; reason: string; at?: number | undefined };
