import type { Survey } from '../domain/completeness';
import type { Mailbox } from '../domain/ports';

/** What no poll has listed yet is counted up to here: it has to be listed, while a page waits. */
const mostCounted = 500;
/** Listings for that count; one may end without a message, and go on. */
const mostListings = 10;
/** Looks at a mailbox that changes while it is counted. */
const mostLooks = 3;

/**
 * Counts what is in a mailbox, and what of it comes after `position` and is not in `known` (handles that were listed). Changes
 * nothing. @throws AppError as `Mailbox`
 */
export async function surveyOf(
  mailbox: Mailbox,
  position: string | null,
  known: ReadonlySet<string> = new Set(),
): Promise<Survey> {
  let before = await mailbox.estimate({ from: 'everything' });
  for (let look = 1; ; look += 1) {
    const unlisted = await unlistedIn(mailbox, position, known);
    const after = await mailbox.estimate({ from: 'everything' });
    const isSteady = before.count === after.count;
    if (isSteady || look === mostLooks) {
      const { count: onServer, confidence, reason, deleted } = after;
      const isExact = confidence === 'exact';
      return { onServer, isExact, reason, ...unlisted, isSteady, ...(deleted ? { deleted } : {}) };
    }
    before = after;
  }
}

async function unlistedIn(
  mailbox: Mailbox,
  position: string | null,
  known: ReadonlySet<string>,
): Promise<Pick<Survey, 'unlisted' | 'isCut' | 'isReset'>> {
  const handles = new Set<string>();
  let at = position;
  let isReset = false;
  let hasMore = true;
  for (let count = 0; hasMore && handles.size < mostCounted && count < mostListings; count += 1) {
    const listing = await mailbox.list(at, mostCounted - handles.size);
    for (const { handle } of listing.arrivals) if (!known.has(handle)) handles.add(handle);
    isReset ||= listing.reset;
    hasMore = listing.more;
    at = listing.position;
  }
  return { unlisted: handles.size, isCut: hasMore, isReset };
}
