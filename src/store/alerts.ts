import { kvs } from '@forge/kvs';
import type { Alert, AlertSecret } from '../domain/alert';
import type { AlertSecrets } from '../domain/alert-ports';
import type { Entities } from '../domain/entity';
import { withStoreErrors } from './api-error';
import { entityStore } from './entities';
import { keys } from './keys';

/** Alert rules as a custom entity, without their secrets. */
export const alertStore = (): Entities<Alert> =>
  entityStore<Alert>(keys.alertEntity, 'alert rule', {}, ({ settings: { channel } }) =>
    channel.type === 'email' ? channel.outgoingId : undefined,
  );

/** Webhook URLs and API keys in Forge's encrypted secret store, under the name that their rule has for them. */
export function alertSecretStore(): AlertSecrets {
  return withStoreErrors({
    get: async (secretId) => (await kvs.getSecret<AlertSecret>(keys.alertSecret(secretId))) ?? null,
    set: async (secretId, secret) => kvs.setSecret(keys.alertSecret(secretId), secret),
    remove: async (secretId) => kvs.deleteSecret(keys.alertSecret(secretId)),
  });
}
