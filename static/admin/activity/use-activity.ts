import { useCallback, useState } from 'react';
import type { Payload, Values } from '../../../src/resolvers/contract';
import { call, type PageError } from '../../shared/call';
import { useQuery } from '../../shared/use-query';

export type ActivityPage = Values['activity.list'];
export type ActivityQuery = Omit<Payload<'activity.list'>, 'cursor'>;

/** Milliseconds between two looks at the newest entries; the second while something was asked for. */
const refreshMs = 10_000;
const refreshWhileWaitingMs = 1_500;

export interface ActivityList {
  /** Null until the first page came. */
  entries: ActivityPage['entries'] | null;
  cursor: string | null;
  searchedUntil: number | null;
  error: PageError | null;
  reload: () => Promise<void>;
  /** @throws PageError */
  more: () => Promise<void>;
}

/**
 * The pages of a query that were loaded so far. The newest page is kept fresh only while it is the only one: further pages
 * begin where it ended.
 */
export function useActivity(query: ActivityQuery, isWaiting: boolean): ActivityList {
  const [older, setOlder] = useState<ActivityPage[]>([]);
  const load = useCallback(() => call('activity.list', query), [query]);
  const waitMs = isWaiting ? refreshWhileWaitingMs : refreshMs;
  const newest = useQuery(load, older.length === 0 ? waitMs : undefined);
  const last = older.at(-1) ?? newest.value;

  return {
    entries: newest.value === null ? null : [newest.value, ...older].flatMap(({ entries }) => entries),
    cursor: last?.cursor ?? null,
    searchedUntil: last?.searchedUntil ?? null,
    error: newest.error,
    reload: async () => {
      setOlder([]);
      await newest.reload();
    },
    more: async () => {
      if (last?.cursor == null) return;
      const page = await call('activity.list', { ...query, cursor: last.cursor });
      setOlder((before) => [...before, page]);
    },
  };
}
