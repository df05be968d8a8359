import { kvs } from '@forge/kvs';
import type { Alert, AlertSecret } from '../domain/alert';
import type { AlertSecrets } from '../domain/alert-ports';
import type { Entities } from '../domain/entity';
import { withStoreErrors } from './api-error';
import { entityStore } from './entities';
import { keys } from './keys';

/** Alert rules as a custom entity, without their secrets. */
export const alertStore = (): Entities<Alert> => entityStore<Alert>(keys.alertEntity, 'alert rule');

/** Webhook URLs and API keys in Forge's encrypted secret store, under a key derived from their rule's id. */
export function alertSecretStore(): AlertSecrets {
  return withStoreErrors({
    get: async (alertId) => (await kvs.getSecret<AlertSecret>(keys.alertSecret(alertId))) ?? null,
    set: async (alertId, secret) => kvs.setSecret(keys.alertSecret(alertId), secret),
    remove: async (alertId) => kvs.deleteSecret(keys.alertSecret(alertId)),
  });
}
