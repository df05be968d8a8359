import { type Connection, isKnownByHandle, mailboxIdentity } from '../domain/connection';
import type { Cursor } from '../domain/cursor';
import type { Arrival, Mailbox } from '../domain/ports';
import { type Estimate, previewSize, type Start, type StartEstimate } from '../domain/start';
import { isAllTaken, type MailMemory, sortKnown } from './known-mail';

/** Mail is told apart by its names up to here: it has to be listed, while a page waits. */
export const maxNamed = 500;
/** Listings for that; one may end without a message, and go on. */
const maxListings = 20;
/** Milliseconds after which the names are done without: the platform ends a resolver after 25 seconds. */
const namesMs = 9_000;

/** What a start means where nothing was taken before. */
export const allNew = (estimate: Estimate): StartEstimate => ({
  ...estimate,
  reached: estimate.count,
  taken: 0,
  left: 0,
  settled: estimate.count,
});

/**
 * How much new mail a start means for a connection that was enabled before, and how much of it was taken before: that becomes no
 * second issue, but is met again, and marked, moved or deleted once more. Changes nothing.
 */
export async function estimateStart(
  memory: MailMemory,
  mailbox: Mailbox,
  connection: Connection,
  cursor: Cursor,
  start: Start,
): Promise<StartEstimate> {
  const estimate = await mailbox.estimate(start);
  const { count } = estimate;
  if (!estimate.available || !count) return allNew(estimate);
  const byHandle = isKnownByHandle(connection.settings);
  if (!byHandle && cursor.mailbox !== mailboxIdentity(connection.settings))
    return doubted(estimate, texts.otherMailbox);
  if (!byHandle && cursor.relisting) return byTotals(estimate, cursor, start, texts.named);

  const names = await inTime(namesIn(mailbox, cursor, start, byHandle, count));
  if (names === null) return byTotals(estimate, cursor, start, texts.late);
  const { reached, unlisted, isReset } = names;
  if (isReset) return byTotals(estimate, cursor, start, texts.named);
  if (reached !== null) {
    const handles = reached.arrivals.map(({ handle }) => handle);
    const sorted = await sortKnown(
      memory,
      connection,
      cursor,
      handles,
      new Set(unlisted.arrivals.map(({ handle }) => handle)),
    );
    // Beyond what was listed, as the server counts, all is new.
    const beyond = reached.isCut ? Math.max(0, count - handles.length) : 0;
    const reasons = [sorted.doubt, reached.isCut && texts.cut, unlisted.isCut && texts.cut];
    return told(estimate, sorted.fresh.length + beyond, sorted.taken, sorted.left, sorted.fresh, reasons);
  }
  if (!isAllTaken(cursor)) return byTotals(estimate, cursor, start, texts.many);
  const waiting = cursor.waiting.filter(({ reason }) => reason !== 'settle').map(({ handle }) => handle);
  const fresh = [...waiting, ...unlisted.arrivals.filter((one) => isMeant(one, start)).map(({ handle }) => handle)];
  const isSure = start.from === 'everything' || waiting.length === 0;
  const known = Math.max(0, count - fresh.length);
  const left = Math.min(known, cursor.totals.givenUp + cursor.totals.skipped);
  return told(estimate, Math.min(count, fresh.length), known - left, left, fresh, [
    unlisted.isCut && texts.cut,
    !isSure && texts.waiting,
  ]);
}

interface Names {
  arrivals: Arrival[];
  /** There are more. */
  isCut: boolean;
}

/** What the start reaches (null: too much to be listed), and what no poll has listed yet. */
async function namesIn(mailbox: Mailbox, cursor: Cursor, start: Start, byHandle: boolean, count: number) {
  const none: Names & { isReset: boolean } = { arrivals: [], isCut: false, isReset: false };
  const unlisted = byHandle ? none : await listed(mailbox, cursor.position);
  const mayName = byHandle || count <= maxNamed;
  const reached = mayName ? await listed(mailbox, await mailbox.begin(start)) : null;
  return { reached, unlisted, isReset: unlisted.isReset };
}

async function listed(mailbox: Mailbox, from: string | null): Promise<Names & { isReset: boolean }> {
  const byHandle = new Map<string, Arrival>();
  let position = from;
  let isReset = false;
  let isCut = true;
  for (let count = 0; isCut && byHandle.size < maxNamed && count < maxListings; count += 1) {
    const listing = await mailbox.list(position, maxNamed - byHandle.size);
    for (const arrival of listing.arrivals) byHandle.set(arrival.handle, arrival);
    isReset ||= listing.reset;
    isCut = listing.more;
    position = listing.position;
  }
  return { arrivals: [...byHandle.values()], isCut, isReset };
}

async function inTime<T>(work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), namesMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

function isMeant({ receivedAt, unread }: Arrival, start: Start): boolean {
  if (start.from === 'unread') return unread !== false;
  return start.from !== 'since' || receivedAt === null || receivedAt >= start.since;
}

/** Only the whole mailbox can be held against what was counted; of a part nobody knows how much of it that was. */
function byTotals(estimate: Estimate, { totals }: Cursor, start: Start, reason: string): StartEstimate {
  if (start.from !== 'everything') return doubted(estimate, `${reason} ${texts.again}`);
  const count = estimate.count ?? 0;
  const taken = Math.min(count, Math.max(0, totals.taken - totals.removed));
  const left = Math.min(count - taken, totals.givenUp);
  return told(estimate, count - taken - left, taken, left, estimate.first, [`${reason} ${texts.again}`]);
}

const doubted = (estimate: Estimate, reason: string): StartEstimate => ({
  ...allNew(estimate),
  ...withReasons(estimate, [reason]),
});

function told(
  estimate: Estimate,
  count: number,
  taken: number,
  left: number,
  first: readonly string[],
  reasons: readonly (string | null | false)[],
): StartEstimate {
  return {
    ...estimate,
    ...withReasons(estimate, reasons),
    count,
    reached: count + taken + left,
    taken,
    left,
    settled: count + taken,
    first: count === 0 ? [] : first.slice(0, previewSize),
  };
}

function withReasons({ confidence, reason }: Estimate, more: readonly (string | null | false)[]) {
  const reasons = [...new Set([reason, ...more].filter((text) => text !== null && text !== false))];
  const isSure = more.every((text) => text === null || text === false);
  return {
    confidence: confidence === 'exact' && !isSure ? ('estimate' as const) : confidence,
    reason: reasons.length === 0 ? null : reasons.join(' '),
  };
}

const texts = {
  otherMailbox:
    'The connection reads another mailbox or folder now than when it took mail. Mail that was taken before counts as new here; it becomes no second issue.',
  named: 'The server named its mail anew, so that Letterbox can’t tell by its names which of it was taken before.',
  late: 'The server took too long to list the mail, so that Letterbox can’t tell by its names which of it was taken before.',
  many: `There is too much mail to tell by its names which of it was taken before: that is done for up to ${maxNamed} messages.`,
  again: 'Mail that was taken before and counts as new here becomes no second issue.',
  cut: `Letterbox looked through ${maxNamed} messages at most: mail beyond these counts as new.`,
  waiting: 'Some mail still waits from before, and may or may not belong to it.',
} as const;
