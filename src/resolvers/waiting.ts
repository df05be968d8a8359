import type { ActivityEntry } from '../domain/activity';
import type { Activity } from '../domain/activity-port';
import { AppError } from '../domain/app-error';
import { type Connection, mailboxIdentity } from '../domain/connection';
import { type Cursor, isHeldBack, type Waiting } from '../domain/cursor';
import { changeCursor } from '../domain/cursor-change';
import type { Connections, Cursors, PollQueue } from '../domain/ports';
import type { Audit } from './audit';
import type { Handlers } from './define';
import { entityRules } from './entity-rules';
import type { WaitingView } from './views';

export interface WaitingPorts {
  connections: Connections;
  cursors: Cursors;
  activity: Activity;
  queue: PollQueue;
  audit: Audit;
}

export type WaitingFunction = 'connections.waiting' | 'connections.tryNow';

/** Messages that a page lists; the others are counted. */
const maxListed = 100;

/** Mail that was listed in a mailbox and is not finished: what holds each back, and another try at once. */
export function waitingHandlers(ports: WaitingPorts): Pick<Handlers, WaitingFunction> {
  const { connections, cursors, activity, queue } = ports;
  const { found } = entityRules(connections, 'connection');

  return {
    'connections.waiting': async ({ id }) => {
      const shown = id === undefined ? await connections.list('enabled') : [await found(id)];
      const cursorOf = await cursors.getMany(shown.map((connection) => connection.id));
      const all = shown.flatMap((connection) => waitingOf(connection, cursorOf.get(connection.id)));
      all.sort((one, other) => Number(!one.isHeldBack) - Number(!other.isHeldBack) || one.retryAt - other.retryAt);
      const listed = all.slice(0, maxListed);
      const entries = await activity.getMany(listed.flatMap(({ entryId }) => entryId ?? []));
      return {
        items: listed.map((one) => withEntry(one, entries.get(one.entryId ?? ''))),
        heldBack: all.filter((one) => one.isHeldBack).length,
        next: all.filter((one) => !one.isHeldBack).length,
      };
    },

    'connections.tryNow': async ({ id, handle }, caller) => {
      const connection = await found(id);
      if (connection.state !== 'enabled') throw notEnabled();
      const isAsked = (one: Waiting) => isHeldBack(one) && (handle === undefined || one.handle === handle);
      let asked = 0;
      let tooEarly = 0;
      await changeCursor(cursors, id, (cursor) => {
        if (cursor === null) return null;
        const wanted = cursor.waiting.filter(isAsked);
        if (handle !== undefined && wanted.length === 0) throw notWaiting();
        asked = wanted.filter(mayTryNow).length;
        tooEarly = wanted.length - asked;
        if (!wanted.some((one) => mayTryNow(one) && one.retryAt > 0)) return cursor;
        const now = (one: Waiting) => (isAsked(one) && mayTryNow(one) ? { ...one, retryAt: 0 } : one);
        return { ...cursor, waiting: cursor.waiting.map(now) };
      });
      if (handle !== undefined && asked === 0) throw stillClaimed();
      if (asked > 0) {
        await queue.push([{ connectionIds: [id], delaySeconds: 0, force: true }]);
        const what = `asked to try mail that waits now (${asked})`;
        await ports.audit({ noun: 'Connection', id, name: connection.settings.name, what }, caller);
      }
      return { asked, tooEarly };
    },
  };
}

/** A claim may still have a living owner, or Jira an issue that its search does not show yet: before its time a try does nothing. */
const mayTryNow = ({ reason }: Waiting): boolean => reason !== 'claimed';

type Listed = WaitingView & { entryId: string | undefined };

function waitingOf({ id, state, settings }: Connection, cursor: Cursor | undefined): Listed[] {
  // Names of another mailbox, which the settings no longer lead to.
  if (cursor === undefined || cursor.mailbox !== mailboxIdentity(settings)) return [];
  return cursor.waiting.map((one) => ({
    connectionId: id,
    handle: one.handle,
    reason: one.reason,
    isHeldBack: isHeldBack(one),
    mayTryNow: state === 'enabled' && isHeldBack(one) && mayTryNow(one),
    code: one.code ?? null,
    message: one.message ?? null,
    from: null,
    subject: null,
    size: one.size,
    attempts: one.attempts,
    since: one.since ?? null,
    // A connection that waits itself tries none of its mail before.
    retryAt: Math.max(one.retryAt, cursor.trouble?.notBefore ?? 0),
    entryId: one.entryId,
  }));
}

/** What the activity log has of it: all of the reason, and the mail's own words where it was read. */
function withEntry({ entryId: _, ...one }: Listed, entry: ActivityEntry | undefined): WaitingView {
  if (entry === undefined) return one;
  const isSame = one.code === null || entry.code === one.code;
  const { from, subject } = entry;
  return { ...one, from, subject, code: one.code ?? entry.code, message: isSame ? entry.reason : one.message };
}

function notEnabled(): AppError {
  const message =
    'This connection is not enabled, so that no mail is taken. Enable it first; what waits is tried then.';
  return new AppError('not-enabled', 'input', message);
}

function notWaiting(): AppError {
  const message = 'This mail does not wait any more: it was taken, given up, or left the mailbox. Reload the list.';
  return new AppError('not-waiting', 'input', message);
}

function stillClaimed(): AppError {
  const message =
    'This mail can not be tried before its time: whether its issue was created is not known yet, and another try could make a second one.';
  return new AppError('still-claimed', 'input', message);
}
