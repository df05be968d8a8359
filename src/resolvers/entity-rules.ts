import { AppError } from '../domain/app-error';
import type { Entities, Entity } from '../domain/entity';

/** Rules that hold for whatever administrators name, edit and duplicate. */

/** @throws AppError `connection-gone` and the like */
export async function existing<T extends Entity>(entities: Entities<T>, id: string, noun: string): Promise<T> {
  const entity = await entities.get(id);
  if (entity !== null) return entity;
  const message = `This ${noun} does not exist any more; somebody deleted it. Reload the list.`;
  throw new AppError(`${noun}-gone`, 'input', message);
}

/** @throws AppError `stale-version`, so that nobody overwrites what somebody else changed */
export function atVersion<T extends Entity>(entity: T, version: number, noun: string): T {
  if (entity.version === version) return entity;
  const message = `Somebody else changed this ${noun} meanwhile. Load it again, then repeat your change.`;
  throw new AppError('stale-version', 'input', message);
}

/** @throws AppError `name-taken` when another one has the name, whatever its case */
export function refuseTakenName(name: string, ownId: string | null, all: readonly Entity[], noun: string): void {
  const wanted = name.toLowerCase();
  if (!all.some(({ id, settings }) => id !== ownId && settings.name.toLowerCase() === wanted)) return;
  const message = `Another ${noun} has this name. Choose a different one.`;
  throw new AppError('name-taken', 'input', message, { field: 'settings.name' });
}

/** The name of a copy: one that nobody has, of at most 100 characters. */
export function freeName(name: string, all: readonly Entity[]): string {
  const taken = new Set(all.map(({ settings }) => settings.name.toLowerCase()));
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? ' (copy)' : ` (copy ${number})`;
    const candidate = `${name.slice(0, 100 - suffix.length)}${suffix}`;
    if (!taken.has(candidate.toLowerCase())) return candidate;
  }
}
