/** What an administrator names, edits and deletes: a connection, a credential. */
export interface Entity {
  id: string;
  /** Grows by one with each save; a save that names an older one is refused. */
  version: number;
  settings: { name: string };
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
}

export interface Entities<T extends Entity> {
  get(id: string): Promise<T | null>;
  /** All of them, by name. */
  list(): Promise<T[]>;
  /** @throws AppError `already-exists` */
  insert(entity: T): Promise<void>;
  /** Writes it with `version` + 1 and returns that. @throws AppError `stale-version` when the stored version is not the one given. */
  save(entity: T): Promise<T>;
  /**
   * Writes it at the version that it has: what no form holds, and no running poll has to stop for.
   * @throws AppError `stale-version`
   */
  amend(entity: T): Promise<void>;
  remove(id: string): Promise<void>;
}
