import { type Estimate, previewSize, type Start, unavailableStart } from '../../domain/start';
import { mostUnread, tooManyUnread } from '../unread-snapshot';
import { beginning } from './backlog';
import { findFolder } from './folders';
import { type GraphApi, messagePageSchema, withQuery } from './graph-api';
import { firstSecond } from './starting';

const exactly = { confidence: 'exact', reason: null, available: true } as const;

/**
 * How many messages a start point means, and the first of them. Exchange counts messages without the header
 * `ConsistencyLevel`, which is for directory objects alone (Microsoft Graph, "Use the $count query parameter").
 */
export async function estimateStart(api: GraphApi, folder: string, start: Start): Promise<Estimate> {
  if (start.from === 'now') return { ...exactly, count: 0, first: [] };
  const { id, totalItemCount, unreadItemCount } = await findFolder(api, folder);
  const path = withQuery(`${api.base}/mailFolders/${encodeURIComponent(id)}/messages`, {
    $select: 'id,receivedDateTime',
    $filter: filterOf(start),
    $orderby: 'receivedDateTime',
    $top: previewSize,
    $count: 'true',
  });
  const page = await api.json({ path }, messagePageSchema);
  const first = page.value.map((message) => message.id);
  const counted = page['@odata.count'];
  const ofFolder = start.from === 'since' ? null : start.from === 'unread' ? unreadItemCount : totalItemCount;
  if (start.from === 'unread' && (counted ?? ofFolder ?? 0) > mostUnread) return unavailableStart(tooManyUnread());
  if (counted !== undefined) return { ...exactly, count: counted, first };
  const reason = 'Microsoft 365 did not say how many messages these are.';
  if (ofFolder == null) return { count: null, confidence: 'unknown', reason, available: true, first };
  return {
    count: ofFolder,
    confidence: 'estimate',
    reason: `${reason} This is the folder's own count, in which other items than mail count too.`,
    available: true,
    first,
  };
}

/** What a listing is sorted by has to come first (Microsoft Graph, "List messages"). */
function filterOf(start: Start): string | undefined {
  if (start.from === 'since') return `receivedDateTime ge ${firstSecond(start.since)}`;
  return start.from === 'unread' ? `receivedDateTime ge ${beginning} and isRead eq false` : undefined;
}
