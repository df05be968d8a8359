import type { FetchMessageObject, FetchQueryObject } from 'imapflow';
import { AppError } from '../../domain/app-error.ts';
import type { Part, Progress } from '../parts.ts';
import { imapLimits } from './limits.ts';
import { validityOf } from './listing.ts';
import { parseHandle, uidSet } from './positions.ts';
import type { Session } from './session.ts';
import { currentFlags } from './snapshot.ts';

/** A handle that names a message of the open folder. */
interface Wanted {
  handle: string;
  uid: number;
  size: number;
}

/** A literal above the cap ends the session; the size that was announced. */
export class LiteralRefused extends Error {
  readonly size: number;
  constructor(size: number) {
    super('A literal was announced that is larger than any mail may be.');
    this.size = size;
  }
}

/**
 * Parts from `from` on, about `budget` bytes, in the given order, none marked as read (BODY.PEEK). Whole messages come by one
 * FETCH for each ascending run; one over the budget by partial FETCH (RFC 3501 §6.4.5).
 */
export async function* readParts(
  session: Session,
  handles: readonly string[],
  from: Progress,
  maxBytes: number,
  budget: number,
  longestRun = Number.POSITIVE_INFINITY,
): AsyncGenerator<Part> {
  const validity = validityOf(await session.select());
  const uids = handles.map((handle) => {
    const place = parseHandle(handle);
    return place !== null && place.validity === validity ? place.uid : null;
  });
  await learnSizes(session, uids.slice(from.index));
  let room = budget;
  let offset = from.offset;
  for (let index = from.index; index < handles.length; ) {
    const handle = handles[index] ?? '';
    const uid = uids[index] ?? null;
    const size = uid === null ? undefined : session.sizes.get(uid);
    if (uid === null || size === undefined) yield { handle, outcome: 'gone' };
    else if (size > maxBytes) yield { handle, outcome: 'too-large', size };
    else if (offset > 0 || (size > room && room === budget)) {
      const part = await readStretch(session, { handle, uid, size }, offset, room);
      yield part;
      room -= part.outcome === 'part' ? part.bytes.length : 0;
      if (part.outcome === 'part' && !part.last) return;
    } else if (size > room) return;
    else {
      const run = ascendingRun(session, handles, uids, index, { bytes: room, messages: longestRun }, maxBytes);
      for await (const part of readRun(session, run, maxBytes, budget)) {
        yield part;
        // The rest of a message that is longer than the server said.
        if (part.outcome === 'part' && !part.last) return;
        room -= part.outcome === 'part' ? part.bytes.length : 0;
      }
      index += run.length;
      continue;
    }
    index += 1;
    offset = 0;
  }
}

/** Asks for the sizes that no listing told; who is not in the answer is gone. */
async function learnSizes(session: Session, uids: readonly (number | null)[]): Promise<void> {
  const unknown = uids.filter((uid) => uid !== null).filter((uid) => !session.sizes.has(uid));
  if (unknown.length === 0) return;
  async function collect() {
    for await (const { uid, size } of session.client.fetch(uidSet(unknown), { uid: true, size: true }, { uid: true })) {
      session.sizes.set(uid, size ?? 0);
    }
  }
  await session.wait(undefined, collect());
}

/** The handles from `start` on whose UIDs ascend and whose sizes fit: the server answers them in this order. */
function ascendingRun(
  session: Session,
  handles: readonly string[],
  uids: readonly (number | null)[],
  start: number,
  room: { bytes: number; messages: number },
  maxBytes: number,
): Wanted[] {
  const run: Wanted[] = [];
  let left = room.bytes;
  for (let index = start; index < handles.length && run.length < room.messages; index++) {
    const [handle, uid] = [handles[index] ?? '', uids[index] ?? null];
    const size = uid === null ? undefined : session.sizes.get(uid);
    if (uid === null || size === undefined || size > maxBytes) break;
    if (uid <= (run.at(-1)?.uid ?? 0)) break;
    // The first always fits: the caller has seen to that.
    if (run.length > 0 && size > left) break;
    left -= size;
    run.push({ handle, uid, size });
  }
  return run;
}

async function* readRun(
  session: Session,
  run: readonly Wanted[],
  maxBytes: number,
  budget: number,
): AsyncGenerator<Part> {
  const early = new Map<number, Uint8Array>();
  const expected = new Set(run.map(({ uid }) => uid));
  let due = 0;
  const set = uidSet([...expected]);
  const largest = Math.max(...run.map(({ size }) => size));
  for await (const { uid, source } of fetchRows(session, set, { uid: true, source: true }, largest)) {
    // NIL stands for a message that was expunged meanwhile; the library makes `false` of it.
    if (!Buffer.isBuffer(source) || !expected.has(uid)) continue;
    early.set(uid, source);
    for (let wanted = run[due]; wanted !== undefined; wanted = run[due]) {
      const bytes = early.get(wanted.uid);
      if (bytes === undefined) break;
      early.delete(wanted.uid);
      due += 1;
      session.sizes.set(wanted.uid, bytes.length);
      if (bytes.length > maxBytes) yield { handle: wanted.handle, outcome: 'too-large', size: bytes.length };
      else if (bytes.length > budget)
        yield { handle: wanted.handle, outcome: 'part', bytes: bytes.subarray(0, budget), last: false };
      else yield { handle: wanted.handle, outcome: 'part', bytes, last: true };
    }
  }
  if (due === run.length) return;
  const existing = await currentFlags(
    session,
    run.slice(due).map(({ uid }) => uid),
  );
  for (const { handle, uid } of run.slice(due)) {
    const bytes = early.get(uid);
    if (bytes !== undefined) yield { handle, outcome: 'part', bytes, last: true };
    else yield { handle, outcome: existing.has(uid) ? 'withheld' : 'gone' };
  }
}

/** Up to `length` bytes from `offset` on. Short means that the message ends here: its size is only a claim. */
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
  const existing = await currentFlags(session, [uid]);
  return { handle, outcome: existing.has(uid) ? 'withheld' : 'gone' };
}

/**
 * The rows of one FETCH, each waited for as long as a message of `bytes` may take at the slowest. Whoever stops before the end gives up
 * the session, since the server goes on sending.
 */
async function* fetchRows(
  session: Session,
  set: string,
  query: FetchQueryObject,
  bytes: number,
): AsyncGenerator<FetchMessageObject> {
  const rows = session.client.fetch(set, query, { uid: true });
  const extraMs = (bytes / imapLimits.slowestBytesPerSecond) * 1_000;
  let finished = false;
  try {
    for (;;) {
      const next = await session.wait(undefined, rows.next(), extraMs);
      if (next.done === true) break;
      yield next.value;
    }
    finished = true;
  } catch (thrown) {
    const announced = thrown instanceof AppError ? Reflect.get(Object(thrown.cause), 'literalSize') : undefined;
    throw typeof announced === 'number' ? new LiteralRefused(announced) : thrown;
  } finally {
    if (!finished) session.client.close();
  }
}
