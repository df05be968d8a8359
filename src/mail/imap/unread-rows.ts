import { largestUid } from './uid-sets';

/** What can be made out of a row that is no IMAP. */
export interface UnreadRow {
  uid: number;
  size: number | null;
  receivedAt: number | null;
  unread: boolean;
  deleted: boolean;
}

const item = (name: string, value: string) => new RegExp(`(?:\\(| )${name} ${value}(?=[ )]|$)`, 'i');
const uidItem = item('UID', '(\\d{1,10})');
const sizeItem = item('RFC822\\.SIZE', '(\\d{1,15})');
const dateItem = item('INTERNALDATE', '"([^"]{1,40})"');

/**
 * A row that the library gave up, such as one with a keyword that has characters no atom may have (`50%`, `say"hi`). Only used for a
 * message that was asked for and is told of in no other way; null without a UID.
 */
export function readLoosely(line: string): UnreadRow | null {
  if (!/^\* \d{1,10} FETCH \(/i.test(line)) return null;
  const uid = Number(uidItem.exec(line)?.[1]);
  if (!Number.isInteger(uid) || uid < 1 || uid > largestUid) return null;
  const size = sizeItem.exec(line)?.[1];
  const time = new Date(dateItem.exec(line)?.[1] ?? '').getTime();
  return {
    uid,
    size: size === undefined ? null : Number(size),
    receivedAt: Number.isNaN(time) ? null : time,
    unread: !/\\Seen\b/i.test(line),
    deleted: /\\Deleted\b/i.test(line),
  };
}
