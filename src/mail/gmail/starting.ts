import { type Start, startUnavailable } from '../../domain/start';
import type { HttpApi } from '../http';
import { mostUnread, tooManyUnread } from '../unread-snapshot';
import { mailboxPath, profileSchema } from './gmail-api';
import { idsPerPage, readPages } from './message-ids';
import { type Position, writePosition } from './position';

/** The position that lists what `start` means; null: the beginning. @throws AppError `start-unavailable` */
export async function beginAt(api: HttpApi, label: string, start: Start, now: number): Promise<string | null> {
  if (start.from === 'everything') return null;
  // Before anything is listed: what arrives meanwhile comes twice rather than never, and receipts know it.
  const position = await startNow(api, label, now);
  if (start.from === 'now') return writePosition(position);
  if (start.from === 'since') return writePosition(sincePosition(position, start.since));
  const unread = await readUnread(api, label);
  if (unread === null) throw startUnavailable(tooManyUnread());
  return writePosition(unread.length === 0 ? position : { ...position, unread: unread.join(' ') });
}

/** The position from which only what arrives from now on is listed. */
export async function startNow(api: HttpApi, label: string, now: number): Promise<Position> {
  const profile = await api.json({ path: `${mailboxPath}/profile` }, profileSchema);
  return { label, history: profile.historyId, at: now };
}

/** @param since epoch milliseconds, to which Gmail knows when a message was received; its search knows seconds */
export function sincePosition(position: Position, since: number): Position {
  return { ...position, windows: [[Math.floor(since / 1_000), null]], since };
}

/** Ids of the unread mail, oldest first; null when there is more than a position can note. */
export async function readUnread(api: HttpApi, label: string): Promise<string[] | null> {
  const read = () => readPages(api, { labels: [label, 'UNREAD'] }, mostUnread / idsPerPage);
  const { ids, complete } = await read();
  if (!complete) return null;
  if (ids.length <= idsPerPage) return ids.reverse();
  // Whoever reads mail while this pages through it moves what is behind it forward, past the next page's beginning.
  const again = await read();
  const all = new Set([...again.ids, ...ids]);
  return again.complete && all.size <= mostUnread ? [...all].reverse() : null;
}
