import { kvs } from '@forge/kvs';

/** The platform's largest batch. */
const batchSize = 25;

/** Values by id, in as few calls as the store allows; an id without a value is left out. */
export async function getByIds<T>(ids: readonly string[], keyOf: (id: string) => string): Promise<Map<string, T>> {
  const idByKey = new Map(ids.map((id) => [keyOf(id), id]));
  const all = [...idByKey.keys()];
  const found = new Map<string, T>();
  for (let start = 0; start < all.length; start += batchSize) {
    const items = all.slice(start, start + batchSize).map((key) => ({ key }));
    // What does not exist is named among the failed keys.
    const { successfulKeys } = await kvs.batchGet<T>(items);
    for (const { key, value } of successfulKeys) {
      const id = idByKey.get(key);
      if (id !== undefined) found.set(id, value);
    }
  }
  return found;
}
