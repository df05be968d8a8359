import { Filter, FilterConditions, kvs, Sort } from '@forge/kvs';
import { AppError } from '../domain/app-error';
import { comparableName, type Entities, type Entity } from '../domain/entity';
import { withStoreErrors, writtenIf } from './api-error';
import { nameKeys } from './names';
import { noteUse } from './uses';

/** The platform's largest page of an entity query. */
const pageSize = 100;

/** As stored: with its name on top, where indexes can see it. */
export type Stored<T> = T & { name: string };

export interface EntityStore<T extends Entity> extends Entities<T> {
  /** Those of one partition of an index, in the index's order. */
  listBy(index: string, partition?: [string]): Promise<T[]>;
}

/**
 * A custom entity of manifest.yml with an index `by-name`: saved only over the version that was read.
 * @param noun what it is called in messages: "connection".
 * @param later values of fields that records of an older version of Letterbox do not have.
 * @param usedBy the id of another entity that one uses, which must not be deleted meanwhile
 */
export function entityStore<T extends Entity>(
  entityName: string,
  noun: string,
  later: Partial<T> = {},
  usedBy: (entity: T) => string | undefined = () => undefined,
): EntityStore<T> {
  const entity = kvs.entity<Stored<T>>(entityName);
  const toStored = (value: T): Stored<T> => ({ ...value, name: value.settings.name });
  const fromStored = (stored: Stored<T>): T => entityOf(stored, later);

  async function listBy(index: string, partition?: [string]): Promise<T[]> {
    const found: T[] = [];
    let cursor: string | undefined;
    do {
      const query = entity
        .query()
        .index(index, ...(partition === undefined ? [] : [{ partition }]))
        .limit(pageSize)
        .sort(Sort.ASC);
      if (cursor !== undefined) query.cursor(cursor);
      const page = await query.getMany();
      for (const { value } of page.results) found.push(fromStored(value));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }

  const replace = (version: number, value: T): Promise<void> => {
    const stored = toStored(value);
    const write = (conditions: SameVersion) =>
      kvs.transact().set(value.id, stored, { entityName, conditions }).execute();
    return asRead(value.id, version, write, stored);
  };

  /** Only over the version that was read. */
  async function asRead(
    id: string,
    version: number,
    write: (sameVersion: SameVersion) => Promise<unknown>,
    written?: Stored<T>,
  ): Promise<void> {
    const isWritten = await writtenIf<Stored<T>>({
      write: () => write(hasVersion(version)),
      read: () => entity.get(id),
      expects: (stored) => stored?.version === version,
      ...(written !== undefined && { written }),
    });
    if (isWritten) return;
    const message = `Somebody else changed or deleted this ${noun} meanwhile. Load it again, then repeat your change.`;
    throw new AppError('stale-version', 'input', message);
  }

  async function get(id: string): Promise<T | null> {
    const stored = await entity.get(id);
    return stored === undefined ? null : fromStored(stored);
  }

  const names = nameKeys(entityName, noun, get);

  /** First the name, then the entity that has it: what dies in between leaves a name that others may take over. */
  async function named<R>({ id, settings }: T, write: () => Promise<R>): Promise<R> {
    await names.claim(settings.name, id);
    try {
      return await write();
    } catch (thrown) {
      await names.release(settings.name, id).catch(() => {});
      throw thrown;
    }
  }

  async function noteNewUse(value: T, before: T | null): Promise<void> {
    const used = usedBy(value);
    if (used !== undefined && (before === null || usedBy(before) !== used)) await noteUse(used, value.id);
  }

  return withStoreErrors({
    get,
    withName: names.holder,
    list: () => listBy('by-name'),
    listBy,
    insert: (value) =>
      named(value, async () => {
        await noteNewUse(value, null);
        const stored = toStored(value);
        const isWritten = await writtenIf<Stored<T>>({
          write: () => entity.set(value.id, stored, { keyPolicy: 'FAIL_IF_EXISTS' }),
          read: () => entity.get(value.id),
          expects: (found) => found === undefined,
          written: stored,
        });
        if (!isWritten) throw new AppError('already-exists', 'input', `A ${noun} with this id exists already.`);
      }),
    save: async (value) => {
      const saved = { ...value, version: value.version + 1 };
      const stored = await get(value.id);
      const before = stored?.settings.name;
      await noteNewUse(value, stored);
      const isRenamed = before !== undefined && comparableName(before) !== comparableName(value.settings.name);
      if (!isRenamed) await replace(value.version, saved);
      else {
        await named(saved, () => replace(value.version, saved));
        // What fails here leaves a name that nobody has.
        await names.release(before, value.id).catch(() => {});
      }
      return saved;
    },
    amend: (value) => replace(value.version, value),
    remove: async (id, version) => {
      const before = await get(id);
      if (version === undefined) await entity.delete(id);
      else await asRead(id, version, (conditions) => kvs.transact().delete(id, { entityName, conditions }).execute());
      if (before !== null) await names.release(before.settings.name, id).catch(() => {});
    },
  });
}

type SameVersion = ReturnType<typeof hasVersion>;
const hasVersion = (version: number) => new Filter<Entity>().and('version', FilterConditions.equalTo(version));

/** What was stored, with `later` for what an older version of Letterbox did not store. */
export function entityOf<T>({ name: _, ...value }: Stored<T>, later: Partial<T>): T {
  return { ...later, ...value } as unknown as T;
}
