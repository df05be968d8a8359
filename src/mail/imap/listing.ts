import type { MailboxObject } from 'imapflow';
import { AppError } from '../../domain/app-error';
import { positionChars } from '../../domain/limits';
import type { Arrival, Listing } from '../../domain/ports';
import { type Described, type Description, describe } from './describing';
import { imapLimits } from './limits';
import { formatHandle, formatPosition, type Position, parsePosition, type Witness } from './positions';
import { firstUids } from './searching';
import type { Session } from './session';
import { containsUid, countUids, joinRuns, largestUid, type Run, runsOf, splitUids } from './uid-sets';

/** UIDVALIDITY as text. A server that breaks RFC 3501 §6.3.1 and sends none is taken to keep its UIDs. */
export const validityOf = (folder: MailboxObject): string => String(folder.uidValidity ?? 0);

/** Up to `limit` messages of `position`'s set and after it: one round trip on an open folder with nothing new. */
export async function listArrivals(session: Session, position: string | null, limit: number): Promise<Listing> {
  const known = position === null ? null : parsePosition(position);
  const page = known !== null && (await isOurs(session, known)) ? await readNews(session, known, limit) : null;
  if (page !== null) return asListing(session, page, false);
  // Made anew, or restored from a backup: what the server told of messages before says nothing now.
  session.sizes.clear();
  const beginning = { validity: validityOf(await session.select()), uid: 0, first: [], witness: null };
  return asListing(session, (await readNews(session, beginning, limit)) ?? nothingAt(beginning), position !== null);
}

/** Whether the folder is the one that was listed. That it is not counts only where the server says so now. */
async function isOurs(session: Session, known: Position): Promise<boolean> {
  // UIDNEXT never goes back (RFC 3501 §2.3.1.1), unless an older state of the folder was restored.
  const isSame = (folder: MailboxObject) =>
    validityOf(folder) === known.validity && (folder.uidNext === undefined || folder.uidNext > known.uid);
  // Another session may have listed what this one has not noticed yet.
  return isSame(await session.select()) || isSame(await session.select(true));
}

interface Page {
  arrivals: Described[];
  position: Position;
  more: boolean;
}

const nothingAt = (position: Position): Page => ({ arrivals: [], position, more: false });

/** Null when the folder is another one than was listed. */
async function readNews(session: Session, from: Position, limit: number): Promise<Page | null> {
  const before = session.arrived();
  const page = await readPage(session, from, limit, 0);
  const arrived = session.arrived() - before;
  if (arrived > 0) session.learned.tellsNews = true;
  if (page === null) return null;
  if (arrived === 0) {
    const isIdle = page.arrivals.length === 0 && page.position.uid === from.uid;
    return isIdle && (await hasUntoldNews(session, from)) ? await readPage(session, from, limit, 0) : page;
  }
  // Servers may notice new mail only while they answer, too late for that answer (RFC 3501 §7.3.1, EXISTS).
  if (page.position.uid > from.uid) return { ...page, more: true };
  return page.arrivals.length > 0 ? { ...page, more: true } : await readPage(session, from, limit, arrived);
}

/**
 * Whether the open folder has news that answers to UID FETCH don't tell (Courier); it is opened anew then. One that was made anew under
 * the session is given up at once. @throws AppError `connection-lost`
 */
async function hasUntoldNews(session: Session, from: Position): Promise<boolean> {
  if (session.learned.tellsNews || session.isFresh()) return false;
  // A session that listed nothing yet was opened to count, to begin or to test: what came since is untold as well.
  if (session.listedTo !== null && session.listedTo !== formatPosition(from)) return false;
  const folder = await session.select();
  // The library writes what STATUS tells into what it knows of the open folder.
  const { path, uidNext: knownNext = 0, uidValidity: knownValidity } = folder;
  const before = session.arrived();
  const query = { uidNext: true, uidValidity: true, messages: true };
  const status = await session.wait(undefined, session.client.status(path, query));
  const { uidNext = 0, uidValidity } = status === false ? {} : status;
  if (uidValidity !== undefined && knownValidity !== undefined && uidValidity !== knownValidity) {
    session.client.close();
    throw new AppError('connection-lost', 'transient', 'The folder was made anew. It is opened again.');
  }
  if (uidNext <= knownNext) await session.wait(undefined, session.client.noop());
  const isNews = uidNext > knownNext || session.arrived() > before;
  if (isNews) await session.select(true);
  return isNews;
}

/** `arrived`: messages that are known to have come since the server last told the next UID. */
async function readPage(session: Session, from: Position, limit: number, arrived: number): Promise<Page | null> {
  const page = beginPage(from, limit);
  while (countUids(page.waiting) > imapLimits.pendingAsked) {
    const { first, rest } = splitUids(page.waiting, imapLimits.pendingAsked);
    takeWaiting(page, runsOf(first), rest, await describe(session, runsOf(first)));
    if (page.arrivals.length === limit) return endPage(page, from, from.uid, from.witness, true);
  }
  const after = await messagesAfter(session, from.uid, limit - page.arrivals.length, arrived);
  const { witness } = from;
  const asked = [...page.waiting, ...after.asked];
  const description = await describe(session, asked, witness === null ? [] : runsOf([witness.uid]));
  if (witness !== null && isAnother(witness, description)) return null;
  takeWaiting(page, page.waiting, [], description);
  const news = description.messages.filter(({ uid }) => containsUid(after.asked, uid));
  const { uid, isCut } = takeNews(page, from.uid, news);
  // What was searched for and is not described is gone. Beyond the last row of an open range nobody knows.
  const last = isCut || after.isOpen ? uid : Math.max(uid, Math.min(description.reach, after.asked.at(-1)?.to ?? uid));
  const isUnfinished = description.reach < largestUid && (page.arrivals.length > 0 || last > from.uid);
  const seen = news.findLast((one) => one.uid <= last && one.size !== null && one.receivedAt !== null);
  return endPage(
    page,
    from,
    last,
    asWitness(seen) ?? witness,
    isCut || isUnfinished || after.hasMore || countUids(page.waiting) > 0,
  );
}

/** What a page has so far. */
interface Draft {
  arrivals: Described[];
  /** Left from the start, ascending. */
  waiting: Run[];
  /** Flagged as deleted: left out, and remembered. */
  deleted: number[];
  limit: number;
}

const beginPage = (from: Position, limit: number): Draft => ({ arrivals: [], waiting: from.first, deleted: [], limit });

/** Takes what was described of `asked`; what there is no room for stays, and what is gone does not. */
function takeWaiting(page: Draft, asked: readonly Run[], rest: readonly Run[], { messages, reach }: Description): void {
  const left: number[] = [];
  for (const one of messages) {
    if (!containsUid(asked, one.uid)) continue;
    if (one.deleted) page.deleted.push(one.uid);
    else if (page.arrivals.length < page.limit) page.arrivals.push(one);
    else left.push(one.uid);
  }
  const unread = asked.flatMap(({ from, to }) => (to > reach ? [{ from: Math.max(from, reach + 1), to }] : []));
  page.waiting = joinRuns([...runsOf(left), ...unread, ...rest]);
}

/** Takes news up to the first that there is no room for. */
function takeNews(page: Draft, from: number, news: readonly Described[]): { uid: number; isCut: boolean } {
  let uid = from;
  for (const one of news) {
    if (one.deleted) page.deleted.push(one.uid);
    else if (page.arrivals.length < page.limit) page.arrivals.push(one);
    else return { uid, isCut: true };
    uid = one.uid;
  }
  return { uid, isCut: false };
}

function endPage(page: Draft, from: Position, uid: number, witness: Witness | null, more: boolean): Page {
  const remembered = page.deleted.slice(-imapLimits.deletedRemembered);
  const position = { validity: from.validity, uid, witness, first: joinRuns([...page.waiting, ...runsOf(remembered)]) };
  const isLong = formatPosition(position).length > positionChars;
  return { arrivals: page.arrivals, position: isLong ? { ...position, first: page.waiting } : position, more };
}

interface After {
  /** Up to the largest UID there is, or those that were found. */
  asked: Run[];
  isOpen: boolean;
  hasMore: boolean;
}

/** What to ask for after `last`: all there is, where that is not much more than there is room for. */
async function messagesAfter(session: Session, last: number, room: number, arrived: number): Promise<After> {
  const { uidNext, exists } = await session.select();
  if (room === 0) return { asked: [], isOpen: true, hasMore: true };
  if (last >= largestUid) return { asked: [], isOpen: true, hasMore: false };
  // The next UID bounds how many can be new, and so does the number of messages.
  const gap = uidNext === undefined ? exists : uidNext - 1 - last;
  const most = Math.max(arrived, Math.min(gap, exists));
  if (most <= room) return { asked: [{ from: last + 1, to: largestUid }], isOpen: true, hasMore: false };
  const { first, rest } = splitUids(await firstUids(session, last + 1, room + 1), room);
  return { asked: runsOf(first), isOpen: false, hasMore: rest.length > 0 };
}

/** Whether another message has the UID of the one that was listed last. Zones that servers confuse move times by quarters of hours. */
function isAnother(witness: Witness, { messages }: Description): boolean {
  const now = asWitness(messages.find(({ uid }) => uid === witness.uid));
  if (now === null || now.receivedAt === witness.receivedAt) return false;
  return now.size !== witness.size || (now.receivedAt - witness.receivedAt) % quarterMs !== 0;
}

const quarterMs = 15 * 60_000;

function asWitness(message: Described | undefined): Witness | null {
  if (message === undefined || message.size === null || message.receivedAt === null || message.receivedAt < 0)
    return null;
  return { uid: message.uid, size: message.size, receivedAt: message.receivedAt };
}

function asListing(session: Session, { arrivals, position, more }: Page, reset: boolean): Listing {
  remember(session, arrivals);
  session.listedTo = formatPosition(position);
  return {
    arrivals: arrivals.map((one) => asArrival(position.validity, one)),
    position: session.listedTo,
    more,
    reset,
  };
}

function remember(session: Session, messages: readonly Described[]): void {
  if (session.sizes.size + messages.length > imapLimits.rememberedSizes) session.sizes.clear();
  for (const { uid, size } of messages) if (size !== null) session.sizes.set(uid, size);
}

function asArrival(validity: string, { uid, size, receivedAt, unread }: Described): Arrival {
  return { handle: formatHandle({ validity, uid }), size, receivedAt, unread };
}
