import type { Listing } from '../../domain/ports';
import { readBacklog } from './backlog';
import { findFolder } from './folders';
import { readNews } from './follow';
import type { GraphApi, GraphMessage } from './graph-api';
import { asArrival } from './messages';
import { type Follow, type Position, readPosition, type Start, type Sweep, sweepOf, writePosition } from './position';
import { sweep } from './sweep';

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

async function startAt(api: GraphApi, folder: string, start: Start | null): Promise<Sweep> {
  return sweepOf((await findFolder(api, folder)).id, start);
}
