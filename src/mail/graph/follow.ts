import { refuseRepeated } from '../paging';
import { markOf } from './backlog';
import type { GraphApi, GraphMessage } from './graph-api';
import { byAge, isBehind } from './messages';
import type { Follow } from './position';
import { readDelta } from './sweep';

/** Pages of one round; where more has come in, the rest is the next round. */
const mostPages = 20;
const pageSize = 200;
/**
 * Graph forgets the oldest delta links as it hands out new ones, and it hands out one with each poll: an idle folder
 * renews its link this often (milliseconds), and writes nothing in between.
 */
const renewAfterMs = 60 * 60_000;

export interface News {
  /** Oldest first. */
  messages: GraphMessage[];
  position: Follow;
  more: boolean;
}

/**
 * What came into the folder since the position; one request, and the very same position, when there is nothing. Graph
 * promises no order, so a round is read whole and sorted; when it is longer than `limit`, it is read again for the rest.
 * @returns null when Graph no longer knows the link (410), or the folder is gone
 */
export async function readNews(api: GraphApi, position: Follow, limit: number, now: number): Promise<News | null> {
  const { folder, round } = position;
  const found = new Map<string, GraphMessage>();
  const seen = new Set<string>();
  let reached = position.link;
  let isLast = false;
  for (let count = 0; !isLast && count < mostPages; count += 1) {
    const page = await readDelta(api, reached, pageSize);
    if (page === null) return null;
    for (const message of page.messages) found.set(message.id, message);
    if (!page.isLast) refuseRepeated('Microsoft 365', seen, page.link);
    reached = page.link;
    isLast = page.isLast;
  }
  const isQuiet = found.size === 0 && isLast && round === undefined;
  if (isQuiet && now - position.at < renewAfterMs) return { messages: [], position, more: false };

  const waiting = [...found.values()].filter((message) => isBehind(round?.mark, message)).sort(byAge);
  const messages = waiting.slice(0, limit);
  // The first reading's end, not this one's: what came in between two readings may be older than the mark.
  const end = round?.end ?? reached;
  const mark = markOf(messages.at(-1));
  if (waiting.length > limit && mark !== null) {
    return {
      messages,
      position: { phase: 'follow', folder, link: position.link, at: position.at, round: { mark, end } },
      more: true,
    };
  }
  return { messages, position: { phase: 'follow', folder, link: end, at: now }, more: round !== undefined || !isLast };
}
