import { positionChars } from '../../domain/limits';
import { type Estimate, type Preview, previewSize, type Start, startUnavailable } from '../../domain/start';
import { previewFrom } from '../preview';
import { statusOf } from './checking';
import { epoch, validityOf } from './listing';
import { formatHandle, formatPosition, parseHandle } from './positions';
import { rowsOf } from './rows';
import { searchUids } from './searching';
import type { Session } from './session';
import type { ImapSettings } from './settings';
import { containsUids, countUids, formatUidSet, type Run, splitUids, uidSet, withoutUids } from './uid-sets';

const dayMs = 24 * 60 * 60_000;
/** Servers refuse long lines; 8,000 bytes are what each takes (RFC 7162 §4). */
const runsPerCommand = 350;

/** How many messages a start point means, and the first of them. */
export async function estimateStart(session: Session, settings: ImapSettings, start: Start): Promise<Estimate> {
  const folder = await session.select();
  const exactly = { confidence: 'exact', reason: null, available: true } as const;
  if (start.from === 'now') return { ...exactly, count: 0, first: [] };
  const handlesOf = (uids: readonly number[]) => uids.map((uid) => formatHandle({ validity: validityOf(folder), uid }));
  if (start.from === 'everything') {
    const { messages = folder.exists } = await statusOf(session, settings);
    return { ...exactly, count: messages, first: handlesOf(await oldest(session)) };
  }
  const { uids, position } = await takeSnapshot(session, settings, start);
  const count = countUids(uids);
  const estimate = { ...exactly, count, first: handlesOf(splitUids(uids, previewSize).first) };
  return position.length <= positionChars ? estimate : { ...estimate, available: false, reason: scattered(count) };
}

/** The position that lists what `start` means. @throws AppError `start-unavailable` */
export async function beginAt(session: Session, settings: ImapSettings, start: Start): Promise<string | null> {
  if (start.from === 'everything') return null;
  const { uids, position } = await takeSnapshot(session, settings, start);
  if (position.length > positionChars) throw startUnavailable(scattered(countUids(uids)));
  return position;
}

const scattered = (count: number) =>
  `These ${count} messages lie scattered among others, too many to note each of them. Choose another date, or everything.`;

/** What is in the folder now and wanted, and the position that lists just that and what comes later. */
async function takeSnapshot(
  session: Session,
  settings: ImapSettings,
  start: Start,
): Promise<{ uids: Run[]; position: string }> {
  const validity = validityOf(await session.select());
  // Before the search: what arrives between the two is behind it, and so listed as new mail.
  const last = await lastUid(session, settings);
  const uids = last === 0 ? [] : await wantedUids(session, start, `1:${last}`);
  const from = uids[0]?.from;
  if (from === undefined) return { uids, position: formatPosition({ validity, uid: last, first: [] }) };
  // As a rule all that lies behind the first one is wanted. Only then it need not be noted one by one.
  const tail = await searchUids(session, { uid: `${from}:${last}` });
  const place = containsUids(uids, tail) ? { uid: from - 1, first: [] } : { uid: last, first: uids };
  return { uids, position: formatPosition({ validity, ...place }) };
}

async function wantedUids(session: Session, start: Start, uid: string): Promise<Run[]> {
  if (start.from === 'unread') return searchUids(session, { uid, seen: false });
  if (start.from !== 'since') return [];
  // SINCE and BEFORE compare the day that it was where the message came in, up to 14 hours away (RFC 3501 §6.4.4): so more
  // is searched for, and what came near that day is asked for its time.
  const day = Math.floor(start.since / dayMs) * dayMs;
  const since = new Date(Math.max(0, day - dayMs));
  const before = new Date(day + 2 * dayMs);
  const found = await searchUids(session, { uid, since });
  // A day that is not over yet can't be a bound: servers with WITHIN are asked for an age (RFC 5032).
  const near = before.getTime() > Date.now() ? found : await searchUids(session, { uid, since, before });
  const early = (await receptionTimes(session, near)).filter(({ at }) => at !== null && at < start.since);
  return withoutUids(
    found,
    early.map((one) => one.uid),
  );
}

async function receptionTimes(session: Session, runs: readonly Run[]): Promise<{ uid: number; at: number | null }[]> {
  const times: { uid: number; at: number | null }[] = [];
  const query = { uid: true, internalDate: true };
  for (let at = 0; at < runs.length; at += runsPerCommand) {
    const set = formatUidSet(runs.slice(at, at + runsPerCommand));
    const rows = await rowsOf(session, set, query);
    times.push(...rows.map(({ uid, internalDate }) => ({ uid, at: epoch(internalDate) })));
  }
  return times;
}

async function lastUid(session: Session, settings: ImapSettings): Promise<number> {
  const next = (await statusOf(session, settings)).uidNext ?? (await session.select()).uidNext;
  if (next !== undefined) return next - 1;
  const last = await session.wait('count', session.client.fetchOne('*', { uid: true }));
  return last === false || last === undefined ? 0 : last.uid;
}

/** UIDs of the first messages of the folder. */
async function oldest(session: Session): Promise<number[]> {
  const count = Math.min(previewSize, (await session.select()).exists);
  if (count === 0) return [];
  const rows = await rowsOf(session, `1:${count}`, { uid: true }, { uid: false });
  return rows.map(({ uid }) => uid).sort((a, b) => a - b);
}

/** The first lines that people know a message by, unread as before (BODY.PEEK). */
export async function previewOf(session: Session, handles: readonly string[]): Promise<Preview[]> {
  const validity = validityOf(await session.select());
  const uids = handles.map(parseHandle).flatMap((place) => (place?.validity === validity ? place.uid : []));
  if (uids.length === 0) return [];
  const query = { uid: true, internalDate: true, headers: ['from', 'subject'] };
  const rows = await rowsOf(session, uidSet(uids), query);
  const previews = await Promise.all(
    rows.flatMap(({ uid, internalDate, headers }) =>
      // NIL stands for a message that was expunged meanwhile; the library makes `false` of it.
      Buffer.isBuffer(headers) ? [previewFrom(formatHandle({ validity, uid }), epoch(internalDate), headers)] : [],
    ),
  );
  const byHandle = new Map(previews.map((preview) => [preview.handle, preview]));
  return handles.flatMap((handle) => byHandle.get(handle) ?? []);
}
