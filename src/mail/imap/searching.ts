import type { ImapFlow, SearchObject } from 'imapflow';
import { searchCompiler } from 'imapflow/lib/search-compiler.js';
import { AppError } from '../../domain/app-error';
import { imapLimits } from './limits';
import { rowsOf, uidsAt } from './rows';
import type { Session } from './session';
import {
  countUids,
  formatUidSet,
  intersectUids,
  joinRuns,
  largestUid,
  parseUidSet,
  type Run,
  runsOf,
} from './uid-sets';

const fact = (value: unknown, name: string): unknown => Reflect.get(Object(value), name);

/** What a search came to; null when the server refused it, or said nothing that is an answer. */
export type Found = Run[] | null;

/**
 * The UIDs among `within` that a search finds, in windows that keep each answer to one line of moderate length: a plain answer names
 * every number, and so does one by ESEARCH (RFC 4731) where every second message is found.
 * @throws AppError `server-refused`
 */
export async function searchUids(session: Session, within: Run, query: SearchObject): Promise<Run[]> {
  const found = await trySearch(session, within, query);
  if (found === null) throw searchRefused(session);
  return found;
}

/** ... or null, where the server does not search. */
export async function trySearch(session: Session, within: Run, query: SearchObject): Promise<Found> {
  const all: Run[] = [];
  for (const window of await windowsOf(session, within)) {
    const found = await askSearch(session, [window], query);
    if (found === null) return null;
    all.push(...found);
  }
  return joinRuns(all);
}

/**
 * The first `count` UIDs from `from` on, or a few more. Where a server neither searches nor lists UIDs, those that there may be.
 */
export async function firstUids(session: Session, from: number, count: number): Promise<Run[]> {
  const { exists, uidNext = largestUid } = await session.select();
  const size = imapLimits.windowMessages;
  const near = { from, to: exists <= size ? largestUid : Math.min(largestUid, from + size - 1) };
  const possible = [{ from, to: Math.min(largestUid, from + count - 1) }];
  const nearby = await existing(session, near);
  if (nearby === null) return possible;
  if (near.to === largestUid || countUids(nearby) >= count) return nearby;
  const all: Run[] = [];
  const last = Math.min(Math.max(uidNext, from), largestUid - 1);
  for (const window of [...(await windowsOf(session, { from, to: last })), { from: last + 1, to: largestUid }]) {
    const found = await existing(session, window);
    if (found === null) return possible;
    all.push(...found);
    if (countUids(all) >= count) break;
  }
  return joinRuns(all);
}

async function existing(session: Session, within: Run): Promise<Found> {
  const found = await askSearch(session, [within], {});
  if (found !== null) return found;
  const { rows, refused } = await rowsOf(session, [within], { uid: true });
  return refused === null ? runsOf([...rows.keys()]) : null;
}

/** Runs of UIDs that hold at most `imapLimits.windowMessages` messages each. */
async function windowsOf(session: Session, within: Run): Promise<Run[]> {
  const { exists } = await session.select();
  const size = imapLimits.windowMessages;
  const span = within.to - within.from + 1;
  if (exists <= size || span <= size) return [within];
  // Where UIDs are scattered, the server tells which of them part the folder.
  const borders = span <= 4 * exists ? [] : await bordersOf(session, exists);
  if (borders.length === 0 && span > size * imapLimits.mostWindows) return [within];
  const ends =
    borders.length > 0
      ? borders
      : Array.from({ length: Math.floor(span / size) }, (_, index) => within.from - 1 + (index + 1) * size);
  const windows: Run[] = [];
  let from = within.from;
  for (const uid of ends) {
    if (uid < from || uid >= within.to) continue;
    windows.push({ from, to: uid });
    from = uid + 1;
  }
  return [...windows, { from, to: within.to }];
}

async function bordersOf(session: Session, exists: number): Promise<number[]> {
  const count = Math.min(imapLimits.mostWindows, Math.floor(exists / imapLimits.windowMessages));
  return await uidsAt(
    session,
    Array.from({ length: count }, (_, index) => (index + 1) * imapLimits.windowMessages),
  );
}

/** One UID SEARCH. What is found outside of `within` was not asked for. */
export async function askSearch(session: Session, within: readonly Run[], query: SearchObject): Promise<Found> {
  if (within.length === 0 || (await session.select()).exists === 0) return [];
  const criteria = searchCompiler(session.client, { ...query, uid: formatUidSet(within) });
  const { learned } = session;
  const isCompact = learned.compactSearch && session.client.capabilities.has('ESEARCH');
  const compact = isCompact ? await runSearch(session, ['RETURN', ['ALL']], criteria) : null;
  // A server may announce ESEARCH, and then refuse it, or not answer at all.
  const told = compact ?? (await runSearch(session, [], criteria));
  if (isCompact && compact === null && told !== null) learned.compactSearch = false;
  return told === null ? null : intersectUids(told, within);
}

/** Null without an answer: that is not the same as an answer without numbers. */
async function runSearch(session: Session, options: readonly unknown[], criteria: readonly unknown[]): Promise<Found> {
  const answers: unknown[] = [];
  let isAnswered = false;
  const numbers: number[] = [];
  session.takeRefusal();
  const attributes = [...options.map(asAtoms), ...criteria];
  const work = execute(session.client, 'UID SEARCH', attributes, {
    async SEARCH(reply) {
      isAnswered = true;
      const plain = fact(reply, 'numbers');
      const values = Array.isArray(plain) ? plain : tokensOf(reply).map((token) => Number(fact(token, 'value')));
      for (const value of values) if (isUid(value)) numbers.push(value);
    },
    async ESEARCH(reply) {
      answers.push(reply);
    },
  });
  try {
    const tag = await session.wait(undefined, work);
    const sets = answers.flatMap((reply) => compactAnswer(tokensOf(reply), tag) ?? []);
    if (!isAnswered && sets.length === 0) return null;
    return joinRuns([...sets.flatMap(parseUidSet), ...runsOf(numbers)]);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'server-refused') return null;
    throw thrown;
  }
}

/** The set of an ESEARCH reply, empty where it has none; null for one that is not for this command, or not of UIDs. */
function compactAnswer(tokens: readonly unknown[], tag: string): string | null {
  const [correlator] = tokens;
  const words = tokens.map((token) => String(fact(token, 'value') ?? ''));
  if (Array.isArray(correlator) && String(fact(correlator[1], 'value') ?? '') !== tag) return null;
  const start = Array.isArray(correlator) ? 1 : 0;
  if (words[start]?.toUpperCase() !== 'UID') return null;
  for (let at = start + 1; at < words.length; at += 2)
    if (words[at]?.toUpperCase() === 'ALL') return words[at + 1] ?? '';
  return '';
}

const isUid = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= largestUid;

const asAtoms = (option: unknown): unknown =>
  Array.isArray(option) ? option.map(asAtoms) : { type: 'ATOM', value: option };

function tokensOf(reply: unknown): unknown[] {
  const tokens = fact(reply, 'attributes');
  return Array.isArray(tokens) ? tokens : [];
}

/**
 * Runs a command past the library's own forms of it, which drop what they don't expect. Returns the tag that it had. Its `exec` is
 * not documented: the version of the library is exact.
 */
async function execute(
  client: ImapFlow,
  command: string,
  attributes: readonly unknown[],
  untagged: Record<string, (reply: unknown) => Promise<void>>,
): Promise<string> {
  const exec: unknown = Reflect.get(client, 'exec');
  if (typeof exec !== 'function') throw new TypeError('The IMAP library has no exec any more.');
  const done: unknown = await exec.call(client, command, attributes, { untagged });
  const next = fact(done, 'next');
  if (typeof next === 'function') next.call(done);
  return String(fact(fact(done, 'response'), 'tag') ?? '');
}

function searchRefused(session: Session): AppError {
  const detail = session.takeRefusal()?.words;
  const message = 'The mail server refused to search the folder. It is tried again.';
  return new AppError('server-refused', 'transient', message, { detail });
}
