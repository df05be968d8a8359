import { kvs } from '@forge/kvs';
import type { Bucket, PollFacts, ResultCounts, Tally } from '../domain/tally';
import { addPoll, tallyDays } from '../domain/tally';
import type { Tallies } from '../domain/tally-port';
import { withStoreErrors } from './api-error';
import { getByIds } from './get-by-ids';
import { keys } from './keys';

/** As stored, one short row for each bucket: a busy connection's tally is written with each of its polls. */
interface Stored {
  hours: Row[];
  quarters: Row[];
}
/** Times in hours since 1970. */
type Row = [hour: number, polls: number, pollMs: number, longestMs: number, waiting: number, results: ResultCounts];

const hourMs = 3_600_000;
/** A tally whose connection is no longer polled vanishes by itself. */
const ttl = { value: tallyDays + 1, unit: 'DAYS' } as const;

export function tallyStore(): Tallies {
  return withStoreErrors({
    add,
    getMany: async (connectionIds: readonly string[]) => {
      const stored = await getByIds<Stored>(connectionIds, keys.tally);
      return new Map([...stored].map(([id, value]) => [id, tallyOf(value)]));
    },
    remove: async (connectionId: string) => kvs.delete(keys.tally(connectionId)),
  });
}

async function add(connectionId: string, facts: PollFacts): Promise<void> {
  const stored = await kvs.get<Stored>(keys.tally(connectionId));
  const { hours, quarters } = addPoll(stored === undefined ? null : tallyOf(stored), facts);
  const next: Stored = { hours: hours.map(asRow), quarters: quarters.map(asRow) };
  await kvs.set(keys.tally(connectionId), next, { ttl });
}

const tallyOf = ({ hours, quarters }: Stored): Tally => ({
  hours: hours.map(asBucket),
  quarters: quarters.map(asBucket),
});

const asRow = ({ at, polls, pollMs, longestMs, waiting, results }: Bucket): Row => [
  at / hourMs,
  polls,
  pollMs,
  longestMs,
  waiting,
  results,
];

const asBucket = ([hour, polls, pollMs, longestMs, waiting, results]: Row): Bucket => ({
  at: hour * hourMs,
  polls,
  pollMs,
  longestMs,
  waiting,
  results,
});
