import type { HttpApi } from '../http';
import { refuseRepeated } from '../paging';
import { mailboxPath, messagePageSchema, withQuery } from './gmail-api';
import type { Position, TimeWindow } from './position';

/** Requests of one listing; it may end without a message, and goes on from there. */
const mostRequests = 20;
/** The most that Gmail puts on a page. */
const pageSize = 500;
/** A span that short (seconds) is not halved any more: its pages are read through. */
const shortestWindow = 4;
/** Pages of such a span: 20,000 messages of a few seconds, as only an import makes them. */
const mostPages = 40;
const day = 24 * 60 * 60;
/** Labels that a listing leaves out unless it is told to include spam and trash. */
const excluded = new Set(['SPAM', 'TRASH']);

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
    const page = await readPage(api, position.label, window);
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
        : [...page.ids, ...(await readRest(api, position.label, window, page.nextPageToken))];
    const oldestFirst = listed.reverse();
    // Not there any more: it was moved or deleted, and so was what came before it, or receipts know it.
    const begin = position.after === undefined ? 0 : oldestFirst.indexOf(position.after) + 1;
    const known = new Set(position.overlap);
    const rest = oldestFirst.slice(begin).filter((id) => !known.has(id));
    const ids = rest.slice(0, limit);
    const last = ids.at(-1);
    if (rest.length > limit && last !== undefined)
      return { ids, position: { ...position, after: last }, windowEnd: window[1] };
    position = withoutOldest(position);
    if (ids.length > 0) return { ids, position, windowEnd: window[1] };
  }
  return { ids: [], position, windowEnd: null };
}

function withoutOldest({ label, history, at, windows = [], edge = [] }: Position): Position {
  const left = windows.slice(0, -1);
  return left.length === 0 ? { label, history, at } : { label, history, at, windows: left, overlap: edge };
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

async function readPage(
  api: HttpApi,
  label: string,
  [from, to]: TimeWindow,
  pageToken?: string,
): Promise<{ ids: string[]; nextPageToken: string | undefined }> {
  // Whether "after" includes its second is not documented, so the windows overlap by one. A whole mailbox is asked for
  // without a search, whose index lags behind what has just arrived.
  const terms = [...(from > 0 ? [`after:${from - 1}`] : []), ...(to === null ? [] : [`before:${to}`])];
  const path = withQuery(`${mailboxPath}/messages`, {
    labelIds: label,
    maxResults: pageSize,
    q: terms.length === 0 ? undefined : terms.join(' '),
    includeSpamTrash: excluded.has(label) ? 'true' : undefined,
    pageToken,
    fields: 'messages/id,nextPageToken,resultSizeEstimate',
  });
  const page = await api.json({ path }, messagePageSchema);
  return { ids: page.messages.map((message) => message.id), nextPageToken: page.nextPageToken };
}

async function readRest(api: HttpApi, label: string, window: TimeWindow, firstToken: string): Promise<string[]> {
  const ids: string[] = [];
  const tokens = new Set<string>();
  let token: string | undefined = firstToken;
  for (let page = 0; token !== undefined && page < mostPages; page += 1) {
    refuseRepeated('Gmail', tokens, token);
    const next = await readPage(api, label, window, token);
    ids.push(...next.ids);
    token = next.nextPageToken;
  }
  return ids;
}
