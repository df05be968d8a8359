import { kvs, Sort, WhereConditions } from '@forge/kvs';
import { type ActivityEntry, activityDays, matchesText } from '../domain/activity';
import type { Activity, ActivityPage, ActivityQuery } from '../domain/activity-port';
import { AppError } from '../domain/app-error';
import { withStoreErrors } from './api-error';
import { keys } from './keys';

/** The platform's largest batch. */
const batchSize = 25;
/** Entries of a page that is shown, and of one that is searched for a text: the platform's largest. */
const pageSize = 50;
const searchPageSize = 100;
/** Pages that one search for a text reads before it says how far it came: a resolver has 25 seconds. */
const searchPages = 20;

/** As stored: what indexes see on top, the rest where types do not matter, since attributes with a type take no null. */
interface Stored {
  connectionId: string;
  result: string;
  at: number;
  entry: ActivityEntry;
}

/** The activity log as a custom entity with an index for each way to narrow it. Entries expire by themselves. */
export function activityStore(): Activity {
  return withStoreErrors({
    record,
    getMany,
    list,
    get: async (id) => (await kvs.entity<Stored>(keys.activityEntity).get(id))?.entry ?? null,
    remove: async (ids) => {
      for (const part of parts(ids)) refuseFailed(await kvs.batchDelete(part.map(named)));
    },
  });
}

async function record(entries: readonly ActivityEntry[]): Promise<void> {
  for (const part of parts(entries)) {
    const items = part.map((entry) => ({ ...named(entry.id), value: stored(entry), options: { ttl } }));
    refuseFailed(await kvs.batchSet<Stored>(items));
  }
}

async function getMany(ids: readonly string[]): Promise<Map<string, ActivityEntry>> {
  const found = new Map<string, ActivityEntry>();
  for (const part of parts(ids)) {
    // One that is not there stands among the failed keys.
    const { successfulKeys } = await kvs.batchGet<Stored>(part.map(named));
    for (const { key, value } of successfulKeys) found.set(key, value.entry);
  }
  return found;
}

/** Reads on until something is found: a page of the platform may be empty before the end, since expired entries count in it. */
async function list(query: ActivityQuery): Promise<ActivityPage> {
  const text = query.text?.trim() ?? '';
  const limit = text === '' ? pageSize : searchPageSize;
  const entries: ActivityEntry[] = [];
  let cursor = query.cursor;
  let searchedUntil: number | null = null;
  for (let page = 1; ; page += 1) {
    const { results, nextCursor } = await pageOf(query, limit, cursor);
    const read = results.map(({ value }) => value.entry);
    entries.push(...(text === '' ? read : read.filter((entry) => matchesText(entry, text))));
    cursor = nextCursor;
    searchedUntil = read.at(-1)?.at ?? searchedUntil;
    if (cursor === undefined) return { entries, cursor: null, searchedUntil: null };
    const isTired = text !== '' && page >= searchPages;
    if (entries.length >= pageSize || isTired || (text === '' && entries.length > 0)) break;
  }
  return { entries, cursor, searchedUntil: text === '' ? null : searchedUntil };
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
const ttl = { value: activityDays, unit: 'DAYS' } as const;
const named = (key: string) => ({ key, entityName: keys.activityEntity });
const stored = (entry: ActivityEntry): Stored => ({
  connectionId: entry.connectionId,
  result: entry.result,
  at: entry.at,
  entry,
});

function parts<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, index) =>
    all.slice(index * batchSize, (index + 1) * batchSize),
  );
}

/** A batch answers well even if some of its items failed. */
function refuseFailed({ failedKeys }: { failedKeys: { error: { code: string; message: string } }[] }): void {
  const [first] = failedKeys;
  if (first === undefined) return;
  const message = `Forge's storage refused ${failedKeys.length} entries of the activity log.`;
  throw new AppError('activity-refused', 'transient', message, { cause: first.error });
}
