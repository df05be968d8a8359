import { kvs } from '@forge/kvs';
import type { TokenCaches } from '../domain/oauth-ports';
import { addedOnce, withStoreErrors } from './api-error';
import { keys } from './keys';

/** Longer than any run lives, so that whoever read a cache has ended before its claim does. */
const claimTtl = { value: 2, unit: 'HOURS' } as const;

/** Token caches in Forge's encrypted secret store, under a key derived from their owner's id. */
export function tokenCacheStore(): TokenCaches {
  return withStoreErrors({
    get: async (owner) => (await kvs.getSecret<string>(keys.tokens(owner))) ?? null,
    set: async (owner, cache, minutes) =>
      kvs.setSecret(
        keys.tokens(owner),
        cache,
        minutes === undefined ? undefined : { ttl: { value: minutes, unit: 'MINUTES' } },
      ),
    remove: async (owner) => kvs.deleteSecret(keys.tokens(owner)),
    claimRenewal: async (owner, generation) => {
      const key = keys.renewal(owner, generation);
      return addedOnce(
        () => kvs.set(key, true, { keyPolicy: 'FAIL_IF_EXISTS', ttl: claimTtl }),
        () => kvs.get(key),
      );
    },
    releaseRenewal: async (owner, generation) => kvs.delete(keys.renewal(owner, generation)),
  });
}
