import type { ActivityEntry } from '../domain/activity';
import { type Cursor, isMailOf, type Waiting } from '../domain/cursor';
import { fitting } from '../domain/cursor-room';
import { pollLimits } from '../domain/limits';
import { quarantinedNow } from '../domain/totals';

/**
 * The cursor with messages that were given up waiting once more, before the others. Each gets one try: whoever asked for it
 * looks at what comes of it. Those for which there is no room stay given up. The very cursor that came in when nothing changes.
 */
export function askAgain(cursor: Cursor, entries: readonly ActivityEntry[]): Cursor {
  const waiting = new Set(cursor.waiting.map(({ handle }) => handle));
  const givenUp = entries
    .flatMap((entry) => withCopies(cursor, entry))
    .filter(
      ({ result, mailbox, handle }) =>
        (result === 'quarantined' || result === 'dismissed') && mailbox === cursor.mailbox && !waiting.has(handle),
    );
  const asked = fitting(cursor, givenUp);
  if (asked.length === 0) return cursor;
  const handles = new Set(asked.map(({ handle }) => handle));
  const shown = new Set(cursor.quarantined.map(({ handle }) => handle));
  const totals = { ...cursor.totals };
  const again = asked.map((entry) => {
    const isDismissed = entry.result === 'dismissed';
    const left = isDismissed ? totals.dismissed : quarantinedNow(totals);
    // What was given up before the totals began is in none of them.
    if (left === 0 || !(shown.has(entry.handle) || entry.at >= totals.since)) {
      return { ...asWaiting(entry), uncounted: true };
    }
    totals.givenUp -= 1;
    if (isDismissed) totals.dismissed -= 1;
    return asWaiting(entry);
  });
  return {
    ...cursor,
    waiting: [...again, ...cursor.waiting],
    quarantined: cursor.quarantined.filter(({ handle }) => !handles.has(handle)),
    totals,
  };
}

/** Byte-identical copies have one entry, and are asked for together. */
function withCopies(cursor: Cursor, entry: ActivityEntry): ActivityEntry[] {
  const copies = cursor.quarantined.filter((one) => one.handle !== entry.handle && isMailOf(one, entry));
  return [entry, ...copies.map(({ handle }) => ({ ...entry, handle }))];
}

function asWaiting({ id, handle, size }: ActivityEntry): Waiting {
  return { handle, size, reason: 'budget', attempts: pollLimits.attempts - 1, retryAt: 0, entryId: id, again: true };
}
