import { createHash } from 'node:crypto';
import { type Connection, isKnownByHandle } from '../domain/connection';
import type { Origin } from '../domain/receipt';

/**
 * What tells a message from all others of its connection, whatever happens to UIDs and folders: sha256 of the raw bytes.
 * Not the Message-ID, which many mails lack, and others share. Where the provider has an id that stays, it is that.
 */
export function originOf(connection: Connection, handle: string, raw: Uint8Array): Origin {
  const named = isKnownByHandle(connection.settings) ? handle : raw;
  return `${connection.id}:${createHash('sha256').update(named).digest('hex')}`;
}
