import { createHash } from 'node:crypto';
import { type Connection, isKnownByHandle, mailboxIdentity } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import type { Origin } from '../domain/receipt';
import type { Preview } from '../domain/start';

/**
 * What tells a message from all others of its connection, whatever happens to UIDs and folders: sha256 of the raw bytes.
 * Not the Message-ID, which many mails lack, and others share. Where the provider has an id that stays, it is that.
 */
export function originOf(connection: Connection, handle: string, raw: Uint8Array): Origin {
  const named = isKnownByHandle(connection.settings) ? handle : raw;
  return `${connection.id}:${sha256(named)}`;
}

/**
 * The id of a message's entry in the activity log when it was not downloaded; else that is its origin. With its `envelope` it
 * stays the same when the server names its messages anew, so that none of them has two entries.
 */
export function entryIdOf(connection: Connection, { handle, size }: Waiting, envelope?: Preview): string {
  const { id, settings } = connection;
  if (isKnownByHandle(settings)) return originOf(connection, handle, new Uint8Array());
  const mailbox = mailboxIdentity(settings);
  if (envelope === undefined) return `${id}:handle:${sha256(JSON.stringify([mailbox, handle]))}`;
  const { receivedAt, from, subject } = envelope;
  return `${id}:envelope:${sha256(JSON.stringify([mailbox, size, receivedAt, from, subject]))}`;
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
