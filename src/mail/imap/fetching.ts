import type { FetchMessageObject, FetchQueryObject } from 'imapflow';
import { AppError } from '../../domain/app-error';
import type { Part, Progress } from '../parts';
import { type Asked, nextStep, type Wanted } from './fetch-plan';
import { imapLimits } from './limits';
import { rowsOf } from './rows';
import type { Session } from './session';
import { askTwice, currentFlags, uidsOf } from './snapshot';
import { uidSet } from './uid-sets';

/** The server announced a literal above the cap; that ended the session. */
export class LiteralRefused extends Error {
  /** Bytes that were announced. */
  readonly size: number;
  constructor(size: number) {
    super('A literal was announced that is larger than any mail may be.');
    this.size = size;
  }
}

/**
 * Parts from `from` on, about `budget` bytes, in the given order, none marked as read (BODY.PEEK). Whole messages come by one
 * FETCH for each ascending run; one over the budget by partial FETCH (RFC 3501 §6.4.5).
 * @throws LiteralRefused
 */
export async function* readParts(
  session: Session,
  handles: readonly string[],
  from: Progress,
  maxBytes: number,
  budget: number,
  longestRun = Number.POSITIVE_INFINITY,
): AsyncGenerator<Part> {
  const asked = await describe(session, handles.slice(from.index));
  let bytes = budget;
  for (let index = 0, { offset } = from; index < asked.length; offset = 0) {
    const step = nextStep(asked, index, offset, { bytes, isWhole: bytes === budget, messages: longestRun, maxBytes });
    if (step === null) return;
    if (step.do === 'tell') {
      yield step.part;
      index += 1;
      continue;
    }
    const parts =
      step.do === 'run'
        ? readRun(session, step.run, maxBytes, budget)
        : readStretches(session, step.wanted, offset, maxBytes, bytes);
    let isWhole = true;
    for await (const part of parts) {
      yield part;
      if (part.outcome !== 'part') continue;
      bytes -= part.bytes.length;
      isWhole = part.last;
    }
    if (!isWhole) return;
    index += step.do === 'run' ? step.run.length : 1;
  }
}

/** UIDs and sizes; who is not in the server's answer is gone. */
async function describe(session: Session, handles: readonly string[]): Promise<Asked[]> {
  const uids = await uidsOf(session, handles);
  const unknown = uids.filter((uid) => uid !== null).filter((uid) => !session.sizes.has(uid));
  for (const [uid, size] of await askTwice(session, unknown, (asked) => sizesOf(session, asked))) {
    session.sizes.set(uid, size);
  }
  return handles.map((handle, index) => {
    const uid = uids[index] ?? null;
    return { handle, uid, size: uid === null ? null : (session.sizes.get(uid) ?? null) };
  });
}

async function sizesOf(session: Session, uids: readonly number[]): Promise<Map<number, number>> {
  const query = { uid: true, size: true };
  const rows = await rowsOf(session, uidSet(uids), query);
  return new Map(rows.map(({ uid, size }) => [uid, size ?? 0]));
}

/** Whole messages by one command, in the order of the run whatever the server's. */
async function* readRun(
  session: Session,
  run: readonly Wanted[],
  maxBytes: number,
  budget: number,
): AsyncGenerator<Part> {
  const expected = new Set(run.map(({ uid }) => uid));
  const early = new Map<number, Uint8Array>();
  const largest = Math.max(...run.map(({ size }) => size));
  let due = 0;
  for await (const { uid, source } of fetchRows(session, uidSet([...expected]), { uid: true, source: true }, largest)) {
    // NIL stands for a message that was expunged meanwhile; the library makes `false` of it.
    if (!Buffer.isBuffer(source) || !expected.has(uid)) continue;
    early.set(uid, source);
    for (let wanted = run[due]; wanted !== undefined; wanted = run[due]) {
      const bytes = early.get(wanted.uid);
      if (bytes === undefined) break;
      early.delete(wanted.uid);
      due += 1;
      const part = wholePart(session, wanted, bytes, maxBytes, budget);
      yield part;
      // The rest of a message that is longer than the server said is for the next call.
      if (part.outcome === 'part' && !part.last) return;
    }
  }
  if (due === run.length) return;
  const rest = run.slice(due);
  const flags = await currentFlags(
    session,
    rest.map(({ uid }) => uid),
  );
  for (const wanted of rest) {
    const bytes = early.get(wanted.uid);
    if (bytes === undefined) yield { handle: wanted.handle, outcome: flags.has(wanted.uid) ? 'withheld' : 'gone' };
    else yield { handle: wanted.handle, outcome: 'part', bytes, last: true };
  }
}

function wholePart(
  session: Session,
  { handle, uid }: Wanted,
  bytes: Uint8Array,
  maxBytes: number,
  budget: number,
): Part {
  session.sizes.set(uid, bytes.length);
  if (bytes.length > maxBytes) return { handle, outcome: 'too-large', size: bytes.length };
  if (bytes.length > budget) return { handle, outcome: 'part', bytes: bytes.subarray(0, budget), last: false };
  return { handle, outcome: 'part', bytes, last: true };
}

/** One message from `offset` on, at most `room` bytes; each stretch is asked for while the one before is handed on. */
async function* readStretches(
  session: Session,
  wanted: Wanted,
  offset: number,
  maxBytes: number,
  room: number,
): AsyncGenerator<Part> {
  const end = offset + room;
  const ask = (at: number) => {
    const reading = readStretch(session, wanted, at, Math.min(imapLimits.stretchBytes, end - at));
    // Awaited only after the stretch before; a failure until then must not count as unhandled.
    reading.catch(() => {});
    return reading;
  };
  let at = offset;
  let ahead: Promise<Part> | null = ask(at);
  try {
    while (ahead !== null) {
      const part: Part = await ahead;
      ahead = null;
      if (part.outcome === 'part') at += part.bytes.length;
      if (at > maxBytes) {
        yield { handle: wanted.handle, outcome: 'too-large', size: at };
        return;
      }
      if (part.outcome === 'part' && !part.last && at < end) ahead = ask(at);
      yield part;
    }
  } finally {
    // Left early: the server is still sending the next stretch.
    if (ahead !== null) session.client.close();
  }
}

/** Up to `length` bytes. Short means that the message ends here: its size is only a claim. */
async function readStretch(session: Session, { handle, uid }: Wanted, offset: number, length: number): Promise<Part> {
  const query = { uid: true, source: { start: offset, maxLength: length } };
  let part: Part | undefined;
  for await (const row of fetchRows(session, String(uid), query, length)) {
    if (row.uid !== uid || !Buffer.isBuffer(row.source)) continue;
    // Some servers ignore the range and send everything.
    const bytes = row.source.length > length ? row.source.subarray(offset, offset + length) : row.source;
    part = { handle, outcome: 'part', bytes, last: bytes.length < length };
  }
  if (part !== undefined) return part;
  const flags = await currentFlags(session, [uid]);
  return { handle, outcome: flags.has(uid) ? 'withheld' : 'gone' };
}

/**
 * The rows of one FETCH, each waited for as long as a message of `bytes` may take at the slowest. Whoever stops before the
 * end gives up the session, since the server goes on sending.
 */
async function* fetchRows(
  session: Session,
  set: string,
  query: FetchQueryObject,
  bytes: number,
): AsyncGenerator<FetchMessageObject> {
  const rows = session.client.fetch(set, query, { uid: true });
  const extraMs = (bytes / imapLimits.slowestBytesPerSecond) * 1_000;
  let isFinished = false;
  try {
    for (;;) {
      const next = await session.wait(undefined, rows.next(), { extraMs, mostBytes: imapLimits.messageBytes });
      if (next.done === true) break;
      yield next.value;
    }
    isFinished = true;
  } catch (thrown) {
    const announced = thrown instanceof AppError ? Reflect.get(Object(thrown.cause), 'literalSize') : undefined;
    throw typeof announced === 'number' ? new LiteralRefused(announced) : thrown;
  } finally {
    if (!isFinished) session.client.close();
  }
}
