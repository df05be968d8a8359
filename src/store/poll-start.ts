import { kvs } from '@forge/kvs';
import type { Connection } from '../domain/connection';
import { readCursor } from '../domain/cursor';
import type { Connections, Cursors, ReadPollStart } from '../domain/ports';
import { withStoreErrors } from './api-error';
import { laterFields } from './connections';
import type { StoredCursorEntity } from './cursors';
import { entityOf, type Stored } from './entities';
import { keys } from './keys';

/**
 * Reads a connection and its cursor together: a thousand mailboxes are polled each minute, and the platform counts reads. What
 * the batch leaves out is read by itself, since it may be missing or only could not be read.
 * @param now epoch milliseconds
 */
export function pollStartReader(connections: Connections, cursors: Cursors, now: () => number): ReadPollStart {
  const { read } = withStoreErrors({
    read: async (id: string) => {
      const both = [
        { key: id, entityName: keys.connectionEntity },
        { key: id, entityName: keys.cursorEntity },
      ];
      const { successfulKeys } = await kvs.batchGet<Stored<Connection> | StoredCursorEntity>(both);
      const values = new Map(successfulKeys.map(({ entityName, value }) => [entityName, value]));
      return {
        connection: values.get(keys.connectionEntity) as Stored<Connection> | undefined,
        cursor: values.get(keys.cursorEntity) as StoredCursorEntity | undefined,
      };
    },
  });
  return async (id) => {
    const found = await read(id);
    const connection = found.connection ? entityOf(found.connection, laterFields) : await connections.get(id);
    if (connection === null) return { connection, cursor: null };
    const cursor = found.cursor ? readCursor(found.cursor.cursor, now()) : await cursors.get(id);
    return { connection, cursor };
  };
}
