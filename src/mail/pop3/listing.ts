import type { Arrival, Listing } from '../../domain/ports';
import { pop3Limits } from './limits';
import { formatPosition, parsePosition, recognise, remember, type Seen, witnesses } from './position';
import { receivedAt } from './received';
import type { Session } from './session';
import { type Glance, glance, headersOf, type Snapshot, sizesOf, takeSnapshot } from './snapshot';

/** What a listing leaves for the next one of the same session: the mailbox does not change in it. */
export interface Rest {
  /** The position that was given out. */
  position: string;
  /** One for each message: true if it was listed. */
  seen: boolean[];
  catchingUp: boolean;
  witness: readonly number[];
  /** As far as they were asked for; by message number. */
  sizes: Map<number, number>;
}

export interface Listed {
  listing: Listing;
  /** Null when nothing was listed that would have to be fetched. */
  snapshot: Snapshot | null;
  sizes: Map<number, number>;
  /** Null when everything is listed. */
  rest: Rest | null;
}

/** Arrivals by a new session. One round trip when nothing has changed since everything was listed. */
export async function listAnew(session: Session, position: string | null, limit: number): Promise<Listed> {
  const known = position === null ? null : parsePosition(position);
  const quick = known?.quick ?? null;
  if (position !== null && quick !== null && isSame(await glance(session, quick.count), quick)) {
    const listing: Listing = { arrivals: [], position, more: false, reset: false };
    return { listing, snapshot: null, sizes: new Map(), rest: null };
  }

  const snapshot = await takeSnapshot(session);
  const { handles } = snapshot;
  const { seen, whole } = recognise(handles, known ?? { digests: new Set(), blockBits: 0 });
  const sizes = await sizesOf(session, [...new Set([...firstNumbers(handles), ...unseenNumbers(seen, limit)])]);
  const witness = firstNumbers(handles).map((number) => sizes.get(number) ?? 0);
  // The remains of a spoiled block, a mailbox whose messages all got new ids, a position that is none: old mail comes again.
  const isOldAgain = known === null || !whole || hasNewIds(known, seen, witness);
  const reset = position !== null && seen.includes(false) && isOldAgain;
  const catchingUp = position === null || reset || known?.catchingUp === true;
  return await listMore(session, snapshot, { position: '', seen, catchingUp, witness, sizes }, limit, reset);
}

/** The next arrivals of a snapshot. */
export async function listMore(
  session: Session,
  snapshot: Snapshot,
  rest: Rest,
  limit: number,
  reset = false,
): Promise<Listed> {
  const { handles } = snapshot;
  const seen = [...rest.seen];
  const numbers = unseenNumbers(seen, limit);
  for (const number of numbers) seen[number - 1] = true;
  const more = seen.includes(false);
  const { sizes } = rest;
  const unknown = numbers.filter((number) => !sizes.has(number));
  for (const [number, size] of await sizesOf(session, unknown)) sizes.set(number, size);
  // Only old mail that is listed again may have to be left alone for its age.
  const readable = numbers.filter((number) => (sizes.get(number) ?? 0) < pop3Limits.listingBytes);
  const headers = rest.catchingUp ? await headersOf(session, readable) : new Map<number, string>();
  const arrivals = numbers.map((number): Arrival => {
    const header = headers.get(number);
    return {
      handle: handles[number - 1] ?? '',
      size: sizes.get(number) ?? null,
      receivedAt: header === undefined ? null : receivedAt(header),
      unread: null,
    };
  });
  const catchingUp = rest.catchingUp && more;
  const position = formatPosition(
    remember(handles, seen, { quick: quickOf(snapshot, more), witness: rest.witness, catchingUp }),
  );
  return {
    listing: { arrivals, position, more, reset },
    snapshot,
    sizes,
    rest: more ? { ...rest, position, seen } : null,
  };
}

const isSame = (now: Glance, { count, octets, last }: NonNullable<Seen['quick']>) =>
  now.count === count && now.octets === octets && (count === 0 || now.handle === last);

/** What tells that a mailbox has not changed; only where all of it is listed. */
export const quickOf = ({ handles, octets }: Snapshot, more: boolean): Seen['quick'] =>
  more ? null : { count: handles.length, octets, last: handles.at(-1) ?? '' };

/** Numbers of the messages whose sizes are kept as witnesses. */
export const firstNumbers = (handles: readonly string[]) => handles.slice(0, witnesses).map((_, index) => index + 1);

function unseenNumbers(seen: readonly boolean[], limit: number): number[] {
  const numbers: number[] = [];
  for (let at = seen.indexOf(false); at !== -1 && numbers.length < limit; at = seen.indexOf(false, at + 1)) {
    numbers.push(at + 1);
  }
  return numbers;
}

/** True if no id is known, yet the first messages are as large as the first ones were: the same mail under new ids. */
function hasNewIds(known: Seen, seen: readonly boolean[], witness: readonly number[]): boolean {
  if (known.digests.size === 0 || seen.includes(true) || known.witness.length === 0) return false;
  return known.witness.every((size, index) => witness[index] === size);
}
