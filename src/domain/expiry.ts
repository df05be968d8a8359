import type { Connection } from './connection';
import { type Credential, type ExpiryLevel, expiryLevel, secretExpiry } from './credential';
import type { OutgoingConnection } from './outgoing';

/** What a connection's access depends on, and ends with. */
export interface Expiry {
  /** The client secret of its credential, or the sign-in itself. */
  of: 'secret' | 'sign-in';
  level: ExpiryLevel;
  /** For an administrator: what happens when, and what to do. */
  message: string;
}

/** What ends soon of a connection's access, or has ended, at `now` (epoch milliseconds); nothing while there is nothing to say. */
export function expiriesOf(
  connection: Pick<Connection | OutgoingConnection, 'settings' | 'accessEndsAt'>,
  credential: Credential | null,
  now: number,
): Expiry[] {
  const { settings, accessEndsAt = 0 } = connection;
  if (!('credentialId' in settings)) return [];
  const secret = credential === null ? null : secretExpiry(credential.settings, now);
  const signIn = signInExpiry(settings, accessEndsAt, now);
  return [...(secret === null ? [] : [{ ...secret, of: 'secret' } as const]), ...(signIn === null ? [] : [signIn])].map(
    ({ of, level, message }) => ({ of, level, message }),
  );
}

/** Only Google tells when a sign-in ends, where the person limited it; Microsoft does not tell, and ends it when it is not used. */
function signInExpiry(
  settings: Connection['settings'] | OutgoingConnection['settings'],
  endsAt: number,
  now: number,
): Expiry | null {
  if (endsAt === 0) return null;
  const daysLeft = Math.floor((endsAt - now) / 86_400_000);
  const level = endsAt <= now ? 'expired' : expiryLevel(daysLeft);
  if (level === null) return null;
  const when = new Date(endsAt).toISOString().slice(0, 16).replace('T', ' ');
  const { username } = settings;
  const remedy =
    'target' in settings ? 'Authorize again; the connection keeps its place in the mailbox.' : 'Authorize again.';
  const left = daysLeft === 0 ? 'within a day' : daysLeft === 1 ? 'in a day' : `in ${daysLeft} days`;
  const message =
    level === 'expired'
      ? `The access to ${username} ended on ${when} UTC. ${remedy}`
      : `The access to ${username} ends ${left} (${when} UTC), as Google was told when it was given. ${remedy}`;
  return { of: 'sign-in', level, message };
}
