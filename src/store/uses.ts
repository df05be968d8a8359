import { kvs } from '@forge/kvs';
import type { RecentUses } from '../domain/users';
import { withStoreErrors } from './api-error';
import { keys } from './keys';

/** Who chose something, and when by the clock of the machine (epoch milliseconds). */
interface Use {
  by: string;
  at: number;
}

/** Longer than any query is behind: the diagnosis of a site whose queries are later than that would say so (milliseconds). */
const recentMs = 10 * 60_000;
const ttl = { value: 1, unit: 'HOURS' } as const;
/** More than anybody chooses one thing for within ten minutes by hand. */
const maxKept = 200;

/** Notes a choice before it is saved. Two at the very same time may lose one of the notes, which the list shows in seconds. */
export async function noteUse(usedId: string, by: string): Promise<void> {
  const at = Date.now();
  const known = (await kvs.get<Use[]>(keys.use(usedId))) ?? [];
  const others = known.filter((use) => use.by !== by && at - use.at < recentMs);
  await kvs.set(keys.use(usedId), [...others, { by, at }].slice(-maxKept), { ttl });
}

export const { recentUses } = withStoreErrors<{ recentUses: RecentUses }>({
  recentUses: async (usedId) => {
    const known = (await kvs.get<Use[]>(keys.use(usedId))) ?? [];
    return known.filter(({ at }) => Date.now() - at < recentMs).map(({ by }) => by);
  },
});
