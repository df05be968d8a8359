import type { Part } from '../parts';
import { type Body, believe, bodyItems, bodyRows, type Doubts } from './bodies';
import type { Wanted } from './fetch-plan';
import { imapLimits } from './limits';
import type { Session } from './session';
import { presentNow } from './snapshot';

/** One message from `offset` on, at most `room` bytes; each stretch is asked for while the one before is handed on. @throws Doubtful */
export async function* readStretches(
  session: Session,
  wanted: Wanted,
  offset: number,
  maxBytes: number,
  room: number,
  doubts: Doubts,
): AsyncGenerator<Part> {
  const end = offset + room;
  const ask = (at: number) => {
    const reading = readStretch(session, wanted, at, Math.min(imapLimits.stretchBytes, end - at), doubts);
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

/** Up to `length` bytes, fewer where the message ends. */
async function readStretch(
  session: Session,
  wanted: Wanted,
  offset: number,
  length: number,
  doubts: Doubts,
): Promise<Part> {
  const { handle, uid, size } = wanted;
  const first = await askStretch(session, uid, offset, length);
  if (first === null) {
    const isThere = (await presentNow(session, [uid])).has(uid);
    return { handle, outcome: isThere ? 'withheld' : 'gone' };
  }
  let { bytes } = first;
  const isShort = bytes.length < length;
  if (isShort && size !== null && offset + bytes.length < size) {
    // Not at the end that was announced: a server may give less at once than it is asked for.
    const more = await askStretch(session, uid, offset + bytes.length, imapLimits.stretchBytes);
    if (more !== null && more.bytes.length > 0) {
      bytes = Buffer.concat([bytes, more.bytes]).subarray(0, length);
      if (offset + bytes.length < size) return { handle, outcome: 'part', bytes, last: false };
    }
  }
  const last = bytes.length < length || (isShort && offset + bytes.length === size);
  if (last) {
    believe(session, doubts, wanted, offset + bytes.length, first.size);
    if (size !== null && offset + bytes.length < size)
      session.tell(`The server announced ${size} bytes, and has ${offset + bytes.length}.`);
  }
  return { handle, outcome: 'part', bytes, last };
}

async function askStretch(session: Session, uid: number, start: number, length: number): Promise<Body | null> {
  const query = { ...bodyItems(session), source: { start, maxLength: length } };
  let told: Body | null = null;
  for await (const body of bodyRows(session, [uid], query, length)) {
    // Some servers ignore the range and send everything. Copied, so that the rest is not held.
    const bytes = body.bytes.length > length ? new Uint8Array(body.bytes.subarray(start, start + length)) : body.bytes;
    told = { ...body, bytes };
  }
  return told;
}
