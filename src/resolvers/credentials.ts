import { type Connection, usesOAuth } from '../domain/connection';
import { type Credential, formerCallbackUrl, secretExpiry, secretRefused } from '../domain/credential';
import type { Entities } from '../domain/entity';
import { endpointsOf } from '../domain/oauth-endpoints';
import type { Credentials, OAuth } from '../domain/oauth-ports';
import type { OutgoingConnection } from '../domain/outgoing';
import type { Connections, Cursors, PollQueue } from '../domain/ports';
import { type RecentUses, usersNow } from '../domain/users';
import { type Audit, whatChanged } from './audit';
import type { Caller, Handlers } from './define';
import type { CredentialView } from './views';

export interface CredentialHandlerPorts {
  credentials: Credentials;
  connections: Connections;
  cursors: Cursors;
  queue: PollQueue;
  outgoing: Entities<OutgoingConnection>;
  oauth: OAuth;
  /** The address that providers send people back to. */
  callbackUrl(): Promise<string>;
  recentUses: RecentUses;
  audit: Audit;
  /** Epoch milliseconds. */
  now(): number;
}

type User = Connection | OutgoingConnection;
type CredentialFunction = Extract<keyof Handlers, `credentials.${string}` | `authorizations.${string}`>;

/** What the screen of OAuth2 credentials and the Authorize button of a connection call. */
export function credentialHandlers(ports: CredentialHandlerPorts): Pick<Handlers, CredentialFunction> {
  const { credentials, oauth } = ports;
  return {
    'credentials.list': async () => {
      const [all, users, callbackUrl] = await Promise.all([
        credentials.list(),
        usersByCredential(),
        ports.callbackUrl(),
      ]);
      return { callbackUrl, credentials: all.map((one) => view(one, users.get(one.id) ?? [], callbackUrl)) };
    },
    'credentials.create': async ({ settings, clientSecret }, caller) => {
      const created = await oauth.createCredential(settings, clientSecret);
      await audit('created', created, caller);
      return view(created, [], await ports.callbackUrl());
    },
    'credentials.update': async (change, caller) => {
      const before = await credentials.get(change.id);
      const updated = await oauth.updateCredential(change);
      const entered = { 'client secret': change.clientSecret !== '' };
      await audit(whatChanged(before?.settings ?? {}, updated.settings, entered), updated, caller);
      if (change.clientSecret !== '') await resume(updated.id, caller);
      return view(updated, (await usersByCredential()).get(updated.id) ?? [], await ports.callbackUrl());
    },
    'credentials.delete': async ({ id }, caller) => {
      const before = await credentials.get(id);
      const uses = ({ settings }: User) => 'credentialId' in settings && settings.credentialId === id;
      const users = await usersNow<User>([ports.connections, ports.outgoing], ports.recentUses, [id], uses);
      await oauth.removeCredential(
        id,
        users.map(({ settings }) => settings.name),
      );
      if (before !== null) await audit('deleted', before, caller);
      return null;
    },
    'authorizations.begin': (start, { accountId }) => oauth.begin({ ...start, accountId }),
    'authorizations.outcome': ({ authorizationId }, { accountId }) => oauth.outcome({ authorizationId, accountId }),
  };

  function audit(what: string, { id, settings }: Credential, caller: Caller): Promise<void> {
    return ports.audit({ noun: 'OAuth2 credential', id, name: settings.name, what }, caller);
  }

  /** Goes on with the connections that the old secret suspended. One that is refused too suspends them again. */
  async function resume(credentialId: string, caller: Caller): Promise<void> {
    const users = (await ports.connections.list()).filter(
      ({ settings }) => usesOAuth(settings) && settings.credentialId === credentialId,
    );
    const cursorOf = await ports.cursors.getMany(users.map(({ id }) => id));
    const refusedIds = users.map(({ id }) => id).filter((id) => cursorOf.get(id)?.trouble?.code === secretRefused);
    // As they are now: one that was suspended a moment ago may not be listed so yet.
    const now = await Promise.all(refusedIds.map((id) => ports.connections.get(id)));
    const refused = now.filter((one) => one !== null).filter(({ state }) => state === 'suspended');
    // What somebody edits at this moment is theirs; the others do not wait for it.
    const saved = await Promise.allSettled(
      refused.map((one) => ports.connections.save({ ...one, state: 'enabled', updatedAt: ports.now() })),
    );
    const enabled = saved.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    await ports.queue.push(enabled.map(({ id }) => ({ connectionIds: [id], delaySeconds: 0, force: true })));
    const what = 'enabled again, with the new client secret';
    for (const { id, settings } of enabled) {
      await ports.audit({ noun: 'Connection', id, name: settings.name, what }, caller);
    }
  }

  async function usersByCredential(): Promise<Map<string, string[]>> {
    const users = new Map<string, string[]>();
    const all = await Promise.all([ports.connections.list(), ports.outgoing.list()]);
    for (const { settings } of all.flat()) {
      if (!('credentialId' in settings)) continue;
      users.set(settings.credentialId, [...(users.get(settings.credentialId) ?? []), settings.name]);
    }
    return users;
  }

  function view(credential: Credential, usedBy: string[], callbackUrl: string): CredentialView {
    const { id, version, settings } = credential;
    return {
      id,
      version,
      settings,
      endpoints: endpointsOf(settings),
      callbackUrl,
      formerCallbackUrl: formerCallbackUrl(credential, callbackUrl),
      usedBy,
      expiry: secretExpiry(settings, ports.now()),
    };
  }
}
