/** Names one message of one connection for ever: `<connection id>:<fingerprint>`. The issue carries it as a property. */
export type Origin = string;

/**
 * What is known of a message that was claimed.
 * - `claimed`: somebody is creating the issue, or died while doing so.
 * - `created`: the issue exists; `attached` names the steps after it that are done.
 * - `done`: nothing is left to do but to settle the message in the mailbox.
 * - `quarantined`: given up; an administrator decides.
 */
export type Receipt =
  | { state: 'claimed' }
  | { state: 'created'; issueKey: string; attached: number }
  | { state: 'done'; issueKey: string }
  | { state: 'quarantined'; code: string; reason: string };
