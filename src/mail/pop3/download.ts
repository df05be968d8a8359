import type { Fetched } from '../../domain/ports';
import type { Part, Progress } from '../parts';
import { type Retrieved, retrieve, type Wanted } from './retrieve';
import { sizesOf } from './snapshot';
import { snapshotOf, type Visit, type Visits } from './visits';

/** `withheld`: it is in the mailbox, but the server refuses to give it. */
export type Downloaded = Fetched | { handle: string; outcome: 'withheld' };

/**
 * The messages in the given order, about `room` bytes of them. Goes on in a new session where the old one is over: with a
 * message that was larger than announced, or since another call took it.
 */
export async function* download(
  visits: Visits,
  handles: readonly string[],
  maxBytes: number,
  room = Number.POSITIVE_INFINITY,
): AsyncGenerator<Downloaded> {
  let hasFailed = false;
  try {
    yield* inSessions(visits, handles, maxBytes, room);
  } catch (thrown) {
    hasFailed = true;
    throw thrown;
  } finally {
    visits.finish(hasFailed);
  }
}

async function* inSessions(
  visits: Visits,
  handles: readonly string[],
  maxBytes: number,
  room: number,
): AsyncGenerator<Downloaded> {
  let visit = visits.resume();
  let isFresh = false;
  let leftMs: number | undefined;
  let doubted: string | null = null;
  let left = room;
  for (let next = 0; next < handles.length && left > 0; ) {
    if (visit === null || !visits.isCurrent(visit)) {
      visit = await visits.open(leftMs);
      isFresh = true;
    }
    const plan = await planFor(visit, handles.slice(next), maxBytes, left);
    for await (const message of carryOut(visit, plan, maxBytes)) {
      leftMs = visit.session.connection.leftMs;
      // It may have gone since the sign-in, or come since: another session may have listed it. Only a new one can tell.
      const isDoubtful =
        (message.outcome === 'withheld' && doubted !== message.handle) || (message.outcome === 'gone' && !isFresh);
      if (isDoubtful) {
        doubted = message.handle;
        await visits.end();
        break;
      }
      next += 1;
      left -= message.outcome === 'raw' ? message.raw.length : 0;
      yield message;
      if (!visits.isCurrent(visit)) break;
    }
  }
}

interface Planned {
  /** What becomes of it; of a message that is wanted, unless it comes. */
  message: Downloaded;
  wanted: Wanted | null;
}

async function planFor(visit: Visit, handles: readonly string[], maxBytes: number, room: number): Promise<Planned[]> {
  const { numbers } = await snapshotOf(visit);
  const unknown = handles.flatMap((handle) => numbers.get(handle) ?? []).filter((number) => !visit.sizes.has(number));
  for (const [number, size] of await sizesOf(visit.session, unknown)) visit.sizes.set(number, size);
  const planned: Planned[] = [];
  let bytes = 0;
  for (const handle of handles) {
    if (bytes >= room) break;
    const number = numbers.get(handle);
    const size = number === undefined ? undefined : visit.sizes.get(number);
    if (number === undefined) planned.push({ message: { handle, outcome: 'gone' }, wanted: null });
    else if (size !== undefined && size > maxBytes) {
      planned.push({ message: { handle, outcome: 'too-large', size }, wanted: null });
    } else {
      planned.push({ message: { handle, outcome: 'withheld' }, wanted: { number, size } });
      bytes += size ?? 0;
    }
  }
  return planned;
}

/** One session's share of a download; it ends early with a message that ends the session. */
async function* carryOut(visit: Visit, plan: readonly Planned[], maxBytes: number): AsyncGenerator<Downloaded> {
  const wanted = plan.flatMap((one) => one.wanted ?? []);
  const answers = retrieve(visit.session, wanted, maxBytes);
  try {
    for (const one of plan) {
      const answer = one.wanted === null ? undefined : (await answers.next()).value;
      visit.isReading = true;
      yield answer === undefined ? one.message : asDownloaded(one.message, answer, maxBytes);
      visit.isReading = false;
    }
  } finally {
    visit.isReading = false;
    await answers.return(undefined);
  }
}

function asDownloaded(message: Downloaded, answer: Retrieved, maxBytes: number): Downloaded {
  const { handle } = message;
  if (answer === 'refused') return message;
  if (answer === 'too-large') return { handle, outcome: 'too-large', size: maxBytes + 1 };
  return { handle, outcome: 'raw', raw: answer };
}

export type ReadParts = (
  handles: readonly string[],
  from: Progress,
  maxBytes: number,
  budget: number,
) => AsyncGenerator<Part>;

/** Downloads in parts. POP3 gives whole messages only: one that does not fit into a budget is held until its rest is asked for. */
export function partedDownload(visits: Visits): ReadParts {
  function partOf(handle: string, raw: Uint8Array, offset: number, room: number): Part & { outcome: 'part' } {
    const bytes = raw.subarray(offset, offset + room);
    const last = offset + bytes.length >= raw.length;
    visits.hold(last ? null : { handle, raw });
    return { handle, outcome: 'part', bytes, last };
  }

  return async function* readParts(handles, { index, offset }, maxBytes, budget) {
    let first = index;
    let from = offset;
    let room = budget;
    const begun = visits.held();
    if (begun !== null && from > 0 && begun.handle === handles[first]) {
      const part = partOf(begun.handle, begun.raw, from, room);
      room -= part.bytes.length;
      // The session has its time anew, since the message goes with it.
      visits.finish(false);
      yield part;
      if (!part.last || room <= 0) return;
      first += 1;
      from = 0;
    }
    // The beginning of a message that is no longer held is downloaded again.
    for await (const message of download(visits, handles.slice(first), maxBytes, from + room)) {
      if (message.outcome === 'raw') {
        const part = partOf(message.handle, message.raw, from, room);
        room -= part.bytes.length;
        yield part;
      } else {
        yield message;
      }
      from = 0;
      if (room <= 0) return;
    }
  };
}
