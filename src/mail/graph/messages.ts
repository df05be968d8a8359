import type { Arrival } from '../../domain/ports';
import { type GraphMessage, sizeProperty } from './graph-api';
import { type Mark, type Start, shortId } from './position';

/** What is asked for of each listed message. */
export const listed = {
  $select: 'id,receivedDateTime,isRead',
  $expand: `singleValueExtendedProperties($filter=id eq '${sizeProperty}')`,
} as const;

export function asArrival(message: GraphMessage): Arrival {
  const received = Date.parse(message.receivedDateTime ?? '');
  return {
    handle: message.id,
    size: sizeOf(message),
    receivedAt: Number.isNaN(received) ? null : received,
    // A delta link of before asks for other fields, and Graph keeps to it.
    unread: message.isRead == null ? null : !message.isRead,
  };
}

/** Exchange's own size of the message, which is near that of its MIME form; null if it did not tell. */
function sizeOf(message: GraphMessage): number | null {
  const value = message.singleValueExtendedProperties?.find(({ id }) => /^integer 0x0*e08$/i.test(id))?.value;
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : null;
}

/** Dates compare as text: Graph writes them all alike, in UTC, to the second. */
export function receivedOf(message: GraphMessage): string {
  return message.receivedDateTime ?? '';
}

export function byAge(a: GraphMessage, b: GraphMessage): number {
  return compare(receivedOf(a), receivedOf(b)) || compare(a.id, b.id);
}

export function isBehind(mark: Mark | null | undefined, message: GraphMessage): boolean {
  return mark == null || (compare(receivedOf(message), mark.received) || compare(message.id, mark.id)) > 0;
}

/** Whether a message of the folder is one that the connection was to begin with. */
export function startFilter(start: Start | null): (message: GraphMessage) => boolean {
  if (start === null) return () => true;
  const known = new Set(start.known);
  const unread = new Set(start.unread?.ids.split(' '));
  return (message) => {
    const id = shortId(message.id);
    return unread.has(id) || (receivedOf(message) >= start.received && !known.has(id));
  };
}

/** A moment as Graph's filters want it: in UTC, to the second. */
export function asDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
