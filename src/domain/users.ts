/** Who chose an entity (a credential, a connection) lately, by its id. A list may not show it yet. */
export type RecentUses = (usedId: string) => Promise<readonly string[]>;

interface Source<T> {
  list(): Promise<T[]>;
  get(id: string): Promise<T | null>;
}

/**
 * Those that use something, as they are now. Lists are seconds behind: whoever chose it within the last minutes is asked besides, and
 * whoever is listed is asked again.
 * @param sources where they are. @param usedIds what they may use
 */
export async function usersNow<T extends { id: string }>(
  sources: readonly Source<T>[],
  recentUses: RecentUses,
  usedIds: readonly string[],
  uses: (entity: T) => boolean,
): Promise<T[]> {
  const recent = new Set((await Promise.all(usedIds.map(recentUses))).flat());
  const found: T[] = [];
  for (const source of sources) {
    const listed = (await source.list()).filter(uses).map(({ id }) => id);
    for (const id of new Set([...listed, ...recent])) {
      const entity = await source.get(id);
      if (entity !== null && uses(entity)) found.push(entity);
      // Enough to say no, and to name some.
      if (found.length >= maxNamed) return found;
    }
  }
  return found;
}

const maxNamed = 20;
