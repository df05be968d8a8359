import type { ActivityEntry } from '../domain/activity';
import type { Cursor, Waiting } from '../domain/cursor';
import { pollLimits } from '../domain/limits';

/**
 * The cursor with messages that were given up waiting once more, before the others. Each gets one try: whoever asked for it
 * looks at what comes of it. The very cursor that came in when none of them fits.
 */
export function askAgain(cursor: Cursor, entries: readonly ActivityEntry[]): Cursor {
  const waiting = new Set(cursor.waiting.map(({ handle }) => handle));
  const asked = entries.filter(
    ({ result, mailbox, handle }) =>
      (result === 'quarantined' || result === 'dismissed') && mailbox === cursor.mailbox && !waiting.has(handle),
  );
  if (asked.length === 0) return cursor;
  const handles = new Set(asked.map(({ handle }) => handle));
  return {
    ...cursor,
    waiting: [...asked.map(asWaiting), ...cursor.waiting],
    quarantined: cursor.quarantined.filter(({ handle }) => !handles.has(handle)),
  };
}

function asWaiting({ id, handle, size }: ActivityEntry): Waiting {
  return { handle, size, reason: 'budget', attempts: pollLimits.attempts - 1, retryAt: 0, entryId: id, again: true };
}
