import type { Connection } from '../domain/connection';
import type { Cursor } from '../domain/cursor';
import { quarantinedNow } from '../domain/totals';
import type { ConnectionStatus, ConnectionView } from './contract';

/** What a page may see of a connection: never a secret. */
export function connectionView(connection: Connection, cursor: Cursor | null): ConnectionView {
  const { id, version, state, settings } = connection;
  return {
    id,
    version,
    state,
    status: statusOf(connection, cursor),
    settings,
    polledAt: cursor?.polledAt ?? null,
    waiting: cursor?.waiting.length ?? 0,
    quarantined: cursor === null ? 0 : quarantinedNow(cursor.totals),
    warning: cursor?.warning ?? null,
    trouble: cursor?.trouble ?? null,
    canContinue: cursor !== null && cursor.polledAt !== null,
  };
}

function statusOf({ state }: Connection, cursor: Cursor | null): ConnectionStatus {
  if (state !== 'enabled') return state;
  if (cursor?.trouble != null) return 'failing';
  if (cursor !== null && (cursor.warning !== null || quarantinedNow(cursor.totals) > 0)) return 'warning';
  return 'polling';
}
