import { type Estimate, previewSize, type Start, unavailableStart } from '../../domain/start';
import type { HttpApi } from '../http';
import { tooManyUnread } from '../unread-snapshot';
import { countMessages } from './labels';
import { listArrivals } from './listing';
import { dateOf, readFacts } from './message-facts';
import { idsPerPage, readPages } from './message-ids';
import { writePosition } from './position';
import { readUnread, sincePosition, startNow } from './starting';

/** Messages that are counted one by one; Gmail's own number of results (`resultSizeEstimate`) is off by orders of magnitude. */
const mostCounted = 5_000;
/** Messages of a window's first seconds whose time is looked at together. */
const datesAtOnce = 50;
/** Listings in search of the first message that a start means. */
const mostListings = 5;

const exactly = { confidence: 'exact', reason: null, available: true } as const;

/** How many messages a start point means, and the first of them. */
export async function estimateStart(api: HttpApi, label: string, start: Start, now: number): Promise<Estimate> {
  if (start.from === 'now') return { ...exactly, count: 0, first: [] };
  if (start.from === 'unread') {
    const unread = await readUnread(api, label);
    if (unread === null) return unavailableStart(tooManyUnread());
    return { ...exactly, count: unread.length, first: unread.slice(0, previewSize) };
  }
  const since = start.from === 'since' ? start.since : null;
  const { total } = await countMessages(api, label);
  // A large mailbox is not paged through for a number that the label knows.
  if (since === null && total > mostCounted)
    return { ...exactly, count: total, first: await firstOf(api, label, null, now) };
  const window = since === null ? {} : { window: [Math.floor(since / 1_000), null] satisfies [number, null] };
  const { ids, complete } = await readPages(api, { labels: [label], ...window }, mostCounted / idsPerPage);
  if (!complete) {
    return {
      count: Math.min(total, await extrapolate(api, ids, since ?? 0, now)),
      confidence: 'estimate',
      reason: `Gmail does not count mail since a date. This number follows from how long the newest ${mostCounted.toLocaleString('en')} mails took to come in.`,
      available: true,
      first: await firstOf(api, label, since, now),
    };
  }
  const oldestFirst = ids.reverse();
  const early = since === null ? 0 : await countBefore(api, oldestFirst, since);
  return { ...exactly, count: ids.length - early, first: oldestFirst.slice(early, early + previewSize) };
}

/** How many of these ids, oldest first, were received before `since`: the search knows seconds only, and one too many. */
async function countBefore(api: HttpApi, oldestFirst: readonly string[], since: number): Promise<number> {
  for (let from = 0; from < oldestFirst.length; from += datesAtOnce) {
    const some = oldestFirst.slice(from, from + datesAtOnce);
    const facts = await readFacts(api, some);
    const wanted = some.findIndex((id) => (dateOf(facts, id) ?? 0) >= since);
    if (wanted >= 0) return from + wanted;
  }
  return oldestFirst.length;
}

/** Mail since `since` if it had always come in at the rate of the newest. */
async function extrapolate(api: HttpApi, newestFirst: readonly string[], since: number, now: number): Promise<number> {
  const oldest = newestFirst.at(-1) ?? '';
  const date = dateOf(await readFacts(api, [oldest]), oldest) ?? now;
  const span = Math.max(now - date, 1);
  return Math.max(newestFirst.length, Math.round((newestFirst.length * (now - since)) / span));
}

/** What the first listing from there would find. */
async function firstOf(api: HttpApi, label: string, since: number | null, now: number): Promise<string[]> {
  let position: string | null =
    since === null ? null : writePosition(sincePosition(await startNow(api, label, now), since));
  for (let listing = 0; listing < mostListings; listing += 1) {
    const {
      arrivals,
      more,
      position: next,
    } = await listArrivals(api, async () => label, new Map(), position, previewSize, now);
    if (arrivals.length > 0 || !more) return arrivals.map(({ handle }) => handle);
    position = next;
  }
  return [];
}
