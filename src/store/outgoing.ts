import type { Entities } from '../domain/entity';
import type { OutgoingConnection } from '../domain/outgoing';
import { entityStore } from './entities';
import { keys } from './keys';

/** Outgoing connections as a custom entity, without their secrets. */
export const outgoingStore = (): Entities<OutgoingConnection> =>
  entityStore<OutgoingConnection>(keys.outgoingEntity, 'connection', {}, ({ settings }) =>
    'credentialId' in settings ? settings.credentialId : undefined,
  );
