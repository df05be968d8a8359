import type { Clock } from '../clock';
import { createKvsStore, type KvsRecord, type KvsStore, type StoreJournal } from './kvs-store';

/** What queries answer from: the store as it was some time ago, since only `get` is consistent (FORGE.md §4). */
export interface QueryLag {
  /** The journal of the store that is behind. */
  follow(journal: StoreJournal): StoreJournal;
  /** Begins with what the journal had. */
  begin(records: Iterable<KvsRecord>): void;
  /** The store as queries see it now. */
  queried(): KvsStore;
}

/** @param lagMs how far behind queries are */
export function createQueryLag(clock: Clock, lagMs: number, removalLagMs: number): QueryLag {
  const behind = createKvsStore(clock, { append: () => undefined }, removalLagMs);
  const coming: { at: number; records: readonly KvsRecord[] }[] = [];
  return {
    follow: ({ append }) => ({
      append: (record) => {
        append(record);
        coming.push({ at: clock.now() + lagMs, records: record.records });
      },
    }),
    begin: (records) => {
      for (const record of records) behind.restore(record);
    },
    queried: () => {
      while (coming[0] !== undefined && coming[0].at <= clock.now()) {
        for (const record of coming.shift()?.records ?? []) behind.restore(record);
      }
      return behind;
    },
  };
}
