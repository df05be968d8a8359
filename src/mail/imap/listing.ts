import type { MailboxObject } from 'imapflow';
import type { Arrival, Listing } from '../../domain/ports';
import { imapLimits } from './limits';
import { formatHandle, formatPosition, parsePosition } from './positions';
import { rowsOf } from './rows';
import { searchUids } from './searching';
import type { Session } from './session';
import { largestUid, splitUids, uidSet } from './uid-sets';

interface Row {
  uid: number;
  size: number | null;
  receivedAt: number | null;
  unread: boolean | null;
}

/** More messages than this many times the limit are searched first, rather than described one by one and left. */
const surplus = 4;

/** UIDVALIDITY as text. A server that breaks RFC 3501 §6.3.1 and sends none is taken to keep its UIDs. */
export const validityOf = (folder: MailboxObject): string => String(folder.uidValidity ?? 0);

/** Up to `limit` messages of `position`'s set and after it: one round trip on an open folder with nothing new. */
export async function listArrivals(session: Session, position: string | null, limit: number): Promise<Listing> {
  const folder = await session.select();
  const validity = validityOf(folder);
  const known = position === null ? null : parsePosition(position);
  const isKnown = known !== null && known.validity === validity;
  const last = isKnown ? known.uid : 0;
  const { first, rest } = splitUids(isKnown ? known.first : [], limit);
  const early = first.length === 0 ? [] : await fetchRows(session, uidSet(first), 0);
  remember(session, early);
  if (first.length === limit) {
    const arrivals = early.map((row) => asArrival(validity, row));
    return { arrivals, position: formatPosition({ validity, uid: last, first: rest }), more: true, reset: false };
  }

  const room = limit - early.length;
  const existed = folder.exists;
  let found = await listAfter(session, last, room, 0);
  // Servers may notice new mail only while they answer, too late for that answer (RFC 3501 §7.3.1, EXISTS).
  if (found.rows.length === 0 && folder.exists > existed) {
    found = await listAfter(session, last, room, folder.exists - existed);
  }
  remember(session, found.rows);
  return {
    arrivals: [...early, ...found.rows].map((row) => asArrival(validity, row)),
    position: formatPosition({ validity, uid: found.rows.at(-1)?.uid ?? last, first: [] }),
    more: found.more || (found.rows.length > 0 && folder.exists > existed),
    reset: position !== null && !isKnown,
  };
}

/** `arrived`: messages that are known to have come since the server last told the next UID. */
async function listAfter(
  session: Session,
  last: number,
  limit: number,
  arrived: number,
): Promise<{ rows: Row[]; more: boolean }> {
  const folder = await session.select();
  // The next UID bounds how many can be new, and so does the number of messages.
  const gap = folder.uidNext === undefined ? folder.exists : folder.uidNext - 1 - last;
  if (Math.max(arrived, Math.min(gap, folder.exists)) <= surplus * limit) {
    const rows = await fetchRows(session, `${last + 1}:${largestUid}`, last);
    return { rows: rows.slice(0, limit), more: rows.length > limit };
  }
  const found = await searchUids(session, { uid: `${last + 1}:${largestUid}` });
  // A server may answer `n:*`-like ranges with its last message although that is older.
  const uids = splitUids(found, limit + 2).first.filter((uid) => uid > last);
  if (uids.length === 0) return { rows: [], more: false };
  return { rows: await fetchRows(session, uidSet(uids.slice(0, limit)), last), more: uids.length > limit };
}

async function fetchRows(session: Session, set: string, last: number): Promise<Row[]> {
  const rows = new Map<number, Row>();
  const query = { uid: true, size: true, internalDate: true, flags: true };
  for (const { uid, size, internalDate, flags } of await rowsOf(session, set, query)) {
    // A server may answer `n:*`-like ranges with its last message although that is older.
    if (uid === undefined || uid <= last) continue;
    const unread = flags === undefined ? null : !flags.has('\\Seen');
    rows.set(uid, { uid, size: size ?? null, receivedAt: epoch(internalDate), unread });
  }
  return [...rows.values()].sort((a, b) => a.uid - b.uid);
}

/** Epoch milliseconds; null for what is no date. */
export function epoch(date: Date | string | undefined): number | null {
  const time = date === undefined ? Number.NaN : new Date(date).getTime();
  return Number.isNaN(time) ? null : time;
}

function remember(session: Session, rows: readonly Row[]): void {
  if (session.sizes.size + rows.length > imapLimits.rememberedSizes) session.sizes.clear();
  for (const { uid, size } of rows) if (size !== null) session.sizes.set(uid, size);
}

function asArrival(validity: string, { uid, size, receivedAt, unread }: Row): Arrival {
  return { handle: formatHandle({ validity, uid }), size, receivedAt, unread };
}
