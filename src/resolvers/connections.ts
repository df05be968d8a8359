import { AppError } from '../domain/app-error';
import {
  type Connection,
  type ConnectionSettings,
  mailboxIdentity,
  otherReaders,
  usesOAuth,
} from '../domain/connection';
import { type Cursor, correctedCode, freshCursor } from '../domain/cursor';
import { changeCursor } from '../domain/cursor-change';
import { type Entities, storedAccess } from '../domain/entity';
import { mailboxUse } from '../domain/oauth-endpoints';
import type { Credentials, OAuth } from '../domain/oauth-ports';
import type { OutgoingConnection } from '../domain/outgoing';
import type {
  CheckReport,
  Connections,
  Cursors,
  Mailbox,
  MailboxAccess,
  OpenMailbox,
  PollQueue,
  SecretChanges,
  Secrets,
} from '../domain/ports';
import type { Protocols } from '../domain/protocol';
import type { Tallies } from '../domain/tally-port';
import { type RecentUses, usersNow } from '../domain/users';
import type { MailMemory } from '../intake/known-mail';
import { accessRules, type EnteredAccess, reportOf, requirePassword, toldOf, withoutSignIn } from './access-rules';
import { type Audit, whatChanged } from './audit';
import { completenessOf } from './connection-completeness';
import { correctedMessage, failedTest, stateAfter, wayOf } from './connection-edit';
import { estimateFor, requireAcknowledgement, startingCursor, startText } from './connection-start';
import { connectionView } from './connection-view';
import type { Caller, Handlers } from './define';
import { entityRules, newEntity } from './entity-rules';
import type { ProtocolFunction } from './protocol';
import type { ConnectionView } from './views';
import type { WaitingFunction } from './waiting';

export interface ConnectionPorts extends MailMemory {
  connections: Connections;
  secrets: Secrets;
  secretChanges: SecretChanges;
  /** They may use the account of an incoming one. */
  outgoing: Pick<Entities<OutgoingConnection>, 'list' | 'get'>;
  cursors: Cursors;
  tallies: Tallies;
  protocols: Protocols;
  oauth: OAuth;
  credentials: Credentials;
  openMailbox: OpenMailbox;
  queue: PollQueue;
  recentUses: RecentUses;
  audit: Audit;
}

type ConnectionFunction = Exclude<Extract<keyof Handlers, `connections.${string}`>, ProtocolFunction | WaitingFunction>;

/** What the screens of incoming connections call. Deleting, editing and enabling hold for the next message of a running poll. */
export function connectionHandlers(ports: ConnectionPorts): Pick<Handlers, ConnectionFunction> {
  const { connections, secrets, cursors, oauth, queue, now } = ports;
  const { found, atVersion, refuseTakenName, saveCopy } = entityRules(connections, 'connection');
  const rules = accessRules<ConnectionSettings>({
    secrets,
    oauth,
    tokenUseOf: (settings) => (usesOAuth(settings) ? mailboxUse[settings.provider] : 'imap'),
    secretChanges: ports.secretChanges,
    users: (credentialIds, uses) => usersNow([connections, ports.outgoing], ports.recentUses, credentialIds, uses),
    credentials: ports.credentials,
  });
  const pollNow = (id: string) => queue.push([{ connectionIds: [id], delaySeconds: 0, force: true }]);

  return {
    'connections.list': async () => {
      const all = await connections.list();
      const [cursorOf, credentials] = await Promise.all([
        cursors.getMany(all.map(({ id }) => id)),
        all.some(({ settings }) => usesOAuth(settings)) ? ports.credentials.list() : [],
      ]);
      const credentialOf = new Map(credentials.map((credential) => [credential.id, credential]));
      const readersBeside = otherReaders(all);
      return all.map((connection) => {
        const { id, settings } = connection;
        const credential = usesOAuth(settings) ? credentialOf.get(settings.credentialId) : undefined;
        const cursor = cursorOf.get(id) ?? null;
        return connectionView(connection, cursor, credential ?? null, readersBeside(connection), now());
      });
    },

    'connections.get': async ({ id }) => viewOf(await found(id), await cursors.get(id)),

    'connections.create': async ({ settings, ...entered }, caller) => {
      const all = await refuseTakenName(settings.name, null);
      requirePassword(settings, entered);
      const draft = newConnection(settings);
      const change = { id: draft.id, before: null, after: settings };
      const connection = await rules.save(change, entered, caller, (access) => inserted({ ...draft, ...access }));
      await audit('created', connection, caller);
      return viewOf(connection, null, all);
    },

    'connections.update': async ({ id, version, settings, ...entered }, caller) => {
      const before = await atVersion(id, version);
      const all = await refuseTakenName(settings.name, id);
      const access = await rules.accessOf(before, settings, entered, caller);
      const isOtherWay =
        wayOf(before.settings) !== wayOf(settings) || !!entered.password || entered.authorizationId !== undefined;
      const trouble = (await cursors.get(id))?.trouble ?? null;
      const isStopped = before.state === 'disabled' && trouble?.stopped === true;
      const mustTest = before.state === 'suspended' || (isOtherWay && (before.state === 'enabled' || isStopped));
      const report = mustTest ? await check(settings, access) : null;
      const state = stateAfter(before, report);
      const saved = await rules.save({ id, before, after: settings }, entered, caller, (access) =>
        connections.save({ ...before, ...access, settings, state, updatedAt: now() }),
      );
      const wasWaiting = before.state === 'suspended' || trouble !== null;
      // What was wrong with other settings says nothing of these.
      if (report?.ok && isStopped) await tellCorrected(id);
      else if (report === null ? before.state === 'disabled' && isOtherWay : report.ok) await clearTrouble(id);
      else if (report !== null) await keepTrouble(saved, report);
      // Nobody who has put right what was wrong wants to wait for the next plan, or for the end of a backoff.
      if (wasWaiting && saved.state === 'enabled') await pollNow(id);
      await audit(whatChanged(before.settings, settings, toldOf(entered)), saved, caller);
      return { connection: await viewOf(saved, await cursors.get(id), all), report };
    },

    'connections.duplicate': async ({ id }, caller) => {
      const original = await found(id);
      const copy = await saveCopy(original.settings.name, (name) => {
        const draft = newConnection({ ...withoutSignIn(original.settings), name });
        return rules.saveCopy(original, draft.id, () => inserted(draft));
      });
      await audit(`made as a copy of “${original.settings.name}”`, copy, caller);
      return viewOf(copy, null);
    },

    'connections.delete': async ({ id, version }, caller) => {
      const connection = await atVersion(id, version);
      // A saved version stops a poll before its next message, and whoever edits what is here now, even if this is broken off
      // half-way.
      const ending = await connections.save({ ...connection, state: 'disabled' });
      await rules.forget(ending, async () => {
        await cursors.remove(id);
        await ports.tallies.remove(id);
        await ports.protocols.remove(id);
        await connections.remove(id, ending.version);
      });
      await audit('deleted', connection, caller);
      return null;
    },

    'connections.test': async ({ id, settings, ...entered }, caller) =>
      check(settings, await draftAccess(id, settings, entered, caller)),

    'connections.folders': async ({ id, settings, ...entered }, caller) =>
      withMailbox(settings, await draftAccess(id, settings, entered, caller), (mailbox) => mailbox.folders()),

    'connections.estimate': async ({ id, start }) => {
      const connection = await found(id);
      const cursor = await cursors.get(id);
      return withStored(connection, (mailbox) => estimateFor(connection, cursor, mailbox, start, now(), ports));
    },

    'connections.preview': async ({ id, handles }) => {
      return withStored(await found(id), (mailbox) => mailbox.preview(handles));
    },

    'connections.completeness': async ({ id }) => {
      const connection = await found(id);
      return withStored(connection, (mailbox) => completenessOf(cursors, id, connection.settings, mailbox));
    },

    'connections.enable': async ({ id, version, start, deletes }, caller) => {
      const connection = await atVersion(id, version);
      if (connection.state === 'enabled') return viewOf(connection, await cursors.get(id));
      const open = <T>(use: (mailbox: Mailbox) => Promise<T>) => withStored(connection, use);
      if (connection.settings.afterDownload === 'delete' && start.from !== 'now') {
        const stored = await cursors.get(id);
        const estimate = await open((mailbox) => estimateFor(connection, stored, mailbox, start, now(), ports));
        requireAcknowledgement(connection, estimate, deletes);
      }
      const cursor = await changeCursor(cursors, id, await startingCursor(connection, open, start, now()));
      const enabled = await connections.save({ ...connection, state: 'enabled', updatedAt: now() });
      await audit(`enabled, beginning with: ${startText(start)}`, enabled, caller);
      await pollNow(id);
      return viewOf(enabled, cursor);
    },

    'connections.disable': async ({ id, version }, caller) => {
      const connection = await atVersion(id, version);
      if (connection.state === 'disabled') return viewOf(connection, await cursors.get(id));
      const disabled = await connections.save({ ...connection, state: 'disabled', updatedAt: now() });
      await audit('disabled', disabled, caller);
      return viewOf(disabled, await cursors.get(id));
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
      await pollNow(id);
      return null;
    },
  };

  /** @param known all connections, by whoever has listed them already */
  async function viewOf(connection: Connection, cursor: Cursor | null, known?: Connection[]): Promise<ConnectionView> {
    const { settings } = connection;
    const [all, credential] = await Promise.all([
      known ?? connections.list(),
      usesOAuth(settings) ? ports.credentials.get(settings.credentialId) : null,
    ]);
    return connectionView(connection, cursor, credential, otherReaders(all)(connection), now());
  }

  function newConnection(settings: ConnectionSettings): Connection {
    return { ...newEntity(settings, now()), state: 'disabled', logUntil: 0 };
  }

  async function draftAccess(
    id: string | undefined,
    settings: ConnectionSettings,
    entered: EnteredAccess,
    caller: Caller,
  ): Promise<MailboxAccess> {
    return rules.accessOf(id === undefined ? null : await found(id), settings, entered, caller);
  }

  function check(settings: ConnectionSettings, access: MailboxAccess): Promise<CheckReport> {
    return reportOf(() => withMailbox(settings, access, (mailbox) => mailbox.check()));
  }

  async function inserted(connection: Connection): Promise<Connection> {
    await connections.insert(connection);
    return connection;
  }

  function withStored<T>(connection: Connection, use: (mailbox: Mailbox) => Promise<T>): Promise<T> {
    return withMailbox(connection.settings, storedAccess(connection), use);
  }

  async function withMailbox<T>(
    settings: ConnectionSettings,
    access: MailboxAccess,
    use: (mailbox: Mailbox) => Promise<T>,
  ): Promise<T> {
    const mailbox = await ports.openMailbox(settings, access);
    try {
      return await use(mailbox);
    } finally {
      await mailbox.close();
    }
  }

  async function clearTrouble(id: string): Promise<void> {
    await changeCursor(cursors, id, (cursor) => cursor && (cursor.trouble ? { ...cursor, trouble: null } : cursor));
  }

  /** What was wrong is over, and nothing is polled all the same until somebody enables the connection. */
  async function tellCorrected(id: string): Promise<void> {
    const corrected = { code: correctedCode, message: correctedMessage, detail: null, step: null };
    await changeCursor(cursors, id, (cursor) => {
      return cursor?.trouble ? { ...cursor, trouble: { ...cursor.trouble, ...corrected } } : cursor;
    });
  }

  /** Why a save disabled a connection, or left it suspended, is said for as long as it is so. */
  async function keepTrouble({ id, settings, state }: Connection, report: CheckReport): Promise<void> {
    const trouble = { ...failedTest(report, now()), stopped: state === 'disabled' };
    await changeCursor(cursors, id, (cursor) => ({
      ...(cursor ?? freshCursor(mailboxIdentity(settings), null, now())),
      trouble,
    }));
  }

  function audit(what: string, { id, settings }: Connection, caller: Caller): Promise<void> {
    return ports.audit({ noun: 'Connection', id, name: settings.name, what }, caller);
  }
}
