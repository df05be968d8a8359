import type { AppError } from '../domain/app-error';
import type { Waiting } from '../domain/cursor';
import type { Note } from './note-activity';

/** What became of one message of the batch; `retry` keeps it waiting. */
export type Outcome =
  | { kind: 'finished' }
  | { kind: 'skipped' }
  | { kind: 'settle'; attempts: number }
  | { kind: 'retry'; waiting: Waiting }
  | { kind: 'quarantined'; code: string; reason: string };

/** What a batch has come to. */
export interface BatchState {
  outcomes: Map<string, Outcome>;
  notes: Note[];
  interrupted: boolean;
  error: AppError | null;
}
