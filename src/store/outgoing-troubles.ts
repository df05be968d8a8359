import { kvs } from '@forge/kvs';
import type { OutgoingTrouble, OutgoingTroubles } from '../domain/outgoing-trouble';
import { withStoreErrors } from './api-error';
import { getByIds } from './get-by-ids';
import { keys } from './keys';

export function outgoingTroubleStore(): OutgoingTroubles {
  return withStoreErrors({
    get: async (connectionId) => (await kvs.get<OutgoingTrouble>(keys.outgoingTrouble(connectionId))) ?? null,
    getMany: (connectionIds) => getByIds<OutgoingTrouble>(connectionIds, keys.outgoingTrouble),
    put: async (connectionId, trouble) => kvs.set(keys.outgoingTrouble(connectionId), trouble),
    remove: async (connectionId) => kvs.delete(keys.outgoingTrouble(connectionId)),
  });
}
