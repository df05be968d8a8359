import type { Cursor } from './cursor';
import type { Totals } from './totals';

/** What a look into the mailbox tells, without changing anything. */
export interface Survey {
  /** Messages in the folder; null if the server can't tell. */
  onServer: number | null;
  isExact: boolean;
  /** Flagged as deleted: left out of `onServer`, whether they were taken before or not. */
  deleted?: number | undefined;
  /** Why it is not exact, for people. */
  reason: string | null;
  /** Messages that no poll has listed yet; `isCut`: there are more. */
  unlisted: number;
  isCut: boolean;
  /** The server no longer knows the position: everything will be listed again. */
  isReset: boolean;
  /** Nothing arrived or left while it was counted. */
  isSteady: boolean;
}

/** The messages of a mailbox against what became of them. */
export interface Completeness {
  survey: Survey;
  totals: Totals;
  /** Taken, and still in the mailbox as far as we know. */
  kept: number;
  /** Listed and not finished; some may have their issue, and wait to be marked, moved or deleted. */
  waiting: number;
  /** The mailbox is being listed from its beginning again: the numbers can't add up before that is over. */
  isRelisting: boolean;
  /** All that should be in the mailbox; null if one of the numbers is not known. */
  expected: number | null;
  /** Messages in the mailbox that nothing is known of, or (negative) that are missing there; null where that can't be told. */
  difference: number | null;
}

/** Holds the numbers of a cursor against a survey of its mailbox. */
export function completeness(cursor: Cursor, survey: Survey): Completeness {
  const { totals, waiting } = cursor;
  const settling = waiting.filter(({ reason, uncounted }) => reason === 'settle' && !uncounted).length;
  const kept = Math.max(0, totals.taken - totals.removed - settling);
  const isRelisting = cursor.relisting || survey.isReset;
  const isKnown = totals.alone !== null && !survey.isCut && !isRelisting;
  // Of those the mailbox says already that they left it.
  const there = waiting.filter(({ reason }) => reason !== 'missing').length;
  const parts = kept + totals.skipped + totals.givenUp + there + survey.unlisted;
  const expected = isKnown ? (totals.alone ?? 0) + parts : null;
  const difference =
    expected === null || survey.onServer === null ? null : gapOf(survey.onServer, expected, survey.deleted);
  return { survey, totals, kept, waiting: waiting.length, isRelisting, expected, difference };
}

/** Mail that is flagged as deleted may have been taken before that, and be kept, or have been left alone: both add up. */
function gapOf(onServer: number, expected: number, deleted = 0): number {
  return expected > onServer ? Math.min(0, onServer + deleted - expected) : onServer - expected;
}
