import { AppError } from '../../domain/app-error';
import { refuseRepeated } from '../paging';
import { type GraphApi, type GraphMessage, messagePageSchema, withQuery } from './graph-api';
import { byAge, isBehind, listed, receivedOf, startFilter } from './messages';
import type { BacklogPosition, Mark } from './position';

/** Pages of one listing. More than one is read only where many messages were received in the same second. */
const mostPages = 40;
/** ... and where a few messages are looked for among many. */
const mostSearchedPages = 10;
/** Graph's own limit for `$top`. */
const largestPage = 1_000;
export const beginning = '1900-01-01T00:00:00Z';

/**
 * The next messages, oldest first, of what was in the folder when its delta link was made. Each listing asks for what is
 * behind the last message listed; skipping a number of messages instead would miss some as soon as others leave.
 * @returns `mark` null when nothing is left
 */
export async function readBacklog(
  api: GraphApi,
  position: BacklogPosition,
  limit: number,
): Promise<{ messages: GraphMessage[]; mark: Mark | null }> {
  const { folder, start, until, mark } = position;
  const isWanted = startFilter(start);
  const isSearch = start?.unread !== undefined;
  const from = mark?.received ?? start?.unread?.received ?? start?.received ?? beginning;
  const seen = new Set<string>();
  const messages: GraphMessage[] = [];
  let path: string | null = withQuery(`${api.base}/mailFolders/${encodeURIComponent(folder)}/messages`, {
    ...listed,
    $filter: `receivedDateTime ge ${from} and receivedDateTime le ${until}`,
    $orderby: 'receivedDateTime',
    $top: isSearch ? largestPage : Math.min(2 * limit + 1, largestPage),
  });
  let passed: Mark | null = mark;
  for (let count = 0; path !== null && count < (isSearch ? mostSearchedPages : mostPages); count += 1) {
    const page: typeof messagePageSchema._output = await api.json({ path }, messagePageSchema);
    messages.push(...page.value);
    const link = page['@odata.nextLink'];
    path = link === undefined ? null : api.pathOf(link);
    if (path !== null) refuseRepeated('Microsoft 365', seen, path);
    // Within a second the order is ours, by id: the last second of a page may not be whole yet.
    const last = messages.at(-1);
    const whole =
      path === null || last === undefined ? messages : messages.filter((one) => receivedOf(one) < receivedOf(last));
    const behind = whole.filter((one) => isBehind(mark, one)).sort(byAge);
    const wanted = behind.filter(isWanted);
    const taken = wanted.slice(0, limit);
    if (taken.length > 0 && (path !== null || wanted.length > limit))
      return { messages: taken, mark: markOf(taken.at(-1)) };
    if (path === null) return { messages: taken, mark: null };
    passed = markOf(behind.at(-1)) ?? passed;
  }
  if (passed !== null && passed !== mark) return { messages: [], mark: passed };
  const message = 'More messages of one and the same second are in the folder than Letterbox can put in order.';
  throw new AppError('folder-unlistable', 'transient', message, { step: 'count' });
}

export function markOf(message: GraphMessage | undefined): Mark | null {
  return message === undefined ? null : { received: receivedOf(message), id: message.id };
}
