import { kvs } from '@forge/kvs';
import { inBatches } from './batches';

/** Batches that are read at the same time: a page waits for what a thousand connections have. */
const parallel = 4;

/**
 * Values by id, in as few calls as the store allows; an id without a value is left out.
 * @param entityName of a custom entity; without it they are plain keys.
 */
export async function getByIds<T>(
  ids: readonly string[],
  keyOf: (id: string) => string,
  entityName?: string,
): Promise<Map<string, T>> {
  const idByKey = new Map(ids.map((id) => [keyOf(id), id]));
  const found = new Map<string, T>();
  const waiting = inBatches([...idByKey.keys()]);
  const worker = async () => {
    for (let keys = waiting.shift(); keys !== undefined; keys = waiting.shift()) {
      // What does not exist is named among the failed keys.
      const items = keys.map((key) => ({ key, ...(entityName !== undefined && { entityName }) }));
      const { successfulKeys } = await kvs.batchGet<T>(items);
      for (const { key, value } of successfulKeys) {
        const id = idByKey.get(key);
        if (id !== undefined) found.set(id, value);
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return found;
}
