import { kvs } from '@forge/kvs';
import type { Secrets } from '../domain/ports';
import { withStoreErrors } from './api-error';
import { keys } from './keys';

/** Passwords in Forge's encrypted secret store, under the name that their connection has for them. */
export function secretStore(): Secrets {
  return withStoreErrors({
    get: async (secretId) => (await kvs.getSecret<string>(keys.password(secretId))) ?? null,
    set: async (secretId, secret) => kvs.setSecret(keys.password(secretId), secret),
    remove: async (secretId) => kvs.deleteSecret(keys.password(secretId)),
  });
}
