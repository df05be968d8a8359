import { Filter, FilterConditions, kvs } from '@forge/kvs';
import { type Cursor, readCursor, type StoredCursor } from '../domain/cursor';
import { overtaken } from '../domain/cursor-change';
import type { Cursors } from '../domain/ports';
import { withStoreErrors, writtenIf } from './api-error';
import { getByIds } from './get-by-ids';
import { keys } from './keys';

/** As stored: a custom entity, since only those are saved under a condition. */
export interface StoredCursorEntity {
  revision: number;
  cursor: StoredCursor;
}

/** @param now epoch milliseconds */
export function cursorStore(now: () => number): Cursors {
  const entity = kvs.entity<StoredCursorEntity>(keys.cursorEntity);
  const read = (stored: StoredCursor) => readCursor(stored, now());

  async function get(connectionId: string): Promise<Cursor | null> {
    const stored = await entity.get(connectionId);
    if (stored !== undefined) return read(stored.cursor);
    // Earlier versions kept it under a plain key.
    const old = await kvs.get<StoredCursor>(keys.cursor(connectionId));
    return old === undefined ? null : read(old);
  }

  async function put(connectionId: string, cursor: Cursor): Promise<Cursor> {
    const saved = { ...cursor, revision: cursor.revision + 1 };
    const stored = { revision: saved.revision, cursor: saved };
    const conditions = new Filter<StoredCursorEntity>().and('revision', FilterConditions.equalTo(cursor.revision));
    const isWritten = await writtenIf({
      write: () =>
        cursor.revision === 0
          ? entity.set(connectionId, stored, { keyPolicy: 'FAIL_IF_EXISTS' })
          : kvs.transact().set(connectionId, stored, { entityName: keys.cursorEntity, conditions }).execute(),
      read: () => entity.get(connectionId),
      expects: (now) => (now?.revision ?? 0) === cursor.revision,
    });
    if (!isWritten) throw overtaken();
    return saved;
  }

  async function getMany(connectionIds: readonly string[]): Promise<Map<string, Cursor>> {
    const stored = await getByIds<StoredCursorEntity>(connectionIds, (id) => id, keys.cursorEntity);
    const found = new Map([...stored].map(([id, value]) => [id, read(value.cursor)]));
    const others = connectionIds.filter((id) => !found.has(id));
    for (const [id, old] of await getByIds<StoredCursor>(others, keys.cursor)) found.set(id, read(old));
    return found;
  }

  return withStoreErrors({
    get,
    getMany,
    put,
    remove: async (connectionId) => {
      await entity.delete(connectionId);
      await kvs.delete(keys.cursor(connectionId));
    },
  });
}
