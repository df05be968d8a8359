import { Filter, FilterConditions, kvs } from '@forge/kvs';
import type { ActivityEntry } from '../domain/activity';
import type { AccountRecord, ReportTime, StoredAccounts } from '../domain/stored-accounts';
import { daysOf, type Stored } from './activity';
import { withStoreErrors, writtenIf } from './api-error';
import { keys } from './keys';

/** The platform's largest page of an entity query. */
const pageSize = 100;
const dayMs = 86_400_000;
/** Results of entries that say who brought them about. */
const named = ['changed', 'dismissed'] as const;
const entityName = keys.activityEntity;

/**
 * The activity log, which names whoever changed a setting or dismissed a mail.
 * @param keptDays days that entries of mail are kept @param now epoch milliseconds
 */
export function activityAccounts(keptDays: () => Promise<number>, now: () => number): StoredAccounts {
  const entity = kvs.entity<Stored>(entityName);
  return withStoreErrors({
    page: async (from) => {
      const [, index = '0', cursor = ''] = /^(\d+):(.*)$/s.exec(from ?? '') ?? [];
      const query = entity
        .query()
        .index('by-result', { partition: [named[Number(index)] ?? named[0]] })
        .limit(pageSize);
      if (cursor !== '') query.cursor(cursor);
      const { results, nextCursor } = await query.getMany();
      const following = Number(index) + 1;
      const next =
        nextCursor !== undefined ? `${index}:${nextCursor}` : following < named.length ? `${following}:` : null;
      return { records: results.flatMap(({ value }) => recordOf(value.entry)), next };
    },
    erase: async ({ id, accountId }) => {
      const stored = await entity.get(id);
      if (stored === undefined || stored.entry.by !== accountId) return;
      const value: Stored = { ...stored, entry: { ...stored.entry, by: null } };
      // It goes away when it would have.
      const end = stored.at + daysOf(stored.entry, await keptDays()) * dayMs;
      const ttl = { value: Math.max(1, Math.ceil((end - now()) / dayMs)), unit: 'DAYS' as const };
      const conditions = new Filter<Stored>().and('at', FilterConditions.equalTo(stored.at));
      await writtenIf({
        write: () => kvs.transact().set(id, value, { entityName, conditions }, { ttl }).execute(),
        read: () => entity.get(id),
        expects: (now) => now?.at === stored.at,
        written: value,
      });
    },
  });
}

const recordOf = ({ id, by, at }: ActivityEntry): AccountRecord[] =>
  typeof by === 'string' ? [{ id, accountId: by, at }] : [];

export function reportTimeStore(): ReportTime {
  return withStoreErrors({
    get: async () => (await kvs.get<number>(keys.accountsReported)) ?? null,
    put: async (at) => kvs.set(keys.accountsReported, at),
  });
}
