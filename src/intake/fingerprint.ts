import { createHash } from 'node:crypto';
import { type Connection, isKnownByHandle, mailboxIdentity } from '../domain/connection';
import type { Origin } from '../domain/receipt';

/**
 * What tells a message from all others of its connection, whatever happens to UIDs and folders: sha256 of the raw bytes.
 * Not the Message-ID, which many mails lack, and others share. Where the provider has an id that stays, it is that.
 */
export function originOf(connection: Connection, handle: string, raw: Uint8Array): Origin {
  const named = isKnownByHandle(connection.settings) ? handle : raw;
  return `${connection.id}:${sha256(named)}`;
}

/** The id of a message's entry in the activity log when nothing of it was downloaded; else that is its origin. */
export function entryIdOf(connection: Connection, handle: string): string {
  const { id, settings } = connection;
  if (isKnownByHandle(settings)) return originOf(connection, handle, new Uint8Array());
  return `${id}:handle:${sha256(JSON.stringify([mailboxIdentity(settings), handle]))}`;
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
