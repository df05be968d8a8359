import { kvs } from '@forge/kvs';
import type { Credential } from '../domain/credential.ts';
import type { ClientSecrets, Credentials } from '../domain/oauth-ports.ts';
import { withStoreErrors } from './api-error.ts';
import { entityStore } from './entities.ts';
import { keys } from './keys.ts';

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
