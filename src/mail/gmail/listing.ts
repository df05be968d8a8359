import { AppError } from '../../domain/app-error';
import type { Arrival, Listing } from '../../domain/ports';
import type { HttpApi } from '../http';
import { type Backlog, readBacklog } from './backlog';
import { isLeftOut, type MessageFacts } from './gmail-api';
import { readNews } from './history';
import { readFacts } from './message-facts';
import { type Position, readPosition, writePosition } from './position';
import { startNow } from './starting';

/** Ids remembered from the seconds around a window's end, which the next window overlaps. */
const mostOverlap = 1_000;
const overlapSeconds = 2;

/** Up to `limit` messages that came into the folder after `position`. */
export async function listArrivals(
  api: HttpApi,
  findLabel: () => Promise<string>,
  sizes: Map<string, number>,
  position: string | null,
  limit: number,
  now: number,
): Promise<Listing> {
  const known = position === null ? null : readPosition(position);
  if (known?.unread !== undefined) return listUnread(api, sizes, known, known.unread, limit);
  if (known !== null && known.windows === undefined) {
    const news = await readNews(api, known, limit, now);
    if (news !== null) {
      const arrivals = await describe(api, sizes, news.ids, known.label);
      // The very string that came in, so that nobody takes it for progress.
      return {
        arrivals,
        position: news.position === known ? position : writePosition(news.position),
        more: news.more,
        reset: false,
      };
    }
  }
  const start =
    known?.windows === undefined
      ? { ...(await startNow(api, await findLabel(), now)), windows: [[0, null]] satisfies Position['windows'] }
      : known;
  const backlog = await readBacklog(api, start, limit, now);
  const arrivals = await describe(api, sizes, backlog.ids, start.label);
  const next = withOverlap(backlog, arrivals);
  const { since = Number.NEGATIVE_INFINITY } = start;
  return {
    arrivals: arrivals.filter(({ receivedAt }) => (receivedAt ?? since) >= since),
    position: writePosition(next),
    more: next.windows !== undefined,
    reset: position !== null && start !== known,
  };
}

/** The next of the mail that was unread when the connection began; whoever has read it since hides nothing. */
async function listUnread(
  api: HttpApi,
  sizes: Map<string, number>,
  { label, history, at }: Position,
  unread: string,
  limit: number,
): Promise<Listing> {
  const ids = unread.split(' ');
  const left = ids.slice(limit).join(' ');
  const next: Position = left === '' ? { label, history, at } : { label, history, at, unread: left };
  const arrivals = await describe(api, sizes, ids.slice(0, limit), label);
  return { arrivals, position: writePosition(next), more: left !== '', reset: false };
}

/**
 * Sizes and dates. What somebody archived or sorted since has arrived all the same; what is in the trash or is spam by
 * now has not. What Gmail does not find, or has trouble with, is listed all the same: its download tells what became of it.
 */
async function describe(
  api: HttpApi,
  sizes: Map<string, number>,
  ids: readonly string[],
  label: string,
): Promise<Arrival[]> {
  if (ids.length === 0) return [];
  const facts = await readFacts(api, ids);
  return ids.flatMap((id): Arrival[] => {
    const message = facts.get(id);
    if (message === undefined || message instanceof AppError)
      return [{ handle: id, size: null, receivedAt: null, unread: null }];
    if (isLeftOut(message.labelIds, label)) return [];
    sizes.set(id, message.sizeEstimate);
    return [asArrival(message)];
  });
}

function asArrival(message: MessageFacts): Arrival {
  return {
    handle: message.id,
    size: message.sizeEstimate,
    receivedAt: Number(message.internalDate),
    unread: message.labelIds.includes('UNREAD'),
  };
}

/** Remembers what was listed of the last seconds of a window: the next one overlaps them. */
function withOverlap({ position, windowEnd }: Backlog, arrivals: readonly Arrival[]): Position {
  if (windowEnd === null || position.windows === undefined) return position;
  const begin = (windowEnd - overlapSeconds) * 1_000;
  const near = arrivals.filter(({ receivedAt }) => (receivedAt ?? 0) >= begin).map(({ handle }) => handle);
  const field = position.after === undefined ? 'overlap' : 'edge';
  return { ...position, [field]: [...(position[field] ?? []), ...near].slice(-mostOverlap) };
}
