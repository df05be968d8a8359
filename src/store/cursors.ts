import { kvs } from '@forge/kvs';
import type { Cursor } from '../domain/cursor';
import type { Cursors } from '../domain/ports';
import { withStoreErrors } from './api-error';
import { keys } from './keys';

/** The platform's largest batch. */
const batchSize = 25;

export function cursorStore(): Cursors {
  return withStoreErrors({
    get: async (connectionId) => (await kvs.get<Cursor>(keys.cursor(connectionId))) ?? null,
    getMany,
    put: async (connectionId, cursor) => kvs.set(keys.cursor(connectionId), cursor),
    remove: async (connectionId) => kvs.delete(keys.cursor(connectionId)),
  });
}

async function getMany(connectionIds: readonly string[]): Promise<Map<string, Cursor>> {
  const idByKey = new Map(connectionIds.map((id) => [keys.cursor(id), id]));
  const all = [...idByKey.keys()];
  const found = new Map<string, Cursor>();
  for (let start = 0; start < all.length; start += batchSize) {
    const items = all.slice(start, start + batchSize).map((key) => ({ key }));
    // A connection that was never polled has none: the batch names it among the failed keys.
    const { successfulKeys } = await kvs.batchGet<Cursor>(items);
    for (const { key, value } of successfulKeys) {
      const id = idByKey.get(key);
      if (id !== undefined) found.set(id, value);
    }
  }
  return found;
}
