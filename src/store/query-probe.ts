import { kvs, WhereConditions } from '@forge/kvs';
import type { QueryProbe } from '../domain/diagnosis';
import { withStoreErrors } from './api-error';
import { keys } from './keys';

/** A run that is ended before it could remove its record leaves it until then. */
const ttl = { unit: 'HOURS', value: 1 } as const;

/** Records with a key of their own, which nothing else lists. */
export function queryProbe(): QueryProbe {
  return withStoreErrors({
    write: async (id) => {
      await kvs.set(keys.queryProbe(id), true, { ttl });
    },
    lists: async (id) => {
      const key = keys.queryProbe(id);
      const { results } = await kvs.query().where('key', WhereConditions.beginsWith(key)).limit(1).getMany();
      return results.length > 0;
    },
    remove: async (id) => kvs.delete(keys.queryProbe(id)),
  });
}
