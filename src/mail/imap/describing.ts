import { AppError } from '../../domain/app-error';
import { imapLimits } from './limits';
import { type Answer, type Row, rowsOf } from './rows';
import { askSearch, type Found } from './searching';
import type { Session } from './session';
import { containsUid, countUids, joinRuns, largestUid, type Run, runsOf, withoutRuns } from './uid-sets';
import { readLoosely, type UnreadRow } from './unread-rows';

/** What is known of a message; null is what the server doesn't tell. */
export interface Described {
  uid: number;
  size: number | null;
  receivedAt: number | null;
  unread: boolean | null;
  /** Somebody is deleting it. */
  deleted: boolean;
}

export interface Description {
  /** Ascending; only messages that were asked for. */
  messages: Described[];
  /** Up to this UID, what was asked for and is not among the messages is not in the folder. */
  reach: number;
}

const known = { uid: true, flags: true, internalDate: true, size: true };
const withoutFlags = { uid: true, internalDate: true, size: true };

/** Epoch milliseconds; null for what is no date. */
export function epoch(date: Date | string | undefined): number | null {
  const time = date === undefined ? Number.NaN : new Date(date).getTime();
  return Number.isNaN(time) ? null : time;
}

/** Only such a row answers for a message: a change of flags that nobody asked for may come for one that was asked for, too. */
const isAnswer = (row: Row): boolean => row.size !== undefined || row.internalDate !== undefined;

/**
 * Describes messages, and holds what came against what was asked: a row that the library can't read, and one that the server can't
 * make, is asked for in other ways, and nothing counts as read before. `mayLack`: messages that may be gone, and are not worth a
 * question. @throws AppError
 */
export async function describe(
  session: Session,
  asked: readonly Run[],
  mayLack: readonly Run[] = [],
): Promise<Description> {
  const answer = await rowsOf(session, joinRuns([...asked, ...mayLack]), known);
  const rows = new Map([...answer.rows].filter(([, row]) => isAnswer(row)));
  const missing = missingIn(asked, answer, rows, (await session.select()).uidNext);
  if (missing.length === 0) return described(rows, largestUid);
  return await describeLeftOut(session, missing, answer, rows);
}

/** What was asked for and did not come, as far as there is a hint of it: beyond the last row, there may be nothing. */
function missingIn(
  asked: readonly Run[],
  { rows, refused, unreadable }: Answer,
  answers: Map<number, Row>,
  uidNext = largestUid,
): Run[] {
  const hinted = [...rows.keys(), ...unreadable.flatMap((line) => readLoosely(line)?.uid ?? [])];
  const concerns = (line: string) => containsUid(asked, readLoosely(line)?.uid ?? asked[0]?.from ?? 0);
  const isDoubtful = refused !== null || unreadable.some(concerns);
  const top = Math.max(0, isDoubtful ? Math.min(uidNext - 1, largestUid) : 0, ...hinted, ...closedEnds(asked));
  const bounded = asked.flatMap(({ from, to }) => (from > top ? [] : [{ from, to: Math.min(to, top) }]));
  return withoutRuns(bounded, runsOf([...answers.keys()]));
}

const closedEnds = (asked: readonly Run[]): number[] => asked.flatMap(({ to }) => (to === largestUid ? [] : to));

async function describeLeftOut(
  session: Session,
  missing: readonly Run[],
  answer: Answer,
  rows: Map<number, Row>,
): Promise<Description> {
  const unread = new Map<number, UnreadRow>();
  const hear = ({ unreadable }: Answer) => {
    for (const line of unreadable) {
      const row = readLoosely(line);
      if (row !== null && containsUid(missing, row.uid)) unread.set(row.uid, row);
    }
  };
  hear(answer);
  const present = await presentAmong(session, missing);
  const left = present ?? missing;
  if (countUids(left) === 0) return described(rows, largestUid);
  if (present === null && answer.refused === null && answer.unreadable.length === 0 && answer.rows.size === rows.size) {
    // Nobody can tell whether they were ever there. They are asked for once more, all together.
    take(rows, (await rowsOf(session, left, withoutFlags)).rows);
    return described(rows, largestUid);
  }
  const before = rows.size;
  const { mute, reach } = await isolate(session, left, present !== null, rows, hear);
  if (rows.size === 0 && unread.size === 0 && before === 0 && present === null && answer.refused !== null)
    throw refusedToDescribe(answer.refused.words);
  const found = described(rows, reach);
  const others = await withFlags(
    session,
    left,
    [...found.messages, ...mute.map((uid) => asDescribed({ uid }))],
    rows,
    unread,
  );
  return { messages: others.filter(({ uid }) => uid <= reach).sort((a, b) => a.uid - b.uid), reach };
}

/** Null when the server does not tell. */
async function presentAmong(session: Session, runs: readonly Run[]): Promise<Found> {
  const [first] = runs;
  const last = runs.at(-1);
  if (first === undefined || last === undefined) return [];
  // One search from the first to the last of them: as a rule, that is no more than a page.
  const found = await askSearch(session, [{ from: first.from, to: last.to }], {});
  return found === null
    ? null
    : found.length === 0
      ? []
      : withoutRuns(found, withoutRuns([{ from: first.from, to: last.to }], runs));
}

/**
 * Halves what is left until each message came, or was refused or left out alone. `isCertain`: all of them are there; otherwise an
 * answer without complaint means that what is not in it isn't. What was not reached is left for the next listing.
 */
async function isolate(
  session: Session,
  left: readonly Run[],
  isCertain: boolean,
  rows: Map<number, Row>,
  hear: (answer: Answer) => void,
): Promise<{ mute: number[]; reach: number }> {
  const mute: number[] = [];
  const stack: Run[][] = [[...left]];
  for (let commands = 0; stack.length > 0; commands += 1) {
    const runs = stack.pop() ?? [];
    const [first] = runs;
    if (first === undefined) continue;
    if (commands >= imapLimits.isolations) return { mute, reach: first.from - 1 };
    const answer = await rowsOf(session, runs, withoutFlags);
    hear(answer);
    take(rows, answer.rows);
    // What names itself although it can't be read would come no better by itself.
    const named = answer.unreadable
      .flatMap((line) => readLoosely(line)?.uid ?? [])
      .filter((uid) => containsUid(runs, uid));
    mute.push(...named.filter((uid) => !rows.has(uid)));
    const rest = withoutRuns(runs, runsOf([...rows.keys(), ...named]));
    const isDone = !isCertain && answer.refused === null && answer.unreadable.length === named.length;
    const count = countUids(rest);
    if (count === 0 || isDone) continue;
    if (count === 1 && countUids(runs) === 1) mute.push(first.from);
    else if (count === 1) stack.push(rest);
    else stack.push(...halves(rest, Math.ceil(count / 2)));
  }
  return { mute, reach: largestUid };
}

/** The second half first: the stack gives back what was put on it last. */
function halves(runs: readonly Run[], count: number): Run[][] {
  const first: Run[] = [];
  const second: Run[] = [];
  let room = count;
  for (const { from, to } of runs) {
    const end = Math.min(to, from + room - 1);
    if (end >= from) first.push({ from, to: end });
    if (end < to) second.push({ from: Math.max(from, end + 1), to });
    room -= Math.max(0, end - from + 1);
  }
  return [second, first];
}

function take(rows: Map<number, Row>, more: Map<number, Row>): void {
  for (const [uid, row] of more) rows.set(uid, { ...rows.get(uid), ...row });
}

/** Flags of what was described without them, by searches that name none. */
async function withFlags(
  session: Session,
  left: readonly Run[],
  messages: readonly Described[],
  rows: Map<number, Row>,
  unread: Map<number, UnreadRow>,
): Promise<Described[]> {
  const flagless = messages.filter(({ uid }) => containsUid(left, uid) && rows.get(uid)?.flags === undefined);
  if (flagless.length === 0) return [...messages];
  const asked = runsOf(flagless.map(({ uid }) => uid));
  const undeleted = await askSearch(session, asked, { deleted: false });
  const unseen = undeleted === null ? null : await askSearch(session, asked, { seen: false });
  return messages.map((one) => {
    if (!flagless.includes(one)) return one;
    const told = unread.get(one.uid);
    return {
      uid: one.uid,
      size: one.size ?? told?.size ?? null,
      receivedAt: one.receivedAt ?? told?.receivedAt ?? null,
      unread: unseen === null ? (told?.unread ?? null) : containsUid(unseen, one.uid),
      deleted: undeleted === null ? (told?.deleted ?? false) : !containsUid(undeleted, one.uid),
    };
  });
}

function described(rows: Map<number, Row>, reach: number): Description {
  const messages = [...rows.values()].map(asDescribed).sort((a, b) => a.uid - b.uid);
  return { messages: messages.filter(({ uid }) => uid <= reach), reach };
}

const asDescribed = ({ uid, size, internalDate, flags }: Row): Described => ({
  uid,
  size: size ?? null,
  receivedAt: epoch(internalDate),
  unread: flags === undefined ? null : !flags.has('\\Seen'),
  deleted: flags?.has('\\Deleted') ?? false,
});

const refusedToDescribe = (detail: string | undefined): AppError =>
  new AppError('server-refused', 'transient', 'The mail server refused to list the folder. It is tried again.', {
    detail,
  });
