import { isDeepStrictEqual } from 'node:util';
import type { Alert } from '../domain/alert';
import { AppError } from '../domain/app-error';
import type { Entities } from '../domain/entity';
import type { OpenMailer } from '../domain/mailer';
import { mailerUse } from '../domain/oauth-endpoints';
import type { Credentials, OAuth } from '../domain/oauth-ports';
import type { OutgoingConnection, OutgoingSettings } from '../domain/outgoing';
import { endsWithTest } from '../domain/outgoing-trouble';
import type { CheckReport, Connections, MailboxAccess, SecretChanges, Secrets } from '../domain/ports';
import { protocolMs } from '../domain/protocol';
import { type RecentUses, usersNow } from '../domain/users';
import { type SendPorts, sendMail } from '../outbound/send-mail';
import { endTrouble } from '../outbound/trouble';
import { accessRules, type EnteredAccess, reportOf, requirePassword, toldOf, withoutSignIn } from './access-rules';
import { type Audit, whatChanged } from './audit';
import type { Caller, Handlers } from './define';
import { entityRules, newEntity } from './entity-rules';
import { outgoingView } from './outgoing-view';
import type { OutgoingView } from './views';

export interface OutgoingPorts extends SendPorts {
  outgoing: Entities<OutgoingConnection>;
  /** Rules may send through a connection. */
  alerts: Entities<Alert>;
  secrets: Secrets;
  secretChanges: SecretChanges;
  /** They may use the account of an outgoing one. */
  connections: Pick<Connections, 'list' | 'get'>;
  oauth: OAuth;
  credentials: Credentials;
  openMailer: OpenMailer;
  recentUses: RecentUses;
  audit: Audit;
}

type OutgoingFunction = Extract<keyof Handlers, `outgoing.${string}`>;

/** What the screens of outgoing connections call. */
export function outgoingHandlers(ports: OutgoingPorts): Pick<Handlers, OutgoingFunction> {
  const { outgoing, secrets, oauth, now } = ports;
  const { found, atVersion, refuseTakenName, saveCopy } = entityRules(outgoing, 'connection');
  const rules = accessRules<OutgoingSettings>({
    secrets,
    oauth,
    tokenUseOf: (settings) => (settings.provider === 'smtp' ? 'smtp' : mailerUse[settings.provider]),
    secretChanges: ports.secretChanges,
    users: (credentialIds, uses) => usersNow([ports.connections, outgoing], ports.recentUses, credentialIds, uses),
    credentials: ports.credentials,
  });

  return {
    'outgoing.list': async () => {
      const all = await outgoing.list();
      const [troubles, credentials] = await Promise.all([
        ports.troubles.getMany(all.map(({ id }) => id)),
        all.some(({ settings }) => 'credentialId' in settings) ? ports.credentials.list() : [],
      ]);
      return all.map((connection) => outgoingView(connection, troubles.get(connection.id), credentials, now()));
    },

    'outgoing.get': async ({ id }) => viewOf(await found(id)),

    'outgoing.create': async ({ settings, ...entered }, caller) => {
      await refuseTakenName(settings.name, null);
      requirePassword(settings, entered);
      const draft = newConnection(settings);
      const change = { id: draft.id, before: null, after: settings };
      const connection = await rules.save(change, entered, caller, (access) => inserted({ ...draft, ...access }));
      await audit('created', connection, caller);
      return viewOf(connection);
    },

    'outgoing.update': async ({ id, version, settings, ...entered }, caller) => {
      const before = await atVersion(id, version);
      await refuseTakenName(settings.name, id);
      const access = await rules.accessOf(before, settings, entered, caller);
      const isOtherWay =
        accountOf(before.settings) !== accountOf(settings) || !!entered.password || !!entered.authorizationId;
      const report = before.enabled && isOtherWay ? await check(settings, access) : null;
      const enabled = before.enabled && (report === null || report.ok);
      const saved = await rules.save({ id, before, after: settings }, entered, caller, (access) =>
        outgoing.save({ ...before, ...access, settings, enabled, updatedAt: now() }),
      );
      // What was wrong was wrong with the other way.
      if (report?.ok) await endTrouble(ports, id);
      await audit(whatChanged(before.settings, settings, toldOf(entered)), saved, caller);
      return { connection: await viewOf(saved), report };
    },

    'outgoing.duplicate': async ({ id }, caller) => {
      const original = await found(id);
      const copy = await saveCopy(original.settings.name, (name) => {
        // A project has one sender.
        const draft = newConnection({ ...withoutSignIn(original.settings), name, defaultForProjects: [] });
        return rules.saveCopy(original, draft.id, () => inserted(draft));
      });
      await audit(`made as a copy of “${original.settings.name}”`, copy, caller);
      return viewOf(copy);
    },

    'outgoing.delete': async ({ id, version }, caller) => {
      const connection = await atVersion(id, version);
      await refuseInUse(id);
      await rules.forget(connection, async () => {
        await ports.troubles.remove(id);
        await outgoing.remove(id, version);
      });
      await audit('deleted', connection, caller);
      return null;
    },

    'outgoing.test': async ({ id, settings, ...entered }, caller) => {
      const before = id === undefined ? null : await found(id);
      const report = await check(settings, await rules.accessOf(before, settings, entered, caller));
      if (before !== null && report.ok && isAsSaved(before, settings, entered)) {
        await endTrouble(ports, before.id, endsWithTest);
      }
      return report;
    },

    'outgoing.enable': async ({ id, version }, caller) => change(id, version, { enabled: true }, 'enabled', caller),

    'outgoing.disable': async ({ id, version }, caller) => {
      const disabled = await change(id, version, { enabled: false }, 'disabled', caller);
      // Whenever it is enabled again, what was wrong today is no news.
      await endTrouble(ports, id);
      return { ...disabled, trouble: null };
    },

    'outgoing.debug': async ({ id, version, on }, caller) =>
      change(
        id,
        version,
        { debugUntil: on ? now() + protocolMs : 0 },
        on ? 'debugged for 15 minutes' : 'no longer debugged',
        caller,
      ),

    'outgoing.sendTest': async ({ id, to }) => {
      const connection = await found(id);
      const text = `This is a test mail of Letterbox, sent through the connection “${connection.settings.name}”.\nIt worked: nothing else is to be done.`;
      const mail = {
        to: [{ name: '', address: to }],
        cc: [],
        bcc: [],
        replyTo: [],
        subject: 'Test mail of Letterbox',
        text,
      };
      // A connection may be tried before it is enabled.
      return sendMail(
        ports,
        { ...connection, enabled: true },
        { ...mail, html: null, attachments: [], inReplyTo: null, references: [], automatic: true },
      );
    },
  };

  /** A rule without its connection would be silent just when it is needed. */
  async function refuseInUse(id: string): Promise<void> {
    const uses = ({ settings: { channel } }: Alert) => channel.type === 'email' && channel.outgoingId === id;
    const users = await usersNow([ports.alerts], ports.recentUses, [id], uses);
    if (users.length === 0) return;
    const names = users.map(({ settings }) => `“${settings.name}”`).join(', ');
    const message = `Alerts are sent through this connection: ${names}. Choose another connection or channel there first.`;
    throw new AppError('connection-in-use', 'input', message);
  }

  async function change(
    id: string,
    version: number,
    changes: Partial<OutgoingConnection>,
    what: string,
    caller: Caller,
  ): Promise<OutgoingView> {
    const connection = await atVersion(id, version);
    const saved = await outgoing.save({ ...connection, ...changes, updatedAt: now() });
    await audit(what, saved, caller);
    return viewOf(saved);
  }

  async function inserted(connection: OutgoingConnection): Promise<OutgoingConnection> {
    await outgoing.insert(connection);
    return connection;
  }

  function newConnection(settings: OutgoingSettings): OutgoingConnection {
    return { ...newEntity(settings, now()), enabled: false, debugUntil: 0 };
  }

  function check(settings: OutgoingSettings, access: MailboxAccess): Promise<CheckReport> {
    return reportOf(async () => {
      const mailer = await ports.openMailer(settings, access);
      try {
        return await mailer.check();
      } finally {
        await mailer.close();
      }
    });
  }

  function audit(what: string, { id, settings }: OutgoingConnection, caller: Caller): Promise<void> {
    return ports.audit({ noun: 'Outgoing connection', id, name: settings.name, what }, caller);
  }

  async function viewOf(connection: OutgoingConnection): Promise<OutgoingView> {
    const { id, settings } = connection;
    const [trouble, credential] = await Promise.all([
      ports.troubles.get(id),
      'credentialId' in settings ? ports.credentials.get(settings.credentialId) : null,
    ]);
    return outgoingView(connection, trouble, credential === null ? [] : [credential], now());
  }
}

/** Whether a form holds nothing that is not saved: else its test says nothing of the mail that goes out. */
function isAsSaved(saved: OutgoingConnection, settings: OutgoingSettings, entered: EnteredAccess): boolean {
  if (entered.password || entered.authorizationId !== undefined) return false;
  return isDeepStrictEqual(saved.settings, settings);
}

/** What a sign-in and the right to send depend on. */
function accountOf(settings: OutgoingSettings): string {
  const { provider, username, fromAddress } = settings;
  const server =
    settings.provider === 'smtp'
      ? [settings.host, settings.port, settings.encryption, settings.privateCa]
      : [settings.credentialId, settings.provider === 'microsoft-smtp' ? settings.host : ''];
  return JSON.stringify([
    provider,
    username,
    fromAddress,
    ...server,
    'sharedMailbox' in settings ? settings.sharedMailbox : '',
  ]);
}
