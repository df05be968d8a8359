import { type Connection, usesOAuth } from '../domain/connection';
import type { Connections } from '../domain/ports';
import { entityStore } from './entities';
import { keys } from './keys';

/** What connections lack that an older version of Letterbox stored. */
export const laterFields = { logUntil: 0 };

/** Connections as a custom entity, without their secrets; those of one state by an index of their own. */
export function connectionStore(): Connections {
  const store = entityStore<Connection>(keys.connectionEntity, 'connection', laterFields, ({ settings }) =>
    usesOAuth(settings) ? settings.credentialId : undefined,
  );
  return { ...store, list: (state) => (state === undefined ? store.list() : store.listBy('by-state', [state])) };
}
