import type { Activity } from '../domain/activity-port';
import { type Connection, isKnownByHandle, mailboxIdentity } from '../domain/connection';
import type { Cursor } from '../domain/cursor';
import type { ReadReceipts } from '../domain/ports';
import type { Receipt } from '../domain/receipt';
import { originOf } from './fingerprint';

/** What is known already of mail that is in a mailbox, without a look at the mail itself. */

/** Where that is remembered. */
export interface MailMemory {
  readReceipts: ReadReceipts;
  activity: Pick<Activity, 'list' | 'keptDays'>;
  /** Epoch milliseconds. */
  now(): number;
}

/** Remembers nothing: each mail is new. */
export const noMemory: MailMemory = {
  readReceipts: async () => new Map(),
  activity: { list: async () => ({ entries: [], cursor: null, searchedUntil: null }), keptDays: async () => 0 },
  now: () => 0,
};

export interface Sorted {
  /** Will become issues. */
  fresh: string[];
  /** Have their issue; met again, they are marked, moved or deleted once more. */
  taken: number;
  /** Were skipped or given up, and stay as they are. */
  left: number;
  /** Why some of the fresh ones may have been taken after all, for people; null where that is certain. */
  doubt: string | null;
}

/** Pages of the activity log that are read while somebody waits. */
const maxPages = 20;
const dayMs = 24 * 60 * 60_000;

/**
 * Tells the new ones of these messages from those that are known. Gmail and Graph have ids that receipts are named after. What
 * else is known stands in the cursor: each message that was listed, but for those that wait, is done; and where some were left
 * alone when the connection was enabled, the activity log names those that were not.
 * @param unlisted handles that come after the cursor's position
 */
export async function sortKnown(
  memory: MailMemory,
  connection: Connection,
  cursor: Cursor,
  handles: readonly string[],
  unlisted: ReadonlySet<string>,
): Promise<Sorted> {
  if (isKnownByHandle(connection.settings)) return sortByReceipts(memory, connection, handles);
  const waiting = new Map(cursor.waiting.map((one) => [one.handle, one.reason]));
  const givenUp = new Set(cursor.quarantined.map(({ handle }) => handle));
  const isFresh = (handle: string) =>
    waiting.has(handle) ? waiting.get(handle) !== 'settle' : unlisted.has(handle) && !givenUp.has(handle);
  const fresh = new Set(handles.filter(isFresh));
  const listed = handles.filter((handle) => !fresh.has(handle) && !givenUp.has(handle));
  const left = handles.length - fresh.size - listed.length;
  if (isAllTaken(cursor) || listed.length === 0) {
    return { fresh: [...fresh], taken: listed.length, left, doubt: null };
  }
  const logged = await loggedMail(memory, connection);
  const taken = listed.filter((handle) => waiting.has(handle) || logged.taken.has(handle)).length;
  const skipped = listed.filter((handle) => logged.skipped.has(handle)).length;
  for (const handle of listed) {
    if (!waiting.has(handle) && !logged.taken.has(handle) && !logged.skipped.has(handle)) fresh.add(handle);
  }
  const inOrder = handles.filter((handle) => fresh.has(handle));
  return { fresh: inOrder, taken, left: left + skipped, doubt: logged.doubt };
}

/** Whether all mail up to the cursor's position was wanted when it was listed: none was left alone at the start. */
export const isAllTaken = ({ totals, notBefore, relisting }: Cursor): boolean =>
  totals.alone === 0 && !relisting && (notBefore === null || totals.skipped === 0);

async function sortByReceipts(
  { readReceipts }: MailMemory,
  connection: Connection,
  handles: readonly string[],
): Promise<Sorted> {
  const originByHandle = new Map(handles.map((handle) => [handle, originOf(connection, handle, new Uint8Array())]));
  const receipts = await readReceipts([...originByHandle.values()]);
  const stateOf = (handle: string): Receipt['state'] | undefined =>
    receipts.get(originByHandle.get(handle) ?? '')?.state;
  // A claim says only that somebody began.
  const fresh = handles.filter((handle) => [undefined, 'claimed'].includes(stateOf(handle)));
  const taken = handles.filter((handle) => ['done', 'created'].includes(stateOf(handle) ?? '')).length;
  return { fresh, taken, left: handles.length - fresh.length - taken, doubt: null };
}

/** The names of mail that the activity log has, in the mailbox as it is set now. */
async function loggedMail(
  { activity, now }: MailMemory,
  { id, settings, createdAt }: Connection,
): Promise<{ taken: Set<string>; skipped: Set<string>; doubt: string | null }> {
  const identity = mailboxIdentity(settings);
  let isCut = false;
  const handlesOf = async (result: 'created' | 'skipped' | 'quarantined' | 'dismissed') => {
    const handles = new Set<string>();
    let cursor: string | undefined;
    for (let page = 1; page <= maxPages; page += 1) {
      const found = await activity.list({ connectionId: id, result, cursor });
      for (const { mailbox, handle } of found.entries) if (mailbox === identity) handles.add(handle);
      if (found.cursor === null) return handles;
      cursor = found.cursor;
    }
    isCut = true;
    return handles;
  };
  const [days, taken, ...others] = await Promise.all([
    activity.keptDays(),
    handlesOf('created'),
    handlesOf('skipped'),
    handlesOf('quarantined'),
    handlesOf('dismissed'),
  ]);
  const skipped = new Set(others.flatMap((handles) => [...handles]));
  const isWhole = !isCut && createdAt >= now() - days * dayMs;
  return { taken, skipped, doubt: isWhole ? null : forgotten(isCut, days) };
}

const forgotten = (isCut: boolean, days: number) =>
  `Which mail was taken before is known of ${isCut ? 'the newest only' : days === 1 ? 'the last day only' : `the last ${days} days only`}, as long as the activity log goes back. Older mail that was taken counts as new here; it becomes no second issue.`;
