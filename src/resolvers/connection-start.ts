import { AppError } from '../domain/app-error';
import {
  type Connection,
  type ConnectionSettings,
  deletionOf,
  isKnownByHandle,
  mailboxIdentity,
} from '../domain/connection';
import { type Cursor, freshCursor } from '../domain/cursor';
import type { Mailbox } from '../domain/ports';
import { previewSize, type Start, type StartEstimate } from '../domain/start';
import { type MailMemory, noMemory, sortKnown } from '../intake/known-mail';
import { allNew, estimateStart, maxNamed } from '../intake/start-estimate';
import { surveyOf } from '../intake/survey';
import { isRelisting, isWanted } from '../intake/wanted';
import type { StartChoice } from './contract';

/** Clocks of mail servers differ from ours: mail this much older than the start counts as new when a mailbox is listed again. */
const startMarginMs = 60 * 60_000;
/** Listings for that count; one may end without a message, and go on. */
const mostListings = 10;
/** Milliseconds after which a number for show is done without: the platform ends a resolver after 25 seconds. */
const countMs = 8_000;

const noReadMarks =
  'POP3 has no read marks: mail that people have read or handled counts too, and since Mark as read leaves all of it on the ' +
  'server, much of it may be old.';

/** For the log of changes. */
export const startText = (start: StartChoice): string =>
  start.from === 'since' ? `since ${new Date(start.since).toISOString()}` : start.from;

/** How much mail a start means for a connection, and how sure that is. */
export async function estimateFor(
  connection: Connection,
  stored: Cursor | null,
  mailbox: Mailbox,
  start: StartChoice,
  now: number,
  memory: MailMemory = noMemory,
): Promise<StartEstimate> {
  if (start.from === 'continue') {
    return estimateRest(memory, mailbox, connection, continued(connection, stored, now), stored);
  }
  refuseFuture(start, now);
  const estimate =
    stored === null
      ? allNew(await mailbox.estimate(start))
      : await estimateStart(memory, mailbox, connection, stored, start);
  return withDoubts(connection.settings, estimate);
}

/**
 * Refuses a start that deletes more mail from the mailbox than somebody agreed to.
 * @param acknowledged how many messages may be deleted; null: an unknown number, while nobody can count them; undefined: nobody was asked
 * @throws AppError `deletion-not-acknowledged`, `deletion-grew`
 */
export function requireAcknowledgement(
  { settings }: Connection,
  { settled }: StartEstimate,
  acknowledged: number | null | undefined,
): void {
  if (settled === 0 || (settled === null && acknowledged === null)) return;
  const many = settled === null ? 'An unknown number of messages' : settled === 1 ? '1 message' : `${settled} messages`;
  const what = `${many} of the mailbox would be ${deletionTexts[deletionOf(settings)]}`;
  if (acknowledged === undefined) {
    const message = `${what}, since the connection deletes mail after download. Enabling it needs an acknowledgement of that.`;
    throw new AppError('deletion-not-acknowledged', 'input', message, { field: 'deletes' });
  }
  if (settled !== null && acknowledged !== null && settled <= acknowledged) return;
  const message =
    acknowledged === null
      ? `${what}. That could not be counted when it was acknowledged. Look at the count, and acknowledge it.`
      : `${what} now, which is more than the ${acknowledged} that were acknowledged: mail has come meanwhile. Look at the new count, and acknowledge it.`;
  throw new AppError('deletion-grew', 'input', message, { field: 'deletes' });
}

const deletionTexts = {
  trash: 'moved to Gmail’s trash, which is emptied after 30 days',
  recoverable: 'deleted, and can be recovered only for as long as the organisation keeps deleted mail',
  final: 'deleted for good',
} as const;

/**
 * Makes the cursor of a connection that begins at `start`, of what is stored when it is saved.
 * @throws AppError `start-unavailable`, `start-in-future`
 */
export async function startingCursor(
  connection: Connection,
  open: <T>(use: (mailbox: Mailbox) => Promise<T>) => Promise<T>,
  start: StartChoice,
  now: number,
): Promise<(stored: Cursor | null) => Cursor> {
  if (start.from === 'continue') return (stored) => withoutTrouble(continued(connection, stored, now));
  refuseFuture(start, now);
  const { position, alone } = await open(async (mailbox) => {
    const position = await mailbox.begin(start);
    return { position, alone: await leftAlone(mailbox, position) };
  });
  const fresh = freshCursor(mailboxIdentity(connection.settings), null, now);
  const cursor = { ...fresh, position, ...notWanted(start, now), totals: { ...fresh.totals, alone } };
  // What was taken before that is met again, perhaps after its receipt ended.
  return (stored) => (stored === null ? cursor : { ...cursor, listsTaken: true });
}

/** How many messages a start leaves where they are; null if that can't be counted for certain, and soon: it is for show. */
async function leftAlone(mailbox: Mailbox, position: string | null): Promise<number | null> {
  if (position === null) return 0;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), countMs);
  });
  // A page waits, and what it waits for is that the connection is enabled.
  const survey = await Promise.race([surveyOf(mailbox, position).catch(() => null), late]);
  clearTimeout(timer);
  if (survey === null) return null;
  const { onServer, isExact, unlisted, isCut, isSteady } = survey;
  return onServer !== null && isExact && isSteady && !isCut ? onServer - unlisted : null;
}

/** What is left alone if the mailbox has to be listed from its beginning. */
function notWanted(start: Start, now: number): Pick<Cursor, 'notBefore' | 'unreadToo'> {
  switch (start.from) {
    case 'everything':
      return { notBefore: null };
    case 'since':
      return { notBefore: start.since };
    case 'now':
      return { notBefore: now - startMarginMs };
    case 'unread':
      return { notBefore: now - startMarginMs, unreadToo: true };
  }
}

const withoutTrouble = (cursor: Cursor): Cursor => (cursor.trouble === null ? cursor : { ...cursor, trouble: null });

function continued(connection: Connection, stored: Cursor | null, now: number): Cursor {
  if (stored === null) {
    const message = 'This connection was never enabled, so there is no place to go on from. Choose another start.';
    throw new AppError('start-unavailable', 'input', message);
  }
  const identity = mailboxIdentity(connection.settings);
  return stored.mailbox === identity ? stored : freshCursor(identity, stored, now);
}

function refuseFuture(start: Start, now: number): void {
  if (start.from !== 'since' || start.since <= now) return;
  const message = 'This date lies in the future. Choose an earlier one, or only mail from now on.';
  throw new AppError('start-in-future', 'input', message, { field: 'start.since' });
}

function withDoubts({ provider, afterDownload }: ConnectionSettings, estimate: StartEstimate): StartEstimate {
  if (provider !== 'pop3' || afterDownload !== 'mark-read' || !estimate.count) return estimate;
  return {
    ...estimate,
    confidence: 'estimate',
    reason: [estimate.reason, noReadMarks].filter((text) => text !== null).join(' '),
  };
}

/** What waited when the connection stopped, and what has come since. */
async function estimateRest(
  memory: MailMemory,
  mailbox: Mailbox,
  connection: Connection,
  cursor: Cursor,
  stored: Cursor | null,
): Promise<StartEstimate> {
  const handles = cursor.waiting.filter(({ reason }) => reason !== 'settle').map(({ handle }) => handle);
  const settling = cursor.waiting.length - handles.length;
  let at = cursor;
  let hasMore = true;
  // After an edit that changed the mailbox, and after the server forgot where we were.
  let isAnew = cursor.relisting || cursor.mailbox !== stored?.mailbox;
  for (let count = 0; hasMore && handles.length <= maxNamed && count < mostListings; count += 1) {
    const listing = await mailbox.list(at.position, maxNamed + 1 - handles.length);
    handles.push(...listing.arrivals.filter((one) => isWanted(at, listing, one)).map(({ handle }) => handle));
    isAnew ||= listing.reset;
    hasMore = listing.more;
    at = { ...at, position: listing.position, relisting: isRelisting(at, listing) };
  }
  const named = [...new Set(handles)].slice(0, maxNamed);
  const byHandle = isKnownByHandle(connection.settings);
  // What comes after the position is new by the cursor's own word; receipts know better where it was lost.
  const sorted = byHandle
    ? await sortKnown(memory, connection, cursor, named, new Set(named))
    : { fresh: named, taken: 0, left: 0 };
  const count = sorted.fresh.length;
  const reasons = [
    ...(handles.length > maxNamed ? [`There are more than ${maxNamed}: counting ended there.`] : []),
    ...(hasMore && handles.length <= maxNamed
      ? ['The provider lists this mailbox step by step: there may be more.']
      : []),
    ...(isAnew && !byHandle && count > 0 ? ['Mail that was taken before counts too; it becomes no second issue.'] : []),
  ];
  const taken = sorted.taken + settling;
  return {
    count,
    confidence: reasons.length === 0 ? 'exact' : 'estimate',
    reason: reasons.length === 0 ? null : reasons.join(' '),
    available: true,
    first: sorted.fresh.slice(0, previewSize),
    reached: count + taken + sorted.left,
    taken,
    left: sorted.left,
    settled: count + taken,
  };
}
