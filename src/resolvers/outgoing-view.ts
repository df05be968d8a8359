import type { Credential } from '../domain/credential';
import { expiriesOf } from '../domain/expiry';
import type { OutgoingConnection } from '../domain/outgoing';
import type { OutgoingTrouble } from '../domain/outgoing-trouble';
import type { OutgoingView } from './views';

/**
 * What a page may see of an outgoing connection: never a secret.
 * @param credentials the one that it uses is among them, unless it is gone. @param now epoch milliseconds
 */
export function outgoingView(
  connection: OutgoingConnection,
  trouble: OutgoingTrouble | null | undefined,
  credentials: readonly Credential[],
  now: number,
): OutgoingView {
  const { id, version, enabled, settings, debugUntil } = connection;
  const used = 'credentialId' in settings ? settings.credentialId : null;
  return {
    id,
    version,
    enabled,
    settings,
    debugUntil: debugUntil > now ? debugUntil : null,
    trouble: trouble ?? null,
    expiries: expiriesOf(connection, credentials.find((credential) => credential.id === used) ?? null, now),
  };
}
