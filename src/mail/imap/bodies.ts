import type { FetchQueryObject } from 'imapflow';
import { AppError } from '../../domain/app-error';
import { isNotNow } from './errors';
import { flooded } from './flood-gate';
import { imapLimits } from './limits';
import type { Session } from './session';
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

/** What came for a message is not what was listed, as far as this session can tell. */
export class Doubtful extends Error {
  readonly uid: number;
  /** Bytes that came. */
  readonly bytes: number;
  constructor(uid: number, bytes: number) {
    super('A message came that is not as long as it was listed.');
    this.uid = uid;
    this.bytes = bytes;
  }
}

/** Whole messages came in such an order that too much would have to be held until it is their turn. */
export class Disordered extends Error {}

/** Bytes of a message that was asked for. */
export interface Body {
  uid: number;
  bytes: Uint8Array;
  /** How long the message is, as it was told with them. */
  size: number | undefined;
}

/**
 * What one FETCH brings of messages that were asked for, each waited for as long as one of `largest` bytes may take at the slowest.
 * Whoever stops before the end gives up the session, since the server goes on sending. A refusal ends them, where it may be for the
 * sake of one message. Texts that nobody asked for, or that come a second time, are dropped, and end the session when they are many.
 */
export async function* bodyRows(
  session: Session,
  uids: readonly number[],
  query: FetchQueryObject,
  largest: number,
): AsyncGenerator<Body> {
  const rows = session.client.fetch(uidSet(uids), query, { uid: true });
  const extraMs = (largest / imapLimits.slowestBytesPerSecond) * 1_000;
  const waits = session.waits(undefined, { extraMs, mostBytes: imapLimits.messageBytes });
  const due = new Set(uids);
  let surplus = 0;
  let isFinished = false;
  session.takeRefusal();
  try {
    for (;;) {
      const next = await waits.over(rows.next());
      if (next.done === true) break;
      const { uid, source, size } = next.value;
      // NIL stands for a message that was expunged meanwhile; the library makes `false` of it.
      if (!Buffer.isBuffer(source)) continue;
      if (due.delete(uid)) yield { uid, bytes: source, size };
      else surplus += source.length;
      if (surplus > imapLimits.surplusBytes) throw flooded();
    }
    isFinished = true;
  } catch (thrown) {
    isFinished = thrown instanceof AppError && thrown.code === 'server-refused';
    if (isFinished && !isNotNow(session.takeRefusal())) return;
    const announced = thrown instanceof AppError ? Reflect.get(Object(thrown.cause), 'literalSize') : undefined;
    throw typeof announced === 'number' ? new LiteralRefused(announced) : thrown;
  } finally {
    waits.stop();
    if (!isFinished) session.client.close();
  }
}

/** Lengths that came and were doubted in the earlier sessions of a call, by UID. */
export type Doubts = Map<number, number>;

/**
 * Whether bytes that came are those of the message that was listed. A server may send a text of its own for a message that somebody
 * expunged (Courier), and others announce sizes that are never right (Exchange). So a size that does not fit is believed when a fresh
 * session says the same, and of a server that was caught at it when it tells the size that it told before.
 * @throws Doubtful
 */
export function believe(
  session: Session,
  doubts: Doubts,
  { uid, size }: { uid: number; size: number | null },
  bytes: number,
  toldAgain: number | undefined,
): void {
  if (size === null || bytes === size) return;
  const { learned } = session;
  if (doubts.get(uid) === bytes) {
    learned.exactSizes = false;
    return;
  }
  if (!learned.exactSizes && (toldAgain === size || doubts.size > 0)) return;
  throw new Doubtful(uid, bytes);
}

/** What is asked with a body, so that it can be believed. */
export const bodyItems = ({ learned }: Session): FetchQueryObject => ({
  uid: true,
  ...(learned.exactSizes ? {} : { size: true }),
});
