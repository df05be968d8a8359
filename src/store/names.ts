import { createHash, randomUUID } from 'node:crypto';
import { kvs } from '@forge/kvs';
import { comparableName, type Entity, nameTaken } from '../domain/entity';
import { addOnce, storeNow, takeOverOnce, times } from './claims';
import { keys } from './keys';

/** Who has a name. `claim` is another one each time that somebody gets it. */
interface NameKey {
  id: string;
  claim: string;
}

/** Longer than any function that saves an entity lives: whoever claimed a name before that has saved it, or died (milliseconds). */
const graceMs = 60_000;
const ttl = { value: 1, unit: 'DAYS' } as const;

export interface Names<T extends Entity> {
  holder(name: string): Promise<T | null>;
  /** @throws AppError `name-taken` */
  claim(name: string, id: string): Promise<void>;
  /** Gives a name back that an entity no longer has. Whoever took it over meanwhile keeps it. */
  release(name: string, id: string): Promise<void>;
}

/**
 * Names as keys that can be added once, since a query may lack what was just saved. A key whose entity does not exist, or has
 * another name, was left behind by a function that died: who wants the name takes it over.
 * @param get the entity as it is stored now
 */
export function nameKeys<T extends Entity>(
  kind: string,
  noun: string,
  get: (id: string) => Promise<T | null>,
): Names<T> {
  const keyOf = (name: string) => keys.name(kind, createHash('sha256').update(comparableName(name)).digest('hex'));

  /** The entity with this id, if it has the name. */
  async function bearer(name: string, id: string): Promise<T | null> {
    const entity = await get(id);
    return entity !== null && comparableName(entity.settings.name) === comparableName(name) ? entity : null;
  }

  const mayTakeOver = ({ claim }: NameKey) =>
    takeOverOnce((generation) => keys.nameTakeOver(claim, generation), true, ttl, graceMs);

  return {
    holder: async (name) => {
      const held = await kvs.get<NameKey>(keyOf(name));
      return held === undefined ? null : bearer(name, held.id);
    },

    claim: async (name, id) => {
      const key = keyOf(name);
      const value: NameKey = { id, claim: randomUUID() };
      if (await addOnce(key, value)) return;
      const held = await kvs.get<NameKey>(key, times);
      // Given back between the two calls.
      if (held === undefined) {
        if (await addOnce(key, value)) return;
        throw nameTaken(noun);
      }
      if ((await bearer(name, held.value.id)) !== null) {
        if (held.value.id === id) return;
        throw nameTaken(noun);
      }
      const isBeingSaved = held.value.id !== id && (await storeNow()) - (held.updatedAt ?? 0) < graceMs;
      if (isBeingSaved || !(await mayTakeOver(held.value))) throw nameTaken(noun);
      await kvs.set(key, value);
    },

    release: async (name, id) => {
      const key = keyOf(name);
      const held = await kvs.get<NameKey>(key);
      if (held?.id !== id || (await bearer(name, id)) !== null) return;
      if (await mayTakeOver(held)) await kvs.delete(key);
    },
  };
}
