import { AppError } from '../../domain/app-error';
import { type HttpApi, parseJson } from '../http';
import { refuseRepeated } from '../paging';
import { type HistoryRecord, historyPageSchema, mailboxPath, thrownAwayLabels, withQuery } from './gmail-api';
import type { Position } from './position';

/** Pages of one listing; a mailbox with more news than that goes on from the last record seen. */
const mostPages = 20;
/** The most that Gmail puts on a page. */
const pageSize = 500;
/** Gmail keeps history for a week as a rule, for hours at worst: an idle mailbox renews its id this often (milliseconds). */
const renewAfterMs = 60 * 60_000;

export interface News {
  /** In the order in which they arrived. */
  ids: string[];
  position: Position;
  more: boolean;
}

/**
 * What came into the label since the position: new mail, mail that was given the label, and mail that came back from the
 * trash or spam. `users.history.list`; one request, and the very same position, when there is nothing.
 * @returns null when Gmail no longer knows the history id (404), or the label
 */
export async function readNews(api: HttpApi, position: Position, limit: number, now: number): Promise<News | null> {
  const pages = await readPages(api, position, limit);
  if (pages === null) return null;
  const ids = new Set<string>();
  let last: HistoryRecord | undefined;
  for (const record of pages.records) {
    const within = position.within?.record === record.id ? position.within.id : '';
    const added = arrivals(record, position.label).filter((id) => id > within && !ids.has(id));
    const room = limit - ids.size;
    if (added.length > room) {
      for (const id of added.slice(0, room)) ids.add(id);
      return { ids: [...ids], position: stopIn(position, last, record, added[room - 1]), more: true };
    }
    for (const id of added) ids.add(id);
    last = record;
  }
  if (!pages.complete && last !== undefined)
    return { ids: [...ids], position: moveTo(position, last.id, now), more: true };
  const isOld = now - position.at >= renewAfterMs;
  // Records of mail that was read or labelled are read again with each poll: a page of them at most.
  const isShort = pages.records.length < pageSize;
  if (ids.size === 0 && isShort && !isOld && position.within === undefined) return { ids: [], position, more: false };
  return { ids: [...ids], position: moveTo(position, later(pages.historyId, last?.id), now), more: false };
}

interface Pages {
  records: HistoryRecord[];
  historyId: string;
  complete: boolean;
}

async function readPages(api: HttpApi, position: Position, limit: number): Promise<Pages | null> {
  const records: HistoryRecord[] = [];
  const tokens = new Set<string>();
  let historyId: string | null = null;
  let pageToken: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const path = withQuery(`${mailboxPath}/history`, {
      startHistoryId: position.history,
      labelId: position.label,
      historyTypes: ['messageAdded', 'labelAdded', 'labelRemoved'],
      maxResults: pageSize,
      pageToken,
    });
    const reply = await api.send({ path, accept: [400, 404] });
    if (reply.status >= 400) {
      const body = new TextDecoder().decode(reply.body ?? new Uint8Array());
      if (reply.status === 404 || /label/i.test(body)) return null;
      throw api.failure(reply.status, reply.headers, body);
    }
    const answer = parseJson('Gmail', reply.body ?? new Uint8Array(), historyPageSchema);
    records.push(...answer.history);
    // The first page's id, not the last one's: what arrives while we page may be in neither page.
    historyId ??= answer.historyId;
    pageToken = answer.nextPageToken;
    const isEnough = records.reduce((sum, record) => sum + arrivals(record, position.label).length, 0) > limit;
    if (pageToken === undefined || isEnough) return { records, historyId, complete: pageToken === undefined };
    refuseRepeated('Gmail', tokens, pageToken);
  }
  if (records.length === 0)
    throw new AppError('paging-loop', 'transient', 'Gmail sends nothing but empty pages. Letterbox tries again later.');
  return { records, historyId: historyId ?? position.history, complete: false };
}

/**
 * Messages that a record brings into the label, by id: the order within a record must be the same at each reading. Labels
 * that it does not name are no reason to leave a message out: the history was asked for this label alone.
 */
function arrivals(record: HistoryRecord, label: string): string[] {
  const isNamed = (labelIds: readonly string[] | undefined, wanted: readonly string[]) =>
    labelIds === undefined || labelIds.some((one) => wanted.includes(one));
  const added = record.messagesAdded.filter(({ message }) => isNamed(message.labelIds, [label]));
  const labelled = record.labelsAdded.filter(({ labelIds }) => isNamed(labelIds, [label]));
  // Mail keeps its labels in the trash and in spam: what comes out of there is back in the label without being given it.
  const restored = record.labelsRemoved.filter(
    ({ message, labelIds }) => isNamed(message.labelIds, [label]) && isNamed(labelIds, thrownAwayLabels),
  );
  return [...new Set([...added, ...labelled, ...restored].map(({ message }) => message.id))].sort();
}

function moveTo(position: Position, history: string, now: number): Position {
  return { label: position.label, history, at: now };
}

/** A record can hold more messages than were asked for: it is read again, from behind the last one listed. */
function stopIn(
  position: Position,
  last: HistoryRecord | undefined,
  record: HistoryRecord,
  id: string | undefined,
): Position {
  const next: Position = { label: position.label, history: last?.id ?? position.history, at: position.at };
  if (id !== undefined) return { ...next, within: { record: record.id, id } };
  return last === undefined && position.within !== undefined ? { ...next, within: position.within } : next;
}

function later(a: string, b: string | undefined): string {
  return b !== undefined && BigInt(b) > BigInt(a) ? b : a;
}
