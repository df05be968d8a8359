import type { PollFacts, Tally } from './tally';

/** What the polls of each connection came to, for charts. */
export interface Tallies {
  /** Counts one poll in; one write, whatever the poll did. Two runs at once may lose one of the two: these are for people. */
  add(connectionId: string, facts: PollFacts): Promise<void>;
  /** Those of many connections; who was never polled has none. */
  getMany(connectionIds: readonly string[]): Promise<Map<string, Tally>>;
  remove(connectionId: string): Promise<void>;
}
