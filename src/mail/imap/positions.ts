import { formatUidSet, largestUid, parseUidSet, type Run } from './uid-sets';

/** UIDVALIDITY and UID: together they name one message of a folder for good (RFC 3501 §2.3.1.1). */
export interface Place {
  validity: string;
  uid: number;
}

/** How far a folder is listed. */
export interface Position extends Place {
  /** Messages up to `uid` that were wanted at the start and are not listed yet; they come before what came after `uid`. */
  first: Run[];
}

/** `<uidvalidity>:<last uid>` or `<uidvalidity>:<last uid>:<uid set>`; null when the text is of neither form. */
export function parsePosition(position: string): Position | null {
  const [, validity, uid, set = ''] = /^(\d{1,20}):(\d{1,10})(?::([\d:,]+))?$/.exec(position) ?? [];
  if (validity === undefined || uid === undefined || Number(uid) > largestUid) return null;
  return { validity, uid: Number(uid), first: parseUidSet(set) };
}

export const formatPosition = ({ validity, uid, first }: Position): string =>
  first.length === 0 ? `${validity}:${uid}` : `${validity}:${uid}:${formatUidSet(first)}`;

/** `<uidvalidity>.<uid>`; null when the text is not of that form. */
export function parseHandle(handle: string): Place | null {
  const [, validity, uid] = /^(\d{1,20})\.(\d{1,10})$/.exec(handle) ?? [];
  if (validity === undefined || uid === undefined || Number(uid) > largestUid) return null;
  return { validity, uid: Number(uid) };
}
export const formatHandle = ({ validity, uid }: Place): string => `${validity}.${uid}`;
