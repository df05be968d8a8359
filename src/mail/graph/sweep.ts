import { AppError } from '../../domain/app-error';
import { type HttpReply, parseJson } from '../http';
import { refuseRepeated } from '../paging';
import { type GraphApi, type GraphMessage, messagePageSchema, withQuery } from './graph-api';
import { listed, receivedOf } from './messages';
import type { Position, Sweep } from './position';

/** Pages of one listing; a folder with more messages goes on with the next listing. */
const mostPages = 20;
const pageSize = 500;

export interface DeltaPage {
  messages: GraphMessage[];
  /** Ids of messages that have left the folder; with immutable ids, also of those that are back. */
  removed: string[];
  /** Path of the page after this one, or of the next round once this one is over. */
  link: string;
  isLast: boolean;
}

/**
 * Pages through the folder for its delta link: from then on `follow` knows of everything that comes in, also of old mail
 * that is moved there. Only created messages are asked for, so that reading or marking mail is no news.
 * Source: Microsoft Graph, "message: delta", `changeType`.
 * @returns null when Graph has forgotten the page to go on with
 */
export async function sweep(api: GraphApi, position: Sweep, now: number): Promise<Position | null> {
  const { folder, start } = position;
  const first = withQuery(`${api.base}/mailFolders/${encodeURIComponent(folder)}/messages/delta`, {
    changeType: 'created',
    ...listed,
  });
  const seen = new Set<string>();
  let { newest } = position;
  let path = position.next ?? first;
  for (let count = 0; count < mostPages; count += 1) {
    const page = await readDelta(api, path, pageSize);
    if (page === null) return null;
    for (const message of page.messages) if (receivedOf(message) > newest) newest = receivedOf(message);
    if (page.isLast) {
      return newest === ''
        ? { phase: 'follow', folder, link: page.link, at: now }
        : { phase: 'backlog', folder, start, link: page.link, at: now, until: newest, mark: null };
    }
    refuseRepeated('Microsoft 365', seen, page.link);
    path = page.link;
  }
  return { phase: 'sweep', folder, start, next: path, newest };
}

/** One page of a delta round; null when Graph no longer knows the token (410), or the folder is gone. */
export async function readDelta(api: GraphApi, path: string, pageSizeWanted: number): Promise<DeltaPage | null> {
  const reply = await api.send({
    path,
    headers: { prefer: `odata.maxpagesize=${pageSizeWanted}` },
    accept: [400, 404, 410],
  });
  if (reply.status >= 400) return forgotten(api, reply);
  const page = parseJson('Microsoft 365', reply.body ?? new Uint8Array(), messagePageSchema);
  const link = page['@odata.nextLink'] ?? page['@odata.deltaLink'];
  if (link === undefined) {
    throw new AppError(
      'bad-answer',
      'transient',
      'Microsoft 365 left out where its list goes on. Letterbox tries again by itself.',
      { step: 'count' },
    );
  }
  const removed = page.value.filter((message) => message['@removed'] !== undefined).map(({ id }) => id);
  // Graph tells of mail that was read or marked whatever changes it is asked for, with the changed fields alone
  // (Microsoft Graph, "message: delta"; microsoft-graph-docs issue 7776): such mail has not arrived.
  const messages = page.value.filter(
    (message) => message['@removed'] === undefined && message.receivedDateTime !== undefined,
  );
  return { messages, removed, link: api.pathOf(link), isLast: page['@odata.nextLink'] === undefined };
}

/** @throws AppError when the answer means anything else than a lost token or folder */
function forgotten(api: GraphApi, reply: HttpReply): null {
  if (reply.status === 410) return null;
  const body = new TextDecoder().decode(reply.body ?? new Uint8Array());
  const failure = api.failure(reply.status, reply.headers, body);
  if (failure.kind === 'access') throw failure;
  if (reply.status === 404 || /sync.?state|resync|(delta|skip).?token/i.test(body)) return null;
  throw failure;
}
