import type { Cursor, Waiting } from '../domain/cursor';
import { receiptDaysAfterRemoval, switchMarginMs } from '../domain/limits';
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

/** Whether what is listed after this may have been taken before. */
export const stillListsTaken = (cursor: Cursor, listing: Listing): boolean =>
  (cursor.listsTaken === true || cursor.relisting || listing.reset) && listing.more;

/**
 * How a message that may have been taken before is looked for among the issues. Mail of another provider has no receipt by the
 * name that it has here; other mail has none any more once it is older than receipts are kept for certain.
 * @param now epoch milliseconds
 */
export function lookedForBy(
  cursor: Cursor,
  listing: Listing,
  { receivedAt }: Arrival,
  now: number,
): Waiting['lookFor'] {
  if (!(cursor.listsTaken === true || cursor.relisting || listing.reset)) return undefined;
  const { takenUntil: near } = cursor;
  if (receivedAt === null) return { by: 'origin' };
  if (near !== undefined && Math.abs(receivedAt - near) <= switchMarginMs) return { by: 'message-id', near };
  return receivedAt < now - certainMs ? { by: 'origin' } : undefined;
}

/** The shortest that any version kept a receipt, less a day for a mail server whose clock is wrong. */
const certainMs = (receiptDaysAfterRemoval - 1) * 86_400_000;
