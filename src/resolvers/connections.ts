import { randomUUID } from 'node:crypto';
import { AppError } from '../domain/app-error';
import { type Connection, type ConnectionSettings, mailboxIdentity } from '../domain/connection';
import { type Cursor, freshCursor } from '../domain/cursor';
import type { CheckReport, Connections, Cursors, Log, Mailbox, OpenMailbox, PollQueue, Secrets } from '../domain/ports';
import { connectionView } from './connection-view';
import type { Handlers } from './define';

export interface ConnectionPorts {
  connections: Connections;
  secrets: Secrets;
  cursors: Cursors;
  openMailbox: OpenMailbox;
  queue: PollQueue;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
}

/** Clocks of mail servers differ from ours: mail this much older than the start counts as new when a mailbox is listed again. */
const startMarginMs = 60 * 60_000;

type ConnectionFunction = Extract<keyof Handlers, `connections.${string}`>;

/** What the screens of incoming connections call. Deleting, editing and enabling hold for the next message of a running poll. */
export function connectionHandlers(ports: ConnectionPorts): Pick<Handlers, ConnectionFunction> {
  const { connections, secrets, cursors, queue, now } = ports;

  return {
    'connections.list': async () => {
      const all = await connections.list();
      const cursorOf = await cursors.getMany(all.map(({ id }) => id));
      return all.map((connection) => connectionView(connection, cursorOf.get(connection.id) ?? null));
    },

    'connections.get': async ({ id }) => connectionView(await found(id), await cursors.get(id)),

    'connections.create': async ({ settings, password }, caller) => {
      await refuseTakenName(settings.name, null);
      const connection = await insert(settings, password);
      audit('created', connection, caller.accountId);
      return connectionView(connection, null);
    },

    'connections.update': async ({ id, version, settings, password }, caller) => {
      const before = atVersion(await found(id), version);
      await refuseTakenName(settings.name, id);
      const isOtherMailbox = mailboxIdentity(before.settings) !== mailboxIdentity(settings);
      const mustTest = before.state === 'suspended' || (before.state === 'enabled' && (isOtherMailbox || !!password));
      const report = mustTest
        ? await check(settings, await passwordFor(id, password, before.settings, settings))
        : null;
      const state =
        before.state === 'disabled' ? 'disabled' : report === null || report.ok ? 'enabled' : stateAfterFailure(before);
      if (!mustTest) await passwordFor(id, password, before.settings, settings);
      if (password) await secrets.set(id, password);
      const saved = await connections.save({ ...before, settings, state, updatedAt: now() });
      if (report?.ok) await clearTrouble(id);
      audit('updated', saved, caller.accountId);
      return { connection: connectionView(saved, await cursors.get(id)), report };
    },

    'connections.duplicate': async ({ id }, caller) => {
      const original = await found(id);
      const name = freeName(original.settings.name, await connections.list());
      const password = await secrets.get(id);
      const copy = await insert({ ...original.settings, name }, password);
      audit('duplicated', copy, caller.accountId);
      return connectionView(copy, null);
    },

    'connections.delete': async ({ id, version }, caller) => {
      const connection = atVersion(await found(id), version);
      // A saved version stops a poll before its next message, even if this is broken off half-way.
      if (connection.state !== 'disabled') await connections.save({ ...connection, state: 'disabled' });
      await secrets.remove(id);
      await cursors.remove(id);
      await connections.remove(id);
      audit('deleted', connection, caller.accountId);
      return null;
    },

    'connections.test': async ({ id, settings, password }) =>
      check(settings, await draftPassword(id, settings, password)),

    'connections.folders': async ({ id, settings, password }) =>
      withMailbox(settings, await draftPassword(id, settings, password), (mailbox) => mailbox.folders()),

    'connections.estimate': async ({ id, start }) => {
      const { settings } = await found(id);
      return withMailbox(settings, await storedPassword(id), (mailbox) => mailbox.estimate(start));
    },

    'connections.enable': async ({ id, version, start }, caller) => {
      const connection = atVersion(await found(id), version);
      if (connection.state === 'enabled') return connectionView(connection, await cursors.get(id));
      const cursor = await startingCursor(connection, start);
      await cursors.put(id, cursor);
      const enabled = await connections.save({ ...connection, state: 'enabled', updatedAt: now() });
      audit(`enabled, start ${start}`, enabled, caller.accountId);
      await queue.push([{ connectionIds: [id], delaySeconds: 0, force: true }]);
      return connectionView(enabled, cursor);
    },

    'connections.disable': async ({ id, version }, caller) => {
      const connection = atVersion(await found(id), version);
      if (connection.state === 'disabled') return connectionView(connection, await cursors.get(id));
      const disabled = await connections.save({ ...connection, state: 'disabled', updatedAt: now() });
      audit('disabled', disabled, caller.accountId);
      return connectionView(disabled, await cursors.get(id));
    },

    'connections.poll': async ({ id }) => {
      const connection = await found(id);
      if (connection.state !== 'enabled') {
        throw new AppError(
          'not-enabled',
          'input',
          'This connection is not enabled. Enable it first; then it is polled.',
        );
      }
      await queue.push([{ connectionIds: [id], delaySeconds: 0, force: true }]);
      return null;
    },
  };

  async function found(id: string): Promise<Connection> {
    const connection = await connections.get(id);
    if (connection === null) {
      throw new AppError(
        'connection-gone',
        'input',
        'This connection does not exist any more; somebody deleted it. Reload the list.',
      );
    }
    return connection;
  }

  async function insert(settings: ConnectionSettings, password: string | null): Promise<Connection> {
    const at = now();
    const connection: Connection = {
      id: randomUUID(),
      version: 1,
      state: 'disabled',
      settings,
      createdAt: at,
      updatedAt: at,
    };
    // The secret first: a connection must never be there without it.
    if (password !== null) await secrets.set(connection.id, password);
    await connections.insert(connection);
    return connection;
  }

  async function refuseTakenName(name: string, ownId: string | null): Promise<void> {
    const wanted = name.toLowerCase();
    const taken = (await connections.list()).some(
      ({ id, settings }) => id !== ownId && settings.name.toLowerCase() === wanted,
    );
    if (taken)
      throw new AppError('name-taken', 'input', 'Another connection has this name. Choose a different one.', {
        field: 'settings.name',
      });
  }

  async function storedPassword(id: string): Promise<string> {
    const password = await secrets.get(id);
    if (password === null) {
      throw new AppError('password-missing', 'input', 'No password is stored. Enter it.', {
        field: 'password',
        step: 'sign-in',
      });
    }
    return password;
  }

  /**
   * The entered password, or the stored one where the form goes to the server that it was stored for: else whoever edits a
   * host could have the password sent to a server of their own.
   */
  async function passwordFor(
    id: string,
    entered: string | undefined,
    before: ConnectionSettings,
    after: ConnectionSettings,
  ): Promise<string> {
    if (entered) return entered;
    const isSameServer =
      before.provider === after.provider &&
      before.host.toLowerCase() === after.host.toLowerCase() &&
      before.username === after.username;
    if (!isSameServer) {
      const message = 'Enter the password again: it was stored for another server or user name.';
      throw new AppError('password-again', 'input', message, { field: 'password' });
    }
    return storedPassword(id);
  }

  async function draftPassword(
    id: string | undefined,
    settings: ConnectionSettings,
    entered: string | undefined,
  ): Promise<string> {
    if (entered) return entered;
    if (id === undefined) throw new AppError('password-missing', 'input', 'Enter the password.', { field: 'password' });
    return passwordFor(id, entered, (await found(id)).settings, settings);
  }

  function check(settings: ConnectionSettings, password: string): Promise<CheckReport> {
    return withMailbox(settings, password, (mailbox) => mailbox.check());
  }

  async function withMailbox<T>(
    settings: ConnectionSettings,
    password: string,
    use: (mailbox: Mailbox) => Promise<T>,
  ): Promise<T> {
    const mailbox = ports.openMailbox(settings, password);
    try {
      return await use(mailbox);
    } finally {
      await mailbox.close();
    }
  }

  async function startingCursor(connection: Connection, start: 'continue' | 'now' | 'everything'): Promise<Cursor> {
    const identity = mailboxIdentity(connection.settings);
    const stored = await cursors.get(connection.id);
    if (start === 'continue' && stored !== null) {
      const kept = stored.mailbox === identity ? stored : freshCursor(identity, stored);
      return { ...kept, trouble: null };
    }
    const { position } = await withMailbox(connection.settings, await storedPassword(connection.id), (mailbox) =>
      mailbox.estimate(start === 'now' ? 'now' : 'everything'),
    );
    return { ...freshCursor(identity, null), position, notBefore: start === 'now' ? now() - startMarginMs : null };
  }

  async function clearTrouble(id: string): Promise<void> {
    const cursor = await cursors.get(id);
    if (cursor?.trouble != null) await cursors.put(id, { ...cursor, trouble: null });
  }

  function audit(what: string, { id, settings }: Connection, accountId: string): void {
    ports.log('info', 'connection-changed', { what, connectionId: id, name: settings.name, accountId });
  }
}

function atVersion(connection: Connection, version: number): Connection {
  if (connection.version === version) return connection;
  throw new AppError(
    'stale-version',
    'input',
    'Somebody else changed this connection meanwhile. Load it again, then repeat your change.',
  );
}

/** An enabled connection that fails its test is disabled, and its editor is told; a suspended one stays what it is. */
function stateAfterFailure(before: Connection): Connection['state'] {
  return before.state === 'suspended' ? 'suspended' : 'disabled';
}

function freeName(name: string, all: readonly Connection[]): string {
  const taken = new Set(all.map(({ settings }) => settings.name.toLowerCase()));
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? ' (copy)' : ` (copy ${number})`;
    const candidate = `${name.slice(0, 100 - suffix.length)}${suffix}`;
    if (!taken.has(candidate.toLowerCase())) return candidate;
  }
}
