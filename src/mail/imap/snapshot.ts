import { validityOf } from './listing';
import { parseHandle } from './positions';
import { rowsOf } from './rows';
import type { Session } from './session';
import { uidSet } from './uid-sets';

/** The UIDs that handles stand for; null for one of a folder that was laid anew since. */
export async function uidsOf(session: Session, handles: readonly string[]): Promise<(number | null)[]> {
  const places = handles.map(parseHandle);
  const within = (validity: string) => places.map((place) => (place?.validity === validity ? place.uid : null));
  const uids = within(validityOf(await session.select()));
  // Another session may have listed them in a newer folder than this one has open.
  return uids.includes(null) ? within(validityOf(await session.select(true))) : uids;
}

/**
 * What the server tells of messages; of those that it does not know, after it has looked once more. A session that lay idle
 * may not have noticed yet what another one has listed already (RFC 3501 §6.1.2): without a second look, new mail would be
 * taken for gone, and never become an issue.
 */
export async function askTwice<T>(
  session: Session,
  uids: readonly number[],
  ask: (uids: readonly number[]) => Promise<Map<number, T>>,
): Promise<Map<number, T>> {
  if (uids.length === 0) return new Map();
  const told = await ask(uids);
  const missing = uids.filter((uid) => !told.has(uid));
  if (missing.length === 0) return told;
  await session.wait(undefined, session.client.noop());
  return new Map([...told, ...(await ask(missing))]);
}

/** The flags of those messages that are in the folder now. */
export function currentFlags(session: Session, uids: readonly number[]): Promise<Map<number, Set<string>>> {
  return askTwice(session, uids, (asked) => flagsOf(session, asked));
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
  const ask = () => rowsOf(session, uidSet(uids), { uid: true, flags: true });
  session.client.on('expunge', notice);
  try {
    const told = await ask();
    const rows = isStale ? await ask() : told;
    return new Map(rows.map(({ uid, flags }) => [uid, flags ?? new Set()]));
  } finally {
    session.client.off('expunge', notice);
  }
}
