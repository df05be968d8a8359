import type { AfterDownload } from './connection';

/**
 * What a run did with a message, in the order in which it happened.
 * - `read`: parsed. - `claimed`: no other run can take it now; `takenOver` when an earlier run had died with it.
 * - `created` an issue, or `adopted` the one that an earlier run had made before it was ended.
 * - `attached`: files that are at the issue now, and those that Jira refused.
 * - `handed-over`: to be marked, deleted or moved; that happens after the entry is written.
 * - `failed`, `given-up`: the entry's reason says why.
 */
export type StepFacts =
  | { step: 'downloaded'; bytes: number }
  | { step: 'read' }
  | { step: 'claimed'; takenOver: boolean }
  | { step: 'created' | 'adopted'; issueKey: string }
  | { step: 'attached'; files: number; refused: number }
  | { step: 'handed-over'; action: AfterDownload }
  | { step: 'failed' | 'given-up' };

/** `at` (epoch milliseconds) is when it was done; `tookMs` milliseconds passed since the step before. */
export type Step = StepFacts & { at: number; tookMs: number };

/** Steps that an entry of the activity log keeps; a run has fewer, so that only a defect could reach it. */
export const mostSteps = 12;
