import { kvs } from '@forge/kvs';
import type { Credential } from '../domain/credential';
import type { ClientSecrets, Credentials } from '../domain/oauth-ports';
import { withStoreErrors } from './api-error';
import { entityStore } from './entities';
import { keys } from './keys';

/** OAuth2 credentials as a custom entity, without their secrets. */
export const credentialStore = (): Credentials => entityStore<Credential>(keys.credentialEntity, 'credential');

/** Client secrets in Forge's encrypted secret store, under the name that their credential has for them. */
export function clientSecretStore(): ClientSecrets {
  return withStoreErrors({
    get: async (secretId) => (await kvs.getSecret<string>(keys.clientSecret(secretId))) ?? null,
    set: async (secretId, secret) => kvs.setSecret(keys.clientSecret(secretId), secret),
    remove: async (secretId) => kvs.deleteSecret(keys.clientSecret(secretId)),
  });
}
