import { kvs } from '@forge/kvs';
import type { Authorization, Authorizations } from '../domain/oauth-ports';
import { addedOnce, withStoreErrors } from './api-error';
import { keys } from './keys';

/** Longer than a sign-in and its confirmation may take; what was left half done goes away by itself. */
const ttl = { value: 2, unit: 'HOURS' } as const;

/** Sign-ins under way, as secrets: each holds the PKCE verifier until it is spent. */
export function authorizationStore(): Authorizations {
  return withStoreErrors({
    get: async (id) => (await kvs.getSecret<Authorization>(keys.authorization(id))) ?? null,
    put: async (authorization) => kvs.setSecret(keys.authorization(authorization.id), authorization, { ttl }),
    spend: async (id) => {
      const key = keys.spentAuthorization(id);
      return addedOnce(
        () => kvs.set(key, true, { keyPolicy: 'FAIL_IF_EXISTS', ttl }),
        () => kvs.get(key),
      );
    },
    remove: async (id) => kvs.deleteSecret(keys.authorization(id)),
  });
}
