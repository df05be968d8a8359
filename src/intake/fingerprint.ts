import { createHash } from 'node:crypto';
import type { Connection } from '../domain/connection';
import type { Origin } from '../domain/receipt';

/**
 * What tells a message from all others of its connection, whatever happens to UIDs and folders: sha256 of the raw bytes.
 * Not the Message-ID, which many mails lack, and others share.
 */
export function originOf(connection: Connection, raw: Uint8Array): Origin {
  return `${connection.id}:${createHash('sha256').update(raw).digest('hex')}`;
}
