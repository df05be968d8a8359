import type { HttpApi } from '../http';
import { readPage, readPages } from './message-ids';
import type { Position, TimeWindow } from './position';

/** Requests of one listing; it may end without a message, and goes on from there. */
const mostRequests = 20;
/** A span that short (seconds) is not halved any more: its pages are read through. */
const shortestWindow = 4;
/** Pages of such a span: 20,000 messages of a few seconds, as only an import makes them. */
const mostPages = 40;
const day = 24 * 60 * 60;

export interface Backlog {
  /** Oldest first. */
  ids: string[];
  position: Position;
  /** Seconds since 1970 where the window of these messages ends; null: it is open. */
  windowEnd: number | null;
}

/**
 * The next messages, oldest first, of what the mailbox held when the connection began. The position's history id is older
 * than any of these listings: what arrives meanwhile is found there, at worst a second time.
 */
export async function readBacklog(api: HttpApi, start: Position, limit: number, now: number): Promise<Backlog> {
  let position = start;
  for (let request = 0; request < mostRequests; request += 1) {
    const window = position.windows?.at(-1);
    if (window === undefined) break;
    // The windows overlap by a second.
    const query = { labels: [position.label], window };
    const page = await readPage(api, query);
    if (page.nextPageToken !== undefined) {
      const halves = halve(window, now);
      if (halves !== null) {
        position = { ...position, windows: [...(position.windows ?? []).slice(0, -1), ...halves] };
        continue;
      }
    }
    const listed =
      page.nextPageToken === undefined
        ? page.ids
        : [...page.ids, ...(await readPages(api, query, mostPages, page.nextPageToken)).ids];
    const oldestFirst = listed.reverse();
    const before = new Set(position.after);
    // With none of them left, what is still there is listed again: receipts know what was taken of it.
    const begin = oldestFirst.findLastIndex((id) => before.has(id)) + 1;
    const known = new Set(position.overlap);
    const rest = oldestFirst.slice(begin).filter((id) => !known.has(id));
    const ids = rest.slice(0, limit);
    if (rest.length > ids.length) {
      // These may be gone at the next listing, since they were taken; what was left alone before them is still there.
      const after = [...oldestFirst.slice(begin - 1, begin), ...ids];
      return { ids, position: { ...position, after }, windowEnd: window[1] };
    }
    position = withoutOldest(position);
    if (ids.length > 0) return { ids, position, windowEnd: window[1] };
  }
  return { ids: [], position, windowEnd: null };
}

function withoutOldest({ label, history, at, windows = [], since, edge = [] }: Position): Position {
  const left = windows.slice(0, -1);
  if (left.length === 0) return { label, history, at };
  return { label, history, at, windows: left, ...(since === undefined ? {} : { since }), overlap: edge };
}

/** Two windows, the older one last; null when it is too short for that. */
function halve([from, to]: TimeWindow, now: number): [TimeWindow, TimeWindow] | null {
  // Nothing is received later than tomorrow, unless clocks disagree: then the open window's beginning moves on.
  const end = to ?? Math.max(Math.floor(now / 1_000), from) + day;
  if (end - from < shortestWindow) return null;
  const middle = Math.floor((from + end) / 2);
  return [
    [middle, to],
    [from, middle],
  ];
}
