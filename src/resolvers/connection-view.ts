import type { Connection } from '../domain/connection';
import type { Credential } from '../domain/credential';
import { type Cursor, isHeldBack } from '../domain/cursor';
import { type Expiry, expiriesOf } from '../domain/expiry';
import { jiraQuotaCode } from '../domain/jira-quota';
import { dueTimes } from '../domain/schedule';
import { quarantinedNow } from '../domain/totals';
import type { ConnectionStatus, ConnectionView } from './views';

/**
 * What a page may see of a connection: never a secret.
 * @param credential the one that it uses; null if it uses none, or it is gone. @param alsoReading others that read its mailbox
 * @param now epoch milliseconds
 */
export function connectionView(
  connection: Connection,
  cursor: Cursor | null,
  credential: Credential | null,
  alsoReading: readonly Connection[],
  now: number,
): ConnectionView {
  const expiries = expiriesOf(connection, credential, now);
  const { id, version, state, settings } = connection;
  return {
    id,
    version,
    state,
    status: statusOf(connection, cursor, expiries),
    settings,
    polledAt: cursor?.polledAt ?? null,
    waiting: cursor?.waiting.length ?? 0,
    heldBack: cursor === null ? 0 : heldBackIn(cursor),
    quarantined: cursor === null ? 0 : quarantinedNow(cursor.totals),
    tryingAgain: cursor === null ? 0 : triedAgain(cursor),
    warning: cursor?.warning ?? null,
    trouble: cursor?.trouble ?? null,
    expiries,
    alsoReadBy: alsoReading.map((other) => ({ id: other.id, name: other.settings.name })),
    canContinue: cursor !== null && cursor.polledAt !== null,
    asked: cursor?.asked ?? null,
    nextPollAt: state === 'enabled' ? nextPoll(connection, cursor, now) : null,
  };
}

const heldBackIn = ({ waiting }: Cursor): number => waiting.filter(isHeldBack).length;

/** A connection that waits after a failure is left out of the polls that are due before. Access that was refused has tries of its own. */
function nextPoll({ id, settings }: Connection, cursor: Cursor | null, now: number): number {
  const { notBefore = 0, kind } = cursor?.trouble ?? {};
  const from = Math.max(now, notBefore);
  const { intervalMinutes } = settings;
  const [due = from] = dueTimes(id, intervalMinutes, from, from + intervalMinutes * 60_000);
  return kind === 'access' && notBefore > now ? notBefore : due;
}

const triedAgain = ({ tryAgain, waiting }: Cursor): number =>
  (tryAgain?.left ?? 0) + waiting.filter(({ again }) => again === true).length;

function statusOf({ state }: Connection, cursor: Cursor | null, expiries: readonly Expiry[]): ConnectionStatus {
  if (state !== 'enabled') return state;
  if (cursor?.trouble != null) return cursor.trouble.code === jiraQuotaCode ? 'paused' : 'failing';
  if (cursor !== null && heldBackIn(cursor) > 0) return 'waiting';
  if (cursor !== null && (cursor.warning !== null || quarantinedNow(cursor.totals) > 0)) return 'warning';
  // There is no yellow for what nothing uses: a connection has its own target, without which it is suspended.
  return expiries.length > 0 ? 'warning' : 'polling';
}
