import { AppError } from './app-error';
import type { Cursor } from './cursor';
import type { Cursors } from './ports';

/** Tries until somebody else's saves must be a defect. */
const mostTries = 8;

/** What `put` says of a cursor that somebody else saved meanwhile. */
export function overtaken(): AppError {
  const message = 'Another run was faster. What this one found is found again.';
  return new AppError('overtaken', 'transient', message);
}

export const isOvertaken = (thrown: unknown): boolean => thrown instanceof AppError && thrown.code === 'overtaken';

/**
 * Changes the stored cursor whatever else happens to it meanwhile. `change` is called with what is stored now, again if
 * somebody was faster; nothing is written when it gives back the very cursor, or null.
 */
export async function changeCursor(
  cursors: Cursors,
  connectionId: string,
  change: (stored: Cursor | null) => Cursor | null,
): Promise<Cursor | null> {
  for (let attempt = 1; ; attempt += 1) {
    const stored = await cursors.get(connectionId);
    const changed = change(stored);
    if (changed === null || changed === stored) return stored;
    try {
      return await cursors.put(connectionId, { ...changed, revision: stored?.revision ?? 0 });
    } catch (thrown) {
      if (!isOvertaken(thrown) || attempt === mostTries) throw thrown;
    }
  }
}
