import { type Start, startUnavailable } from '../../domain/start';
import { refuseRepeated } from '../paging';
import { mostUnread, tooManyUnread } from '../unread-snapshot';
import { beginning } from './backlog';
import { findFolder } from './folders';
import { type GraphApi, type GraphMessage, messagePageSchema, withQuery } from './graph-api';
import { asDate, byAge, receivedOf } from './messages';
import { type Sweep, shortId, sweepOf, writePosition } from './position';

/** Mail can be on its way into the folder with a date of some minutes ago. */
const inTransitMs = 5 * 60_000;
/** Messages of those minutes that are remembered as known. */
const mostKnown = 500;
/** Graph's own limit for `$top`. */
const largestPage = 1_000;

/** The position that lists what `start` means; null: the beginning. @throws AppError `start-unavailable` */
export async function beginAt(api: GraphApi, folder: string, start: Start): Promise<string | null> {
  if (start.from === 'everything') return null;
  const { id } = await findFolder(api, folder);
  if (start.from === 'since') return writePosition(sweepOf(id, { received: firstSecond(start.since), known: [] }));
  const now = await startNow(api, id);
  if (start.from === 'now') return writePosition(now);
  const unread = await readUnread(api, id);
  if (unread === null) throw startUnavailable(tooManyUnread());
  const [oldest] = unread;
  // An empty folder, where whatever comes is wanted anyway.
  if (oldest === undefined || now.start === null) return writePosition(now);
  const ids = unread.map((message) => shortId(message.id)).join(' ');
  return writePosition({ ...now, start: { ...now.start, unread: { received: receivedOf(oldest), ids } } });
}

/** The second from which on mail was received at `since` (epoch milliseconds) or later: Exchange keeps whole seconds. */
export function firstSecond(since: number): string {
  return asDate(Math.ceil(since / 1_000) * 1_000);
}

/** The position from which only what arrives from now on is listed. */
async function startNow(api: GraphApi, folder: string): Promise<Sweep> {
  const page = await api.json(
    {
      path: withQuery(`${api.base}/mailFolders/${encodeURIComponent(folder)}/messages`, {
        $select: 'id,receivedDateTime',
        $orderby: 'receivedDateTime desc',
        $top: mostKnown,
      }),
    },
    messagePageSchema,
  );
  const times = page.value.map((message) => Date.parse(receivedOf(message)));
  const [newest] = times;
  if (newest === undefined) return sweepOf(folder, null);
  // On a full page the oldest second may be cut off: only what is younger is known whole.
  const knownSince = page.value.length < mostKnown ? 0 : (times.at(-1) ?? 0) + 1_000;
  const begin = Math.max(newest - inTransitMs, knownSince);
  const known = page.value.filter((_, index) => (times[index] ?? 0) >= begin).map((message) => shortId(message.id));
  return sweepOf(folder, { received: asDate(begin), known });
}

/** The unread mail of a folder, oldest first; null when there is more than a position can note. */
async function readUnread(api: GraphApi, folder: string): Promise<GraphMessage[] | null> {
  const found = new Map<string, GraphMessage>();
  const seen = new Set<string>();
  let from = '';
  let path = unreadPath(api, folder, beginning);
  while (found.size <= mostUnread) {
    refuseRepeated('Microsoft 365', seen, path);
    const page = await api.json({ path }, messagePageSchema);
    for (const message of page.value) found.set(message.id, message);
    const link = page['@odata.nextLink'];
    if (link === undefined) return found.size > mostUnread ? null : [...found.values()].sort(byAge);
    // Graph's own link skips a number of messages, and so misses some as soon as others are read: it is only followed where
    // one second fills a whole page.
    const last = page.value.map(receivedOf).at(-1) ?? '';
    path = last > from ? unreadPath(api, folder, last) : api.pathOf(link);
    if (last > from) from = last;
  }
  return null;
}

function unreadPath(api: GraphApi, folder: string, from: string): string {
  return withQuery(`${api.base}/mailFolders/${encodeURIComponent(folder)}/messages`, {
    $select: 'id,receivedDateTime',
    $filter: `receivedDateTime ge ${from} and isRead eq false`,
    $orderby: 'receivedDateTime',
    $top: largestPage,
  });
}
