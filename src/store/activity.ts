import { kvs, Sort, WhereConditions } from '@forge/kvs';
import { type ActivityEntry, changeDays, defaultActivityDays, matchesText } from '../domain/activity';
import type { Activity, ActivityPage, ActivityQuery } from '../domain/activity-port';
import { AppError } from '../domain/app-error';
import { receiptDaysWhileKept } from '../domain/limits';
import { withStoreErrors } from './api-error';
import { inBatches } from './batches';
import { keys } from './keys';

/** Entries of a page that is shown, and of one that is searched for a text: the platform's largest. */
const pageSize = 50;
const searchPageSize = 100;
/** Pages that one call reads before it says how far it came: a resolver has 25 seconds. */
const searchPages = 20;
const dayMs = 86_400_000;

/** As stored: what indexes see on top, the rest where types do not matter, since attributes with a type take no null. */
export interface Stored {
  connectionId: string;
  result: string;
  at: number;
  entry: ActivityEntry;
}

/**
 * The activity log as a custom entity with an index for each way to narrow it. Entries expire by themselves.
 * @param now epoch milliseconds
 */
export function activityStore(now: () => number = Date.now): Activity {
  return withStoreErrors({
    record: async (entries) => record(entries, await keptDays(), now()),
    getMany,
    list: async (query) => list(query, now(), await keptDays()),
    get: async (id) => (await kvs.entity<Stored>(keys.activityEntity).get(id))?.entry ?? null,
    remove: async (ids) => {
      for (const part of inBatches(ids)) refuseFailed(await kvs.batchDelete(part.map(named)));
    },
    keptDays,
    keepDays: async (days) => kvs.set(keys.activityDays, days),
  });
}

const keptDays = async (): Promise<number> => (await kvs.get<number>(keys.activityDays)) ?? defaultActivityDays;

async function record(entries: readonly ActivityEntry[], days: number, now: number): Promise<void> {
  // A mailbox that is listed anew shows mail that was taken before the log began to forget.
  const kept = entries.filter(
    (entry) => entry.result === 'quarantined' || entry.at > now - daysOf(entry, days) * dayMs,
  );
  for (const part of inBatches(kept)) {
    const items = part.map((entry) => {
      const ttl = { value: daysOf(entry, days), unit: 'DAYS' as const };
      return { ...named(entry.id), value: stored(entry), options: { ttl } };
    });
    refuseFailed(await kvs.batchSet<Stored>(items));
  }
}

async function getMany(ids: readonly string[]): Promise<Map<string, ActivityEntry>> {
  const found = new Map<string, ActivityEntry>();
  for (const part of inBatches(ids)) {
    // One that is not there stands among the failed keys.
    const { successfulKeys } = await kvs.batchGet<Stored>(part.map(named));
    for (const { key, value } of successfulKeys) found.set(key, value.entry);
  }
  return found;
}

/**
 * Reads on until something is found: a page of the platform may be empty before the end, since expired entries count in it.
 * Where entries of mail end, changes of settings go on, which are kept for longer.
 */
async function list(query: ActivityQuery, now: number, days: number): Promise<ActivityPage> {
  const text = query.text?.trim() ?? '';
  const mailSince = now - days * dayMs;
  const changesSince = now - changeDays * dayMs;
  const begin = query.from ?? 0;
  let { part, cursor } = partOf(query, mailSince, changesSince);
  const entries: ActivityEntry[] = [];
  let searchedUntil: number | null = null;
  for (let page = 1; ; page += 1) {
    const limit = text === '' && page === 1 ? pageSize : searchPageSize;
    const { results, nextCursor } = await pageOf(part.query, limit, cursor);
    const read = results.map(({ value }) => value.entry);
    const kept = read.filter(({ at }) => at >= part.since);
    entries.push(...(text === '' ? kept : kept.filter((entry) => matchesText(entry, text))));
    cursor = nextCursor;
    searchedUntil = read.at(-1)?.at ?? searchedUntil;
    if (cursor === undefined || kept.length < read.length) {
      const isOver =
        query.result !== undefined || part.until !== null || changesSince >= mailSince || begin >= mailSince;
      if (isOver) return { entries, cursor: null, searchedUntil: null };
      part = changesPart(query, mailSince - 1, changesSince);
      cursor = undefined;
    }
    if (entries.length >= (text === '' ? 1 : pageSize) || page >= searchPages) break;
  }
  const next = part.until === null ? (cursor ?? null) : `${changesCursor}${part.until}:${cursor ?? ''}`;
  return { entries, cursor: next, searchedUntil: text === '' && entries.length > 0 ? null : searchedUntil };
}

/** One query of the platform that a list is made of. */
interface Part {
  query: ActivityQuery;
  /**
   * Epoch milliseconds; what is older should have expired, which the platform may do two days late. It ends the list rather than
   * narrows the query: a query's cursor is good for the very same query only, and time goes on between pages.
   */
  since: number;
  /** Epoch milliseconds where the changes of settings begin that follow the mail; null: they did not begin. */
  until: number | null;
}

const changesCursor = 'changes:';

/** Where a page begins. A cursor of the changes that follow the mail says where those began. */
function partOf(
  query: ActivityQuery,
  mailSince: number,
  changesSince: number,
): { part: Part; cursor?: string | undefined } {
  const [, until, cursor] = /^changes:(\d{1,16}):(.*)$/s.exec(query.cursor ?? '') ?? [];
  if (until !== undefined && query.result === undefined)
    return { part: changesPart(query, Number(until), changesSince), cursor: cursor || undefined };
  const since = query.result === 'quarantined' ? 0 : query.result === 'changed' ? changesSince : mailSince;
  return { part: { query, since, until: null }, cursor: query.cursor };
}

function changesPart(query: ActivityQuery, until: number, since: number): Part {
  const to = Math.min(until, query.to ?? latest);
  return { query: { ...query, result: 'changed', to }, since, until };
}

function pageOf(query: ActivityQuery, limit: number, cursor: string | undefined) {
  const { connectionId, result, from, to } = query;
  const partition = [connectionId, result].filter((value) => value !== undefined);
  const index = indexFor(connectionId !== undefined, result !== undefined);
  const builder = kvs
    .entity<Stored>(keys.activityEntity)
    .query()
    .index(index, ...(partition.length === 0 ? [] : [{ partition }]))
    .sort(Sort.DESC)
    .limit(limit);
  if (from !== undefined || to !== undefined) {
    builder.where(WhereConditions.between(from ?? 0, to ?? latest));
  }
  if (cursor !== undefined) builder.cursor(cursor);
  return builder.getMany();
}

function indexFor(hasConnection: boolean, hasResult: boolean): string {
  if (hasConnection) return hasResult ? 'by-connection-result' : 'by-connection';
  return hasResult ? 'by-result' : 'by-time';
}

/** Later than any entry: the end of the year 9999, in epoch milliseconds. */
const latest = Date.UTC(9999, 11, 31);
/** Days that an entry is kept where mail is kept for `days`. */
export function daysOf({ result }: Pick<ActivityEntry, 'result'>, days: number): number {
  // What waits for somebody to decide is kept until then, or for as long as the platform keeps anything.
  if (result === 'quarantined') return receiptDaysWhileKept;
  return result === 'changed' ? changeDays : days;
}
const named = (key: string) => ({ key, entityName: keys.activityEntity });
const stored = (entry: ActivityEntry): Stored => ({
  connectionId: entry.connectionId,
  result: entry.result,
  at: entry.at,
  entry,
});

/** A batch answers well even if some of its items failed. */
function refuseFailed({ failedKeys }: { failedKeys: { error: { code: string; message: string } }[] }): void {
  const [first] = failedKeys;
  if (first === undefined) return;
  const message = `Forge's storage refused ${failedKeys.length} entries of the activity log.`;
  throw new AppError('activity-refused', 'transient', message, { cause: first.error });
}
