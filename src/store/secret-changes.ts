import { randomUUID } from 'node:crypto';
import { kvs, WhereConditions } from '@forge/kvs';
import { ownerOfSecret, type SecretOwner, secretIdOf } from '../domain/entity';
import type { SecretChanges } from '../domain/ports';
import { withStoreErrors } from './api-error';
import { keys } from './keys';

/** A note of a change: the names that it writes or leaves, and when it began (epoch milliseconds). */
interface Note {
  secretIds: string[];
  at: number;
}

/**
 * Whoever began before that is no longer at it: a function lives fifteen minutes at most, and clocks may differ by an hour
 * (milliseconds).
 */
const abandonedAfterMs = 3 * 60 * 60_000;
/** Notes that one change looks after. */
const mostNotes = 20;

/**
 * Notes of changes as plain keys, each by itself, since changes may be under way at once.
 * @param owners where the records are that name secrets
 */
export function secretChangeStore(
  owners: readonly { get(id: string): Promise<SecretOwner | null> }[],
  now: () => number,
): SecretChanges {
  async function isInUse(secretId: string): Promise<boolean> {
    for (const { get } of owners) {
      const owner = await get(ownerOfSecret(secretId));
      if (owner !== null) return secretIdOf(owner) === secretId;
    }
    return false;
  }

  async function removeAbandoned(): Promise<void> {
    const query = kvs.query().where('key', WhereConditions.beginsWith(keys.secretChange)).limit(mostNotes);
    for (const { key, value } of (await query.getMany<Note>()).results) {
      if (now() - value.at < abandonedAfterMs) continue;
      for (const secretId of value.secretIds) if (!(await isInUse(secretId))) await removeSecrets(secretId);
      await kvs.delete(key);
    }
  }

  return withStoreErrors({
    begin: async (secretIds) => {
      const key = `${keys.secretChange}${randomUUID()}`;
      await kvs.set<Note>(key, { secretIds: [...secretIds], at: now() });
      // What is left over can wait for the next change; this one can't.
      await removeAbandoned().catch(() => {});
      return { end: () => kvs.delete(key) };
    },
    isInUse,
  });
}

/** Whatever may be kept under a name: what is not there is removed all the same. */
async function removeSecrets(secretId: string): Promise<void> {
  const kinds = [keys.password, keys.tokens, keys.applicationTokens, keys.clientSecret, keys.alertSecret];
  for (const keyOf of kinds) await kvs.deleteSecret(keyOf(secretId));
}
