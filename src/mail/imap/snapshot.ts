import { validityOf } from './listing';
import { parseHandle } from './positions';
import { rowsOf } from './rows';
import { askSearch } from './searching';
import type { Session } from './session';
import { containsUid, type Run, runsOf } from './uid-sets';

/** The UIDs that handles stand for; null for one of a folder that was laid anew since. */
export async function uidsOf(session: Session, handles: readonly string[]): Promise<(number | null)[]> {
  const places = handles.map(parseHandle);
  const within = (validity: string) => places.map((place) => (place?.validity === validity ? place.uid : null));
  const uids = within(validityOf(await session.select()));
  // Another session may have listed them in a newer folder than this one has open.
  return uids.includes(null) ? within(validityOf(await session.select(true))) : uids;
}

/**
 * Which messages are in the folder, of those that an answer lacks. A session that lay idle may not have noticed yet what another one
 * has listed already (RFC 3501 §6.1.2): it looks once more first. What the server does not clearly call missing counts as there: mail
 * that is taken for gone never becomes an issue.
 */
export async function presentNow(session: Session, uids: readonly number[]): Promise<Set<number>> {
  if (uids.length === 0) return new Set();
  await session.wait(undefined, session.client.noop());
  const asked = runsOf(uids);
  const found = await askSearch(session, asked, {});
  if (found !== null) return new Set(uids.filter((uid) => containsUid(found, uid)));
  const { rows, refused, unreadable } = await rowsOf(session, asked, { uid: true });
  const isClear = refused === null && unreadable.length === 0;
  return new Set(isClear ? uids.filter((uid) => rows.has(uid)) : uids);
}

/** The flags of those messages that are in the folder now; of one whose row can't be read, those that searches tell. */
export async function currentFlags(session: Session, uids: readonly number[]): Promise<Map<number, Set<string>>> {
  if (uids.length === 0) return new Map();
  const told = await flagsOf(session, uids);
  const missing = uids.filter((uid) => !told.has(uid));
  const present = runsOf([...(await presentNow(session, missing))]);
  if (present.length === 0) return told;
  const unseen = await askSearch(session, present, { seen: false });
  const undeleted = await askSearch(session, present, { deleted: false });
  const has = (without: Run[] | null, uid: number, flag: string) =>
    without !== null && !containsUid(without, uid) ? [flag] : [];
  for (const uid of missing) {
    if (!containsUid(present, uid)) continue;
    told.set(uid, new Set([...has(unseen, uid, '\\Seen'), ...has(undeleted, uid, '\\Deleted')]));
  }
  return told;
}

/**
 * A server may describe messages that others have expunged until it has told of that, which it does at the end of the same
 * answer (RFC 3501 §7.4.1); then it is asked once more.
 */
async function flagsOf(session: Session, uids: readonly number[]): Promise<Map<number, Set<string>>> {
  let isStale = false;
  const notice = () => {
    isStale = true;
  };
  const ask = async () => (await rowsOf(session, runsOf(uids), { uid: true, flags: true })).rows;
  session.client.on('expunge', notice);
  try {
    const told = await ask();
    const rows = isStale ? await ask() : told;
    return new Map([...rows].flatMap(([uid, { flags }]) => (flags === undefined ? [] : [[uid, flags] as const])));
  } finally {
    session.client.off('expunge', notice);
  }
}
