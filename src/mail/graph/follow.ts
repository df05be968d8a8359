import { AppError } from '../../domain/app-error';
import { refuseRepeated } from '../paging';
import { markOf } from './backlog';
import { readEach } from './batch';
import { type GraphApi, type GraphMessage, messageSchema } from './graph-api';
import { byAge, isBehind, listed } from './messages';
import type { Follow } from './position';
import { readDelta } from './sweep';

/** Pages of one round; where more has come in, the rest is the next round. */
const mostPages = 20;
const pageSize = 200;
/** Messages that have left the folder, after which a reading stops: each is looked for, twenty in a request. */
const mostRemoved = 200;
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
 * A message with an immutable id that left and came back within a round is told as removed, and as nothing else
 * (microsoft-graph-docs issue 21752): whatever was removed is looked for in the folder.
 * @returns null when Graph no longer knows the link (410), or the folder is gone
 */
export async function readNews(api: GraphApi, position: Follow, limit: number, now: number): Promise<News | null> {
  const { folder, round } = position;
  const found = new Map<string, GraphMessage>();
  const removed = new Set<string>();
  const seen = new Set<string>();
  let reached = position.link;
  let isLast = false;
  // Read again, a round is read as far as the first time, or the rest of it would be passed over.
  const pages = round === undefined ? mostPages : 2 * mostPages;
  for (let count = 0; !isLast && count < pages; count += 1) {
    if (round === undefined ? removed.size >= mostRemoved : reached === round.end) break;
    const page = await readDelta(api, reached, pageSize);
    if (page === null) return null;
    for (const message of page.messages) found.set(message.id, message);
    for (const id of page.removed) removed.add(id);
    if (!page.isLast) refuseRepeated('Microsoft 365', seen, page.link);
    reached = page.link;
    isLast = page.isLast;
  }
  const isQuiet = found.size === 0 && removed.size === 0 && isLast && round === undefined;
  if (isQuiet && now - position.at < renewAfterMs) return { messages: [], position, more: false };

  const left = [...removed].filter((id) => !found.has(id));
  for (const message of await stillThere(api, folder, left, round === undefined)) found.set(message.id, message);
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

/**
 * Those of the messages that are in the folder. What Graph has trouble with counts as there, and its download tells; but
 * in a round that is read again it has no date to be put in order by.
 */
async function stillThere(
  api: GraphApi,
  folder: string,
  ids: readonly string[],
  isFirstReading: boolean,
): Promise<GraphMessage[]> {
  const messagesPath = `${api.base}/mailFolders/${encodeURIComponent(folder)}/messages`;
  const answers = await readEach(api, messagesPath, ids, listed, messageSchema);
  return answers.flatMap((answer, index) => {
    if (answer === 'gone') return [];
    if (!(answer instanceof AppError)) return [answer.found];
    if (!isFirstReading) throw answer;
    return [{ id: ids[index] ?? '' }];
  });
}
