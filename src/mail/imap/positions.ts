/** UIDVALIDITY and UID: together they name one message of a folder for good (RFC 3501 §2.3.1.1). */
export interface Place {
  validity: string;
  uid: number;
}

/** The largest UID there can be. `n:*` would answer with the last message when nothing is new (RFC 3501 §6.4.8). */
export const largestUid = 4_294_967_295;

function parse(text: string, pattern: RegExp): Place | null {
  const match = pattern.exec(text);
  const [, validity, uid] = match ?? [];
  if (validity === undefined || uid === undefined) return null;
  return Number(uid) > largestUid ? null : { validity, uid: Number(uid) };
}

/** `<uidvalidity>:<last uid>`; null when the text is not of that form. */
export const parsePosition = (position: string): Place | null => parse(position, /^(\d{1,20}):(\d{1,10})$/);
export const formatPosition = ({ validity, uid }: Place): string => `${validity}:${uid}`;

/** `<uidvalidity>.<uid>`; null when the text is not of that form. */
export const parseHandle = (handle: string): Place | null => parse(handle, /^(\d{1,20})\.(\d{1,10})$/);
export const formatHandle = ({ validity, uid }: Place): string => `${validity}.${uid}`;

/** UIDs as a sequence set, runs joined: 1,2,3,7 becomes `1:3,7`. */
export function uidSet(uids: readonly number[]): string {
  const runs: { from: number; to: number }[] = [];
  for (const uid of [...uids].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && uid <= run.to + 1) run.to = uid;
    else runs.push({ from: uid, to: uid });
  }
  return runs.map(({ from, to }) => (from === to ? `${from}` : `${from}:${to}`)).join(',');
}

/** The first `limit` UIDs of a sequence set in ascending order, as servers give it. */
export function expandUidSet(set: string, limit: number): number[] {
  const uids: number[] = [];
  for (const run of set.split(',')) {
    const [from = 0, to = from] = run.split(':').map(Number);
    for (let uid = Math.min(from, to); uid <= Math.max(from, to) && uids.length < limit; uid++) uids.push(uid);
  }
  return uids;
}
