import type { ActivityEntry } from '../../src/domain/activity';
import type { ActivityQuery } from '../../src/domain/activity-port';

/** Entries on a page: fewer than the store's, so that there are several. */
const pageSize = 20;

/** A page of these entries, as the log has them. */
export function pageOf(
  entries: readonly ActivityEntry[],
  { result, to = Number.POSITIVE_INFINITY, cursor = '0' }: ActivityQuery,
) {
  const found = entries
    .filter((entry) => entry.result === result && entry.at <= to)
    .sort((a, b) => b.at - a.at)
    .map((entry) => structuredClone(entry));
  const end = Number(cursor) + pageSize;
  const page = found.slice(Number(cursor), end);
  return { entries: page, cursor: found.length > end ? String(end) : null, searchedUntil: null };
}
