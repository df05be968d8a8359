import { AppError } from './app-error';
import { requiredLine } from './fields';

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

/**
 * Names that look the same to people are equal in this form: whatever their case, however their letters are composed, whatever blanks
 * stand between them, and without what shows nothing (soft hyphens, joiners). Upper case comes first: in it ß is SS, and ς is Σ.
 */
export const comparableName = (name: string): string =>
  name
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .trim();

/** What an administrator calls something, with at least one character that shows. */
export const entityName = requiredLine(100, 'a name').refine(
  // An empty one is refused already.
  (name) => name === '' || comparableName(name) !== '',
  'Enter a name that shows.',
);

export interface Entities<T extends Entity> {
  get(id: string): Promise<T | null>;
  /** All of them, by name. What was saved within the last seconds may be missing, and what was changed as it was before. */
  list(): Promise<T[]>;
  /**
   * Who has a name, as it is now; null where nobody has. Names are kept by keys of their own, which records of an earlier version
   * have from their first new name on.
   */
  withName(name: string): Promise<T | null>;
  /** @throws AppError `already-exists`, `name-taken` */
  insert(entity: T): Promise<void>;
  /**
   * Writes it with `version` + 1 and returns that.
   * @throws AppError `stale-version` when the stored version is not the one given, `name-taken` for a new name
   */
  save(entity: T): Promise<T>;
  /**
   * Writes it at the version that it has: what no form holds, and no running poll has to stop for.
   * @throws AppError `stale-version`
   */
  amend(entity: T): Promise<void>;
  /** With a `version` only while it has that. @throws AppError `stale-version` */
  remove(id: string, version?: number): Promise<void>;
}

/**
 * Refuses a new name that another one has. Two who save one at once are told apart by `insert` and `save`.
 * Whoever keeps its name may: an earlier version let two have names that are the same only since.
 * @param noun what messages call one of them: "connection"
 * @returns all that there are @throws AppError `name-taken`
 */
export async function refuseTakenName<T extends Entity>(
  entities: Entities<T>,
  noun: string,
  name: string,
  ownId: string | null,
): Promise<T[]> {
  const [all, holder, own] = await Promise.all([
    entities.list(),
    entities.withName(name),
    ownId === null ? null : entities.get(ownId),
  ]);
  const isSame = ({ settings }: T) => comparableName(settings.name) === comparableName(name);
  if (own !== null && isSame(own)) return all;
  if (holder !== null && holder.id !== ownId) throw nameTaken(noun);
  for (const { id } of all.filter((one) => one.id !== ownId && isSame(one))) {
    // The list may be behind: it was deleted or renamed since.
    const now = await entities.get(id);
    if (now !== null && isSame(now)) throw nameTaken(noun);
  }
  return all;
}

export function nameTaken(noun: string): AppError {
  const message = `Another ${noun} has this name. Choose a different one.`;
  return new AppError('name-taken', 'input', message, { field: 'settings.name' });
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
