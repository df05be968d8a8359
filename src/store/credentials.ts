import { kvs } from '@forge/kvs';
import type { Credential } from '../domain/credential';
import type { ClientSecrets, Credentials } from '../domain/oauth-ports';
import { withStoreErrors } from './api-error';
import { entityStore } from './entities';
import { keys } from './keys';

/** OAuth2 credentials as a custom entity, without their secrets. */
export const credentialStore = (): Credentials => entityStore<Credential>(keys.credentialEntity, 'credential');

/** Client secrets in Forge's encrypted secret store, under a key derived from their credential's id. */
export function clientSecretStore(): ClientSecrets {
  return withStoreErrors({
    get: async (credentialId) => (await kvs.getSecret<string>(keys.clientSecret(credentialId))) ?? null,
    set: async (credentialId, secret) => kvs.setSecret(keys.clientSecret(credentialId), secret),
    remove: async (credentialId) => kvs.deleteSecret(keys.clientSecret(credentialId)),
  });
}
