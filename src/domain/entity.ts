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
  /** With a `version` only while it has that. @throws AppError `stale-version` */
  remove(id: string, version?: number): Promise<void>;
}

/** What signs in with a secret of its own. */
export interface SecretOwner {
  id: string;
  /** Absent in records of earlier versions. */
  secretId?: string;
}

/**
 * The name under which the secrets of a record are kept. Each save that brings another secret gives it another name, so that
 * of two saves at once the one that is refused changes nothing of what the other, or the record as it was, signs in with.
 */
export const secretIdOf = ({ id, secretId = id }: SecretOwner): string => secretId;

/** How a record's own secrets are used: by its id and their name. */
export const storedAccess = (owner: SecretOwner): { connectionId: string; secretId: string } => ({
  connectionId: owner.id,
  secretId: secretIdOf(owner),
});

/** A name that no secret has yet. The record that it is for can be told from it. */
export const newSecretId = (ownerId: string): string => `${ownerId}:${crypto.randomUUID()}`;

export const ownerOfSecret = (secretId: string): string => secretId.split(':')[0] ?? secretId;
