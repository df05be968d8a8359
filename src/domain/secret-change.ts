import { AppError } from './app-error';
import type { SecretChanges } from './ports';

/** A change of what a record signs in with. */
export interface ChangeOfSecret<Written, Saved> {
  /** The name that the record will have for its secret. */
  secretId: string;
  /** Names that it will no longer have. */
  left: readonly string[];
  /** Stores the secret under its new name. */
  write(): Promise<Written>;
  /** Saves the record with the new name. */
  save(written: Written): Promise<Saved>;
  /** Removes what is kept under a name. */
  remove(secretId: string): Promise<void>;
  /** A run that is under way may yet store something under a name that was left: its note stays for a later change. */
  mayReturn: boolean;
}

/**
 * Stores a secret under a name of its own, then the record that names it, then removes what the record had. Of two changes at
 * once the one that is refused leaves nothing behind; of one that is killed in between a later change removes what it left.
 */
export async function changingSecret<Written, Saved>(
  changes: SecretChanges,
  { secretId, left, write, save, remove, mayReturn }: ChangeOfSecret<Written, Saved>,
): Promise<Saved> {
  const change = await changes.begin([secretId, ...left]);
  let saved: Saved;
  try {
    saved = await save(await write());
  } catch (thrown) {
    if (isRefusal(thrown)) await leave([secretId], true);
    throw thrown;
  }
  await leave(left, !mayReturn);
  return saved;

  /** What fails here is seen to by the note: whoever asked has an answer already. */
  async function leave(names: readonly string[], isOver: boolean): Promise<void> {
    try {
      for (const name of names) await remove(name);
      if (isOver) await change.end();
    } catch {}
  }
}

/** After any other failure a record may have been saved, or removed, all the same. */
export const isRefusal = (thrown: unknown): boolean => thrown instanceof AppError && thrown.kind === 'input';
