import type { Session } from './session';
import { uidSet } from './uid-sets';

/**
 * The flags of those messages that are in the folder now. A server may describe messages that others have expunged until it
 * has told of that, which it does at the end of the same answer (RFC 3501 §7.4.1); then it is asked once more.
 */
export async function currentFlags(session: Session, uids: readonly number[]): Promise<Map<number, Set<string>>> {
  if (uids.length === 0) return new Map();
  let isStale = false;
  const notice = () => {
    isStale = true;
  };
  const ask = () =>
    session.wait(undefined, session.client.fetchAll(uidSet(uids), { uid: true, flags: true }, { uid: true }));
  session.client.on('expunge', notice);
  try {
    const told = await ask();
    const rows = isStale ? await ask() : told;
    return new Map(rows.map(({ uid, flags }) => [uid, flags ?? new Set()]));
  } finally {
    session.client.off('expunge', notice);
  }
}
