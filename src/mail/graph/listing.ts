import type { Listing } from '../../domain/ports';
import { readBacklog } from './backlog';
import { findFolder } from './folders';
import { readNews } from './follow';
import { type GraphApi, type GraphMessage, messagePageSchema, withQuery } from './graph-api';
import { asArrival, receivedOf } from './messages';
import { type Follow, type Position, readPosition, type Start, type Sweep, shortId, writePosition } from './position';
import { sweep } from './sweep';

/** Mail can be on its way into the folder with a date of some minutes ago. */
const inTransitMs = 5 * 60_000;
/** Messages of those minutes that are remembered as known. */
const mostKnown = 500;

/** Up to `limit` messages that came into the folder after `position`. */
export async function listArrivals(
  api: GraphApi,
  folder: string,
  position: string | null,
  limit: number,
  now: number,
): Promise<Listing> {
  const known = position === null ? null : readPosition(position);
  let current: Position = known ?? (await startAt(api, folder, null));
  let reset = position !== null && known === null;
  const result = (messages: GraphMessage[], next: Position, more: boolean): Listing => ({
    arrivals: messages.map(asArrival),
    // The very string that came in when nothing has changed, so that nobody takes it for progress.
    position: next === known ? position : writePosition(next),
    more,
    reset,
  });

  if (current.phase === 'follow') {
    const news = await readNews(api, current, limit, now);
    if (news !== null) return result(news.messages, news.position, news.more);
    current = await startAt(api, folder, null);
    reset = true;
  }
  if (current.phase === 'sweep') {
    // A page that was forgotten in the middle of a sweep costs nothing: nothing was listed yet.
    const swept = (await sweep(api, current, now)) ?? (await startAt(api, folder, current.start));
    if (swept.phase === 'sweep') return result([], swept, true);
    current = swept;
  }
  if (current.phase === 'backlog') {
    const { messages, mark } = await readBacklog(api, current, limit);
    if (mark !== null) return result(messages, { ...current, mark }, true);
    const follow: Follow = { phase: 'follow', folder: current.folder, link: current.link, at: current.at };
    return result(messages, follow, false);
  }
  return result([], current, false);
}

/** The position from which only what arrives from now on is listed. */
export async function startNow(api: GraphApi, folder: string): Promise<Position> {
  const { id } = await findFolder(api, folder);
  const page = await api.json(
    {
      path: withQuery(`${api.base}/mailFolders/${encodeURIComponent(id)}/messages`, {
        $select: 'id,receivedDateTime',
        $orderby: 'receivedDateTime desc',
        $top: mostKnown,
      }),
    },
    messagePageSchema,
  );
  const times = page.value.map((message) => Date.parse(receivedOf(message)));
  const [newest] = times;
  if (newest === undefined) return sweepOf(id, null);
  // On a full page the oldest second may be cut off: only what is younger is known whole.
  const knownSince = page.value.length < mostKnown ? 0 : (times.at(-1) ?? 0) + 1_000;
  const begin = Math.max(newest - inTransitMs, knownSince);
  const received = new Date(begin).toISOString().replace(/\.\d+Z$/, 'Z');
  const known = page.value.filter((_, index) => (times[index] ?? 0) >= begin).map((message) => shortId(message.id));
  return sweepOf(id, { received, known });
}

async function startAt(api: GraphApi, folder: string, start: Start | null): Promise<Sweep> {
  return sweepOf((await findFolder(api, folder)).id, start);
}

function sweepOf(folder: string, start: Start | null): Sweep {
  return { phase: 'sweep', folder, start, next: null, newest: '' };
}
