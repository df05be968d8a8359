import { randomUUID } from 'node:crypto';
import { AppError } from '../domain/app-error';
import { comparableName, type Entities, type Entity, refuseTakenName } from '../domain/entity';
import { cutText } from '../domain/text';

/** Rules that hold for whatever administrators name, edit and duplicate. */
export interface EntityRules<T extends Entity> {
  /** @throws AppError `gone` */
  found(id: string): Promise<T>;
  /** @throws AppError `gone`, or `stale-version`, so that nobody overwrites what somebody else changed */
  atVersion(id: string, version: number): Promise<T>;
  /** @returns all that there are @throws AppError `name-taken` when another one has the name, whatever its case */
  refuseTakenName(name: string, ownId: string | null): Promise<T[]>;
  /** Has a copy saved under a name that nobody has, of at most 100 characters; under another one when somebody takes it meanwhile. */
  saveCopy<R>(name: string, save: (copyName: string) => Promise<R>): Promise<R>;
}

/** @param noun what messages call one of them: "connection" */
export function entityRules<T extends Entity>(entities: Entities<T>, noun: string): EntityRules<T> {
  const found = async (id: string) => {
    const entity = await entities.get(id);
    if (entity !== null) return entity;
    const message = `This ${noun} does not exist any more; somebody deleted it. Reload the list.`;
    throw new AppError('gone', 'input', message);
  };
  return {
    found,

    atVersion: async (id, version) => {
      const entity = await found(id);
      if (entity.version === version) return entity;
      const message = `Somebody else changed this ${noun} meanwhile. Load it again, then repeat your change.`;
      throw new AppError('stale-version', 'input', message);
    },

    refuseTakenName: (name, ownId) => refuseTakenName(entities, noun, name, ownId),

    saveCopy: async (name, save) => {
      const taken = new Set((await entities.list()).map(({ settings }) => comparableName(settings.name)));
      for (let number = 1; ; number += 1) {
        const suffix = number === 1 ? ' (copy)' : ` (copy ${number})`;
        const copyName = `${cutText(name, 100 - suffix.length)}${suffix}`;
        // A copy of a moment ago may not be in the list yet.
        if (taken.has(comparableName(copyName)) || (await entities.withName(copyName)) !== null) continue;
        try {
          return await save(copyName);
        } catch (thrown) {
          if (!(thrown instanceof AppError) || thrown.code !== 'name-taken') throw thrown;
        }
      }
    },
  };
}

/** What every entity has when it is made. @param now epoch milliseconds */
export function newEntity<S extends Entity['settings']>(settings: S, now: number) {
  return { id: randomUUID(), version: 1, settings, createdAt: now, updatedAt: now };
}
