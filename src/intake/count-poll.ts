import type { Cursor } from '../domain/cursor';
import type { ResultCounts } from '../domain/tally';
import type { IntakePorts } from './intake-ports';

/** A poll that is over. */
interface Poll {
  /** Epoch milliseconds. */
  startedAt: number;
  cursor: Cursor;
  results: ResultCounts;
}

/** Counts a poll in for the charts. Never throws: those are for people, and no mail waits for them. */
export async function countPoll(ports: IntakePorts, connectionId: string, poll: Poll): Promise<void> {
  const at = ports.now();
  const { startedAt, cursor, results } = poll;
  try {
    await ports.tallies.add(connectionId, { at, tookMs: at - startedAt, results, waiting: cursor.waiting.length });
  } catch (failure) {
    ports.log('warn', 'poll-not-counted', { connectionId, failure });
  }
}
