import type { ActivityEntry } from '../domain/activity';
import type { Activity } from '../domain/activity-port';
import { AppError } from '../domain/app-error';
import { type Connection, mailboxIdentity } from '../domain/connection';
import { type Cursor, freshCursor, isMailOf } from '../domain/cursor';
import { changeCursor } from '../domain/cursor-change';
import { storedAccess } from '../domain/entity';
import { largestRawMb, rawPartBytes } from '../domain/limits';
import type { Connections, Cursors, Fetched, OpenMailbox, PollQueue } from '../domain/ports';
import type { OverviewFunction } from './activity-overview';
import type { Audit } from './audit';
import type { Caller, Handlers } from './define';
import type { ActivityView } from './views';

export interface ActivityPorts {
  activity: Activity;
  connections: Connections;
  cursors: Cursors;
  openMailbox: OpenMailbox;
  queue: PollQueue;
  audit: Audit;
  /** Epoch milliseconds. */
  now(): number;
}

const largestRawBytes = largestRawMb * 1024 * 1024;

/** Mail in quarantine is counted up to here, while a page waits. */
const mostCounted = 2_000;

type ActivityFunction = Exclude<Extract<keyof Handlers, `activity.${string}`>, OverviewFunction>;

/** What the screen of the activity log calls. Mail that was given up is tried again by a poll: only polls take mail. */
export function activityHandlers(ports: ActivityPorts): Pick<Handlers, ActivityFunction> {
  const { activity, connections, cursors, queue } = ports;

  return {
    'activity.list': async (query) => {
      const { entries, ...page } = await activity.list(query);
      return { ...page, entries: entries.map(view) };
    },

    'activity.get': async ({ id }) => view(await found(id)),

    'activity.reprocess': async (payload, caller) => {
      if ('id' in payload) {
        const entry = await found(payload.id);
        if (!isGivenUp(entry)) throw notGivenUp();
        await ask(sameMailbox(await enabled(entry.connectionId), [entry]), entry, caller);
        return { asked: 1, more: false };
      }
      const connection = await enabled(payload.connectionId);
      const { asked, more } = await countGivenUp(connection);
      if (asked > 0) await askForAll(connection, asked, caller);
      return { asked, more };
    },

    'activity.dismiss': async ({ id }, caller) => {
      const entry = await found(id);
      if (entry.result !== 'quarantined') throw notGivenUp();
      // Before the entry: what is broken off between the two can be dismissed again.
      await forgetInStatus(entry);
      const dismissed: ActivityEntry = { ...entry, result: 'dismissed', at: ports.now(), by: caller.accountId };
      await activity.record([dismissed]);
      return view(dismissed);
    },

    'activity.raw': async ({ id, from }) => {
      const entry = await found(id);
      if (entry.size !== null && entry.size > largestRawBytes) throw tooLarge();
      const fetched = await fetch(sameMailbox(await connectionOf(entry.connectionId), [entry]), entry);
      if (fetched?.outcome === 'too-large') throw tooLarge();
      if (fetched?.outcome !== 'raw') throw mailGone();
      const fileName = `mail-${new Date(entry.at).toISOString().slice(0, 16).replace(/[T:]/g, '-')}.eml`;
      const part = fetched.raw.subarray(from, from + rawPartBytes);
      return { fileName, base64: Buffer.from(part).toString('base64'), size: fetched.raw.byteLength };
    },
  };

  async function found(id: string): Promise<ActivityEntry> {
    const entry = await activity.get(id);
    if (entry !== null) return entry;
    throw new AppError(
      'entry-gone',
      'input',
      'The activity log has no such entry any more: it expired, or the mail has another one since it was tried again. Reload the list.',
    );
  }

  async function connectionOf(id: string): Promise<Connection> {
    const connection = await connections.get(id);
    if (connection !== null) return connection;
    throw new AppError(
      'connection-gone',
      'input',
      'The connection that this mail came through was deleted, so that its mailbox can not be reached any more.',
    );
  }

  async function enabled(id: string): Promise<Connection> {
    const connection = await connectionOf(id);
    if (connection.state === 'enabled') return connection;
    const message =
      'The connection is not enabled, so that no mail is taken. Enable it first, then reprocess the mail.';
    throw new AppError('not-enabled', 'input', message);
  }

  /** How much of a connection's mailbox was given up; `more` where it is not counted to the end. */
  async function countGivenUp({ id, settings }: Connection): Promise<{ asked: number; more: boolean }> {
    const identity = mailboxIdentity(settings);
    let asked = 0;
    let cursor: string | undefined;
    do {
      const page = await activity.list({ connectionId: id, result: 'quarantined', cursor });
      asked += page.entries.filter(({ mailbox }) => mailbox === identity).length;
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined && asked < mostCounted);
    return { asked, more: cursor !== undefined };
  }

  async function ask({ id, settings }: Connection, entry: ActivityEntry, caller: Caller): Promise<void> {
    await queue.push([{ connectionIds: [id], delaySeconds: 0, force: true, reprocess: [entry.id] }]);
    const what = 'asked to take a mail of the quarantine again';
    await ports.audit({ noun: 'Connection', id, name: settings.name, what }, caller);
  }

  /** Kept with the connection's cursor before anything else: polls go on with it until all of it was tried. */
  async function askForAll({ id, settings }: Connection, count: number, caller: Caller): Promise<void> {
    const identity = mailboxIdentity(settings);
    const tryAgain = { to: ports.now(), left: count };
    await changeCursor(cursors, id, (stored) => {
      const own = stored?.mailbox === identity ? stored : freshCursor(identity, stored, ports.now());
      return { ...own, tryAgain };
    });
    await queue.push([{ connectionIds: [id], delaySeconds: 0, force: true }]);
    const what = `asked to take all mail of the quarantine again (${count})`;
    await ports.audit({ noun: 'Connection', id, name: settings.name, what }, caller);
  }

  /** The status of a connection counts what was given up. */
  async function forgetInStatus(entry: ActivityEntry): Promise<void> {
    await changeCursor(cursors, entry.connectionId, (cursor) => cursor && dismissIn(cursor, entry));
  }

  async function fetch(connection: Connection, { handle }: ActivityEntry): Promise<Fetched | null> {
    const mailbox = await ports.openMailbox(connection.settings, storedAccess(connection));
    try {
      for await (const fetched of mailbox.fetch([handle], largestRawBytes)) return fetched;
      return null;
    } finally {
      await mailbox.close();
    }
  }
}

function dismissIn(cursor: Cursor, entry: ActivityEntry): Cursor {
  const quarantined = cursor.quarantined.filter((one) => !isMailOf(one, entry));
  const shown = cursor.quarantined.length - quarantined.length;
  if (cursor.mailbox !== entry.mailbox || !(shown > 0 || entry.at >= cursor.totals.since)) return cursor;
  const { totals } = cursor;
  return {
    ...cursor,
    quarantined,
    totals: { ...totals, dismissed: Math.min(totals.givenUp, totals.dismissed + Math.max(1, shown)) },
  };
}

function view({ mailbox: _, ...entry }: ActivityEntry): ActivityView {
  return entry;
}

const isGivenUp = ({ result }: ActivityEntry) => result === 'quarantined' || result === 'dismissed';

/** A mail's name means another mail, or none, in another mailbox. */
function sameMailbox(connection: Connection, entries: readonly ActivityEntry[]): Connection {
  const identity = mailboxIdentity(connection.settings);
  if (entries.every(({ mailbox }) => mailbox === identity)) return connection;
  throw new AppError(
    'other-mailbox',
    'input',
    'The connection reads another mailbox or folder now than when this mail arrived. Set it back to reach the mail.',
  );
}

function notGivenUp(): AppError {
  return new AppError('not-quarantined', 'input', 'This mail is not in quarantine any more. Reload the list.');
}

function mailGone(): AppError {
  return new AppError(
    'mail-gone',
    'input',
    'The mail is no longer in the mailbox: somebody moved or deleted it. Nothing is left to download.',
  );
}

function tooLarge(): AppError {
  return new AppError(
    'download-too-large',
    'input',
    `The mail is larger than the ${largestRawMb} MB that can be downloaded here. Open it in the mailbox itself.`,
  );
}
