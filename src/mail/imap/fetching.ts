import { meter } from '../held-memory';
import type { Part, Progress } from '../parts';
import { type Body, believe, bodyItems, bodyRows, Disordered, type Doubts } from './bodies';
import { type Asked, nextStep, type Wanted } from './fetch-plan';
import { rowsOf } from './rows';
import type { Session } from './session';
import { presentNow, uidsOf } from './snapshot';
import { readStretches } from './stretches';
import { runsOf } from './uid-sets';

/** How much, and how carefully. */
export interface ReadOptions {
  /** Larger messages are refused. */
  maxBytes: number;
  /** Bytes, about. */
  budget: number;
  /** Messages in one command. */
  longestRun: number;
  doubts: Doubts;
}

/**
 * Parts from `from` on, in the given order, none marked as read (BODY.PEEK). Whole messages come by one FETCH for each ascending run;
 * one over the budget by partial FETCH (RFC 3501 §6.4.5).
 * @throws LiteralRefused, Doubtful, Disordered
 */
export async function* readParts(
  session: Session,
  handles: readonly string[],
  from: Progress,
  options: ReadOptions,
): AsyncGenerator<Part> {
  const { maxBytes, budget, longestRun, doubts } = options;
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
        ? readRun(session, step.run, options)
        : readStretches(session, step.wanted, offset, maxBytes, bytes, doubts);
    for await (const part of parts) {
      if (part.outcome === 'part') bytes -= part.bytes.length;
      const isWhole = part.outcome !== 'part' || part.last;
      if (isWhole) index += 1;
      yield part;
      // What a server sends beyond the sizes that it told is for the next call.
      if (!isWhole && step.do === 'run') return;
      if (bytes < 0 && index < asked.length) return;
    }
    if (step.do === 'stretches' && bytes <= 0) return;
  }
}

/** UIDs and sizes. Only what the server clearly lacks is gone. */
async function describe(session: Session, handles: readonly string[]): Promise<Asked[]> {
  const uids = await uidsOf(session, handles);
  const unknown = uids.filter((uid) => uid !== null).filter((uid) => !session.sizes.has(uid));
  let gone = new Set<number>();
  if (unknown.length > 0) {
    const { rows } = await rowsOf(session, runsOf(unknown), { uid: true, size: true });
    for (const [uid, { size }] of rows) if (size !== undefined) session.sizes.set(uid, size);
    const missing = unknown.filter((uid) => !rows.has(uid));
    const present = await presentNow(session, missing);
    gone = new Set(missing.filter((uid) => !present.has(uid)));
  }
  return handles.map((handle, index) => {
    const uid = uids[index] ?? null;
    if (uid === null || gone.has(uid)) return { handle, uid: null, size: null };
    return { handle, uid, size: session.sizes.get(uid) ?? null };
  });
}

/** Whole messages by one command, in the order of the run whatever the server's. */
async function* readRun(session: Session, run: readonly Wanted[], options: ReadOptions): AsyncGenerator<Part> {
  const { budget, doubts } = options;
  const early = new Map<number, Body>();
  const largest = Math.max(...run.map(({ size }) => size ?? 0));
  const waiting = meter(session.memory);
  let held = 0;
  let due = 0;
  const query = { ...bodyItems(session), source: true };
  const uids = run.map(({ uid }) => uid);
  try {
    for await (const body of bodyRows(session, uids, query, largest)) {
      early.set(body.uid, body);
      held += body.bytes.length;
      for (let wanted = run[due]; wanted !== undefined; wanted = run[due]) {
        const came = early.get(wanted.uid);
        if (came === undefined) break;
        early.delete(wanted.uid);
        held -= came.bytes.length;
        due += 1;
        yield wholePart(session, wanted, came, options);
      }
      // Rows may come in any order, but nobody has to hold more of them than were announced.
      if (held > budget) throw new Disordered();
      waiting.set(held);
    }
    yield* readRest(session, run.slice(due), early, options, doubts);
  } finally {
    waiting.set(0);
  }
}

/** What the answer lacked. A server that stops at one message must not take those behind it along. */
async function* readRest(
  session: Session,
  rest: readonly Wanted[],
  early: ReadonlyMap<number, Body>,
  options: ReadOptions,
  doubts: Doubts,
): AsyncGenerator<Part> {
  const missing = rest.filter(({ uid }) => !early.has(uid)).map(({ uid }) => uid);
  const present = await presentNow(session, missing);
  for (const wanted of rest) {
    const came = early.get(wanted.uid);
    if (came !== undefined) yield wholePart(session, wanted, came, options);
    else if (!present.has(wanted.uid)) yield { handle: wanted.handle, outcome: 'gone' };
    else yield* readAlone(session, wanted, options, doubts);
  }
}

async function* readAlone(
  session: Session,
  wanted: Wanted,
  options: ReadOptions,
  doubts: Doubts,
): AsyncGenerator<Part> {
  const room = Math.max(options.budget, wanted.size ?? 0);
  yield* readStretches(session, wanted, 0, options.maxBytes, room, doubts);
}

function wholePart(session: Session, wanted: Wanted, { bytes, size }: Body, options: ReadOptions): Part {
  const { handle, uid } = wanted;
  believe(session, options.doubts, wanted, bytes.length, size);
  session.sizes.set(uid, bytes.length);
  if (bytes.length > options.maxBytes) return { handle, outcome: 'too-large', size: bytes.length };
  if (bytes.length > options.budget)
    // Copied, so that the rest is not held: it is asked for again.
    return { handle, outcome: 'part', bytes: new Uint8Array(bytes.subarray(0, options.budget)), last: false };
  return { handle, outcome: 'part', bytes, last: true };
}
