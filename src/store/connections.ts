import { Filter, FilterConditions, kvs, Sort } from '@forge/kvs';
import { AppError } from '../domain/app-error.ts';
import type { Connection, ConnectionState } from '../domain/connection.ts';
import type { Connections } from '../domain/ports.ts';
import { isStoreError } from './api-error.ts';
import { keys } from './keys.ts';

/** The platform's largest page of an entity query. */
const pageSize = 100;

/** As stored: with its name on top, where indexes can see it. */
type Stored = Connection & { name: string };

const toStored = (connection: Connection): Stored => ({ ...connection, name: connection.settings.name });
const fromStored = ({ name, ...connection }: Stored): Connection => connection;

/** Connections as a custom entity: listed by name, or by state and name, and saved only over the version that was read. */
export function connectionStore(): Connections {
  const entity = kvs.entity<Stored>(keys.connectionEntity);
  return {
    get: async (id) => {
      const stored = await entity.get(id);
      return stored === undefined ? null : fromStored(stored);
    },
    list: listConnections,
    insert: async (connection) => {
      try {
        await entity.set(connection.id, toStored(connection), { keyPolicy: 'FAIL_IF_EXISTS' });
      } catch (thrown) {
        if (!isStoreError(thrown, 'KEY_CONFLICT')) throw thrown;
        throw new AppError('connection-exists', 'input', 'A connection with this id exists already.', {
          cause: thrown,
        });
      }
    },
    save: async (connection) => {
      const saved = { ...connection, version: connection.version + 1 };
      const sameVersion = new Filter<Stored>().and('version', FilterConditions.equalTo(connection.version));
      try {
        await kvs
          .transact()
          .set(connection.id, toStored(saved), { entityName: keys.connectionEntity, conditions: sameVersion })
          .execute();
      } catch (thrown) {
        if (!isStoreError(thrown, 'CONDITIONAL_CHECK_FAILED')) throw thrown;
        throw new AppError(
          'stale-version',
          'input',
          'Somebody else changed or deleted this connection meanwhile. Load it again, then repeat your change.',
          { cause: thrown },
        );
      }
      return saved;
    },
    remove: async (id) => {
      await entity.delete(id);
    },
  };

  async function listConnections(state?: ConnectionState): Promise<Connection[]> {
    const found: Connection[] = [];
    let cursor: string | undefined;
    do {
      const query =
        state === undefined
          ? entity.query().index('by-name')
          : entity.query().index('by-state', { partition: [state] });
      query.limit(pageSize).sort(Sort.ASC);
      if (cursor !== undefined) query.cursor(cursor);
      const page = await query.getMany();
      for (const result of page.results) found.push(fromStored(result.value));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }
}
