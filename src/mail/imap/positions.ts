import { formatUidSet, largestUid, parseUidSet, type Run } from './uid-sets';

/** UIDVALIDITY and UID: together they name one message of a folder for good (RFC 3501 §2.3.1.1). */
export interface Place {
  validity: string;
  uid: number;
}

/** A message as it was listed. No other one ever has its UID (RFC 3501 §2.3.1.1), unless the server was restored from a backup. */
export interface Witness {
  uid: number;
  /** Bytes. */
  size: number;
  /** Epoch milliseconds. */
  receivedAt: number;
}

/** How far a folder is listed. */
export interface Position extends Place {
  /** Messages up to `uid` that are wanted and not listed yet, or flagged as deleted: they come before what came after `uid`. */
  first: Run[];
  /** The last message that was listed; null in positions of earlier versions. */
  witness: Witness | null;
}

/** `<uidvalidity>:<last uid>`, then `:<uid set>` for what is left, then `;<uid>.<size>.<received>` for the witness; null for other text. */
export function parsePosition(position: string): Position | null {
  const form = /^(\d{1,20}):(\d{1,10})(?::([\d:,]+))?(?:;(\d{1,10})\.(\d{1,15})\.(\d{1,15}))?$/;
  const [, validity, uid, set = '', last, size, receivedAt] = form.exec(position) ?? [];
  if (validity === undefined || uid === undefined || Number(uid) > largestUid) return null;
  const witness = last === undefined ? null : { uid: Number(last), size: Number(size), receivedAt: Number(receivedAt) };
  return { validity, uid: Number(uid), first: parseUidSet(set), witness };
}

export function formatPosition({ validity, uid, first, witness }: Position): string {
  const left = first.length === 0 ? '' : `:${formatUidSet(first)}`;
  const last = witness === null ? '' : `;${witness.uid}.${witness.size}.${witness.receivedAt}`;
  return `${validity}:${uid}${left}${last}`;
}

/** `<uidvalidity>.<uid>`; null when the text is not of that form. */
export function parseHandle(handle: string): Place | null {
  const [, validity, uid] = /^(\d{1,20})\.(\d{1,10})$/.exec(handle) ?? [];
  if (validity === undefined || uid === undefined || Number(uid) > largestUid) return null;
  return { validity, uid: Number(uid) };
}
export const formatHandle = ({ validity, uid }: Place): string => `${validity}.${uid}`;
