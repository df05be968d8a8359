import type { ActivityEntry, ActivityResult } from './activity';

/** What to list; everything that is absent does not narrow it. */
export interface ActivityQuery {
  connectionId?: string | undefined;
  result?: ActivityResult | undefined;
  /** Epoch milliseconds, both ends included. */
  from?: number | undefined;
  to?: number | undefined;
  /** Words, see `matchesText`. */
  text?: string | undefined;
  /** Where the page before this one ended. */
  cursor?: string | undefined;
}

export interface ActivityPage {
  /** Newest first. Empty only at the end, or when a search for text looked through many entries and found none. */
  entries: ActivityEntry[];
  /** Null at the end. */
  cursor: string | null;
  /** Epoch milliseconds back to which a search for text has looked; null at the end, or without a text. */
  searchedUntil: number | null;
}

/** The activity log: one entry for each message. */
export interface Activity {
  /** Writes entries over those with the same ids; ids must differ. Those that are older than entries are kept are left out. */
  record(entries: readonly ActivityEntry[]): Promise<void>;
  get(id: string): Promise<ActivityEntry | null>;
  getMany(ids: readonly string[]): Promise<Map<string, ActivityEntry>>;
  list(query: ActivityQuery): Promise<ActivityPage>;
  remove(ids: readonly string[]): Promise<void>;
  /** Days that entries of mail are kept and listed; changes of settings are for a year. */
  keptDays(): Promise<number>;
  /** Holds for new entries; those that are there are listed no longer than this, and no longer than was said when they came. */
  keepDays(days: number): Promise<void>;
}
