import type { AppError } from '../domain/app-error';
import type { Waiting } from '../domain/cursor';
import type { Note } from './note-activity';

/** What became of one message of the batch; `retry` keeps it waiting. */
export type Outcome =
  /** It left the mailbox before it could be taken. */
  | { kind: 'gone' }
  | { kind: 'skipped' }
  /** It has its issue, and nothing is left to do. `removed`: it is not in the mailbox any more. */
  | { kind: 'settled'; removed: boolean }
  /** It has its issue; marking, moving or deleting it is next. */
  | { kind: 'settle'; attempts: number }
  | { kind: 'retry'; waiting: Waiting }
  /** `dismissed`: an administrator had decided to leave it. */
  | { kind: 'quarantined'; code: string; reason: string; entryId: string; dismissed?: boolean | undefined };

/** What a batch has come to. */
export interface BatchState {
  outcomes: Map<string, Outcome>;
  notes: Note[];
  interrupted: boolean;
  /** What was taken could not be noted: nothing may leave the mailbox now. */
  unsettled?: boolean;
  error: AppError | null;
  /** Another message was taken in the same run: what fails now is not the server's or Jira's fault. */
  hasWorked: boolean;
  /** So much waits that nothing new is listed: what could wait for long is given up instead. */
  isCrowded: boolean;
}
