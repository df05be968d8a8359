import { kvs } from '@forge/kvs';
import type { Cursor } from '../domain/cursor';
import type { Cursors } from '../domain/ports';
import { withStoreErrors } from './api-error';
import { getByIds } from './get-by-ids';
import { keys } from './keys';

export function cursorStore(): Cursors {
  return withStoreErrors({
    get: async (connectionId) => (await kvs.get<Cursor>(keys.cursor(connectionId))) ?? null,
    getMany: (connectionIds) => getByIds<Cursor>(connectionIds, keys.cursor),
    put: async (connectionId, cursor) => kvs.set(keys.cursor(connectionId), cursor),
    remove: async (connectionId) => kvs.delete(keys.cursor(connectionId)),
  });
}
