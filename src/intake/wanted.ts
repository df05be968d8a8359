import type { Cursor } from '../domain/cursor';
import type { Arrival, Listing } from '../domain/ports';

/**
 * False for mail that was in the mailbox before the chosen start, and shows up since the server forgot our position. A start
 * from unread mail has no other trace there than the flag: what people have read by then counts as theirs.
 */
export function isWanted(cursor: Cursor, listing: Listing, arrival: Arrival): boolean {
  if (cursor.notBefore === null || !(cursor.relisting || listing.reset)) return true;
  if (arrival.receivedAt === null || arrival.receivedAt >= cursor.notBefore) return true;
  return cursor.unreadToo === true && arrival.unread === true;
}

/** Whether what is listed after this is old mail too. */
export const isRelisting = (cursor: Cursor, listing: Listing): boolean =>
  (cursor.relisting || listing.reset) && listing.more;
