import type { SearchObject } from 'imapflow';
import { positionChars } from '../../domain/limits';
import { type Estimate, type Preview, previewSize, type Start, startUnavailable } from '../../domain/start';
import { previewFrom } from '../preview';
import { statusOf } from './checking';
import { describe, epoch } from './describing';
import { validityOf } from './listing';
import { formatHandle, formatPosition, parseHandle } from './positions';
import { type Row, rowsOf, uidsAt } from './rows';
import { firstUids, searchUids, trySearch } from './searching';
import type { Session } from './session';
import type { ImapSettings } from './settings';
import { presentNow } from './snapshot';
import { containsUids, countUids, largestUid, type Run, runsOf, splitUids, withoutUids } from './uid-sets';

const dayMs = 24 * 60 * 60_000;

/** How many messages a start point means, and the first of them. */
export async function estimateStart(session: Session, settings: ImapSettings, start: Start): Promise<Estimate> {
  const folder = await session.select();
  const exactly = { confidence: 'exact', reason: null, available: true } as const;
  if (start.from === 'now') return { ...exactly, count: 0, first: [] };
  const validity = validityOf(folder);
  const firstOf = (uids: readonly Run[]) =>
    splitUids(uids, previewSize).first.map((uid) => formatHandle({ validity, uid }));
  if (start.from === 'everything') {
    const last = await lastUid(session, settings);
    const kept = last === 0 ? [] : await trySearch(session, { from: 1, to: last }, notDeleted);
    const { messages: all = folder.exists } = await statusOf(session, settings);
    if (kept !== null) {
      const count = countUids(kept);
      return { ...exactly, count, first: firstOf(kept), ...(all > count ? { deleted: all - count } : {}) };
    }
    const reason = 'The mail server does not search, so mail that somebody is deleting is counted too.';
    return {
      ...exactly,
      count: all,
      confidence: 'estimate',
      reason,
      first: firstOf(await firstUids(session, 1, previewSize)),
    };
  }
  const { uids, kept, position } = await takeSnapshot(session, settings, start);
  const count = countUids(kept);
  const estimate = { ...exactly, count, first: firstOf(kept) };
  return position.length <= positionChars
    ? estimate
    : { ...estimate, available: false, reason: scattered(countUids(uids)) };
}

/** Mail that somebody is deleting is left out of listings for as long as the flag stands, and so of counts. */
const notDeleted = { deleted: false };

/** The position that lists what `start` means. @throws AppError `start-unavailable` */
export async function beginAt(session: Session, settings: ImapSettings, start: Start): Promise<string | null> {
  if (start.from === 'everything') return null;
  const { uids, position } = await takeSnapshot(session, settings, start);
  if (position.length > positionChars) throw startUnavailable(scattered(countUids(uids)));
  return position;
}

const scattered = (count: number) =>
  `These ${count} messages lie scattered among others, too many to note each of them. Choose another date, or everything.`;

interface Snapshot {
  /** What is in the folder now and wanted. */
  uids: Run[];
  /** ... without what somebody is deleting. */
  kept: Run[];
  /** Lists just `uids`, and what comes later. */
  position: string;
}

async function takeSnapshot(session: Session, settings: ImapSettings, start: Start): Promise<Snapshot> {
  const validity = validityOf(await session.select());
  // Before the search: what arrives between the two is behind it, and so listed as new mail.
  const last = await lastUid(session, settings);
  const { uids, kept } = last === 0 ? { uids: [], kept: [] } : await wantedUids(session, start, { from: 1, to: last });
  const from = uids[0]?.from;
  const at = (uid: number, first: Run[]) => formatPosition({ validity, uid, first, witness: null });
  if (from === undefined) return { uids, kept, position: at(last, []) };
  // As a rule all that lies behind the first one is wanted. Only then it need not be noted one by one.
  const tail = await searchUids(session, { from, to: last }, {});
  return { uids, kept, position: containsUids(uids, tail) ? at(from - 1, []) : at(last, uids) };
}

async function wantedUids(session: Session, start: Start, within: Run): Promise<Pick<Snapshot, 'uids' | 'kept'>> {
  const find = (query: SearchObject) => searchUids(session, within, query);
  if (start.from === 'unread') {
    return { uids: await find({ seen: false }), kept: await find({ seen: false, ...notDeleted }) };
  }
  if (start.from !== 'since') return { uids: [], kept: [] };
  // SINCE and BEFORE compare the day that it was where the message came in, up to 14 hours away (RFC 3501 §6.4.4): so more
  // is searched for, and what came near that day is asked for its time.
  const day = Math.floor(start.since / dayMs) * dayMs;
  const since = new Date(Math.max(0, day - dayMs));
  const before = new Date(day + 2 * dayMs);
  const found = await find({ since });
  // A day that is not over yet can't be a bound: servers with WITHIN are asked for an age (RFC 5032).
  const near = before.getTime() > Date.now() ? found : await find({ since, before });
  const { messages } = await describe(session, near);
  const early = messages.flatMap(({ uid, receivedAt }) =>
    receivedAt !== null && receivedAt < start.since ? [uid] : [],
  );
  return { uids: withoutUids(found, early), kept: withoutUids(await find({ since, ...notDeleted }), early) };
}

async function lastUid(session: Session, settings: ImapSettings): Promise<number> {
  const { uidNext, exists } = await session.select();
  const next = (await statusOf(session, settings)).uidNext ?? uidNext;
  if (next !== undefined) return Math.min(next - 1, largestUid);
  return exists === 0 ? 0 : ((await uidsAt(session, [exists])).at(-1) ?? 0);
}

/** The first lines that people know a message by, unread as before (BODY.PEEK). */
export async function previewOf(session: Session, handles: readonly string[]): Promise<Preview[]> {
  const validity = validityOf(await session.select());
  const uids = handles.map(parseHandle).flatMap((place) => (place?.validity === validity ? place.uid : []));
  if (uids.length === 0) return [];
  // Courier describes what others have expunged by a text of its own, until it has told of that.
  await session.wait(undefined, session.client.noop());
  const rows = await headersOf(session, uids);
  const previews = await Promise.all(
    [...rows].map(([uid, { internalDate, headers }]) => {
      const handle = formatHandle({ validity, uid });
      return previewFrom(handle, epoch(internalDate), Buffer.isBuffer(headers) ? headers : new Uint8Array());
    }),
  );
  const byHandle = new Map(previews.map((preview) => [preview.handle, preview]));
  return handles.flatMap((handle) => byHandle.get(handle) ?? []);
}

/** Rows with what was asked for, as far as it can be had, of all messages that are there. */
async function headersOf(session: Session, uids: readonly number[]): Promise<Map<number, Row>> {
  const headers = ['from', 'subject'];
  const { rows } = await rowsOf(session, runsOf(uids), { uid: true, internalDate: true, headers });
  // NIL stands for a message that was expunged meanwhile; the library makes `false` of it.
  const lacks = (uid: number) => !Buffer.isBuffer(rows.get(uid)?.headers);
  const present = await presentNow(session, uids.filter(lacks));
  for (const uid of uids.filter(lacks)) {
    if (!present.has(uid)) rows.delete(uid);
    else rows.set(uid, (await rowsOf(session, runsOf([uid]), { uid: true, headers })).rows.get(uid) ?? { uid });
  }
  return rows;
}
