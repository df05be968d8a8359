import type { ActivityEntry } from '../domain/activity';
import type { Activity } from '../domain/activity-port';
import type { Cursor } from '../domain/cursor';
import { askAgain } from './ask-again';

/**
 * The cursor with more of the messages waiting that an administrator asked for all at once: the newest of those that are left,
 * as many as there is room for. The very cursor that came in when there is none.
 */
export async function askMoreAgain(activity: Activity, connectionId: string, cursor: Cursor): Promise<Cursor> {
  if (cursor.tryAgain === undefined) return cursor;
  const { to, left } = cursor.tryAgain;
  // What is given up once more has a later entry, and is not met here again.
  const query = { connectionId, result: 'quarantined', to } as const;
  let next = cursor;
  let page = await activity.list(query);
  for (;;) {
    const entries = await stillGivenUp(activity, page.entries, to);
    next = askAgain(next, entries);
    const asked = new Set(next.waiting.map(({ handle }) => handle));
    const rest = entries.find(({ mailbox, handle }) => mailbox === cursor.mailbox && !asked.has(handle));
    const count = next.waiting.length - cursor.waiting.length;
    if (rest !== undefined) {
      return count === 0 ? cursor : { ...next, tryAgain: { to: rest.at, left: Math.max(1, left - count) } };
    }
    if (page.cursor === null) return { ...next, tryAgain: undefined };
    page = await activity.list({ ...query, cursor: page.cursor });
  }
}

/** A list may be behind: what was taken, dismissed or given up once more since must not be asked for, and counted, twice. */
async function stillGivenUp(
  activity: Pick<Activity, 'getMany'>,
  listed: readonly ActivityEntry[],
  to: number,
): Promise<ActivityEntry[]> {
  const entryOf = await activity.getMany(listed.map(({ id }) => id));
  return listed
    .flatMap(({ id }) => entryOf.get(id) ?? [])
    .filter(({ result, at }) => result === 'quarantined' && at <= to);
}
