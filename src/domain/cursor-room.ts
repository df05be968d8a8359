import type { Cursor, Quarantined, Waiting } from './cursor';
import { pollLimits } from './limits';
import { newestWithin } from './newest';
import { cutText } from './text';

/**
 * A cursor has to fit into one stored value, with the longest position there may be: one that does not is refused, by
 * each poll anew, and no mail of its connection would ever be taken again.
 */

/** Bytes that a waiting message needs besides its name, with all that may be noted of it. */
const notedBytes = 600;
/** ... of which its error's code and message may have so many. */
const codeBytes = 40;
const messageBytes = 160;

/** What is kept of an error with a message that waits; its entry in the activity log has all of it. */
export function failureOf({ code, message }: { code: string; message: string }): Pick<Waiting, 'code' | 'message'> {
  return { code: cutToBytes(code, codeBytes), message: cutToBytes(message, messageBytes) };
}

/** @param bytes of its JSON, without the quotes around it */
function cutToBytes(text: string, bytes: number): string {
  let cut = cutText(text, bytes);
  while (new TextEncoder().encode(JSON.stringify(cut)).length > bytes + 2) cut = cutText(text, cut.length - 1);
  return cut;
}

const bytesWaiting = (waiting: readonly Pick<Waiting, 'handle'>[]): number =>
  waiting.reduce((sum, { handle }) => sum + handle.length + notedBytes, 0);

/** Whether so much waits already that nothing new may be listed. */
export const isFull = ({ waiting }: Pick<Cursor, 'waiting'>): boolean =>
  bytesWaiting(waiting) > pollLimits.waitingBytes;

/** Of messages that are asked for again, the first ones that may wait too. */
export function fitting<T extends Pick<Waiting, 'handle'>>({ waiting }: Cursor, asked: readonly T[]): T[] {
  let left = pollLimits.waitingBytes - bytesWaiting(waiting);
  return asked.filter((one) => {
    left -= bytesWaiting([one]);
    return left >= 0;
  });
}

/** The newest of those that were given up, as many as may be kept for show. */
export const newestGivenUp = (all: readonly Quarantined[]): Quarantined[] =>
  newestWithin(all, pollLimits.quarantined, pollLimits.quarantinedBytes);
