import { kvs } from '@forge/kvs';
import type { Secrets } from '../domain/ports';
import { withStoreErrors } from './api-error';
import { keys } from './keys';

/** Passwords in Forge's encrypted secret store, under a key derived from their connection's id. */
export function secretStore(): Secrets {
  return withStoreErrors({
    get: async (connectionId) => (await kvs.getSecret<string>(keys.password(connectionId))) ?? null,
    set: async (connectionId, secret) => kvs.setSecret(keys.password(connectionId), secret),
    remove: async (connectionId) => kvs.deleteSecret(keys.password(connectionId)),
  });
}
