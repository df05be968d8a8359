import type { HttpApi } from '../http';
import { refuseRepeated } from '../paging';
import { mailboxPath, messagePageSchema, withQuery } from './gmail-api';
import type { TimeWindow } from './position';

/** The most that Gmail puts on a page. */
export const idsPerPage = 500;
/** Labels that a listing leaves out unless it is told to include spam and trash. */
const excluded = new Set(['SPAM', 'TRASH']);
const always: TimeWindow = [0, null];

export interface IdQuery {
  /** Ids of labels that a message has, all of them. */
  labels: readonly string[];
  window?: TimeWindow;
}

/**
 * Ids of messages, newest first: one page of them. The window is meant to the second, but a message of the second before
 * may slip in: whether Gmail's "after" includes its second is not documented. A query without a window does without
 * Gmail's search, whose index lags behind what has just arrived.
 */
export async function readPage(
  api: HttpApi,
  { labels, window: [from, to] = always }: IdQuery,
  pageToken?: string,
): Promise<{ ids: string[]; nextPageToken: string | undefined }> {
  const terms = [...(from > 0 ? [`after:${from - 1}`] : []), ...(to === null ? [] : [`before:${to}`])];
  const path = withQuery(`${mailboxPath}/messages`, {
    labelIds: labels,
    maxResults: idsPerPage,
    q: terms.length === 0 ? undefined : terms.join(' '),
    includeSpamTrash: labels.some((label) => excluded.has(label)) ? 'true' : undefined,
    pageToken,
    fields: 'messages/id,nextPageToken,resultSizeEstimate',
  });
  const page = await api.json({ path }, messagePageSchema);
  return { ids: page.messages.map((message) => message.id), nextPageToken: page.nextPageToken };
}

/** `readPage` for up to `mostPages` of them, from the one that `pageToken` names; `complete` when nothing is left. */
export async function readPages(
  api: HttpApi,
  query: IdQuery,
  mostPages: number,
  pageToken?: string,
): Promise<{ ids: string[]; complete: boolean }> {
  const ids: string[] = [];
  const tokens = new Set<string>();
  let token = pageToken;
  for (let page = 0; page < mostPages; page += 1) {
    if (token !== undefined) refuseRepeated('Gmail', tokens, token);
    const next = await readPage(api, query, token);
    ids.push(...next.ids);
    token = next.nextPageToken;
    if (token === undefined) return { ids, complete: true };
  }
  return { ids, complete: false };
}
