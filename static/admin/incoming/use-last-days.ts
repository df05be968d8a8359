import { call } from '../../shared/call';
import { useQuery } from '../../shared/use-query';

/** Milliseconds between two looks: each reads what all connections have noted, so that it is seldomer than the list's. */
const refreshMs = 2 * 60_000;

const load = () => call('activity.lastDay', {});

/** Mails that each connection took in each of the last 24 hours; none while that is not known. */
export function useLastDays(): (connectionId: string) => readonly number[] {
  const { value } = useQuery(load, refreshMs);
  const days = new Map(value?.map(({ connectionId, created }) => [connectionId, created]));
  return (connectionId) => days.get(connectionId) ?? [];
}
