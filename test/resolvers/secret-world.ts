import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { secretIdOf } from '../../src/domain/entity';
import { oauth } from '../../src/oauth/oauth';
import { connectionHandlers } from '../../src/resolvers/connections';
import { credentialHandlers } from '../../src/resolvers/credentials';
import { outgoingHandlers } from '../../src/resolvers/outgoing';
import { activityStore } from '../../src/store/activity';
import { alertStore } from '../../src/store/alerts';
import { authorizationStore } from '../../src/store/authorizations';
import { connectionStore } from '../../src/store/connections';
import { clientSecretStore, credentialStore } from '../../src/store/credentials';
import { cursorStore } from '../../src/store/cursors';
import { outgoingStore } from '../../src/store/outgoing';
import { outgoingTroubleStore } from '../../src/store/outgoing-troubles';
import { protocolStore } from '../../src/store/protocols';
import { readReceipts } from '../../src/store/receipts';
import { secretChangeStore } from '../../src/store/secret-changes';
import { secretStore } from '../../src/store/secrets';
import { tallyStore } from '../../src/store/tallies';
import { tokenCacheStore } from '../../src/store/token-caches';
import { recentUses } from '../../src/store/uses';
import { systemClock } from '../emulator/clock';
import type { ForgeOptions } from '../emulator/forge/create-forge';
import { appCalls } from '../support/app-calls';
import { resolverForge } from '../support/resolver-forge';
import { settingsOf } from '../support/world';

const hour = 60 * 60_000;
const target = { projectId: '10000', issueTypeId: '10001' };

/** Called before each call of a store, with the name that `as` gave to who makes it. */
export type Step = (who: string | undefined) => Promise<void>;

export type SecretWorld = Awaited<ReturnType<typeof secretWorld>>;

/**
 * The resolvers that handle secrets, on the emulated store. Every secret tells whose it is: the password of "ada" is "of ada", so
 * that settings and secret can be seen to belong together.
 */
export async function secretWorld(options: Pick<ForgeOptions, 'queryLagMs'> = {}) {
  const clock = systemClock();
  const callers = new AsyncLocalStorage<string>();
  const world: { step: Step } = { step: async () => undefined };
  const stepped = <T extends object>(store: T): T =>
    Object.fromEntries(
      Object.entries(store).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          await world.step(callers.getStore());
          return method(...args);
        },
      ]),
    ) as T;

  const connections = stepped(connectionStore());
  const outgoing = stepped(outgoingStore());
  const credentials = stepped(credentialStore());
  const secrets = stepped(secretStore());
  const clientSecrets = stepped(clientSecretStore());
  const tokenCaches = stepped(tokenCacheStore());
  const authorizations = authorizationStore();
  const secretChanges = stepped(secretChangeStore([connectionStore(), outgoingStore(), credentialStore()], clock.now));
  const services = oauth({
    ...{ credentials, clientSecrets, tokenCaches, authorizations, secretChanges },
    fetch: () => Promise.reject(new Error('no network here')),
    callbackUrl: async () => 'https://callback.example',
    now: clock.now,
    sleep: async () => undefined,
    log: () => undefined,
  });
  const unused = () => Promise.reject(new Error('not used'));
  const common = {
    recentUses,
    connections,
    outgoing,
    credentials,
    secrets,
    secretChanges,
    oauth: services,
    now: clock.now,
  };
  const cursors = stepped(cursorStore(clock.now));
  const queue = { push: async () => undefined };
  const audit = async () => undefined;
  const handlers = {
    ...connectionHandlers({
      ...{ ...common, cursors, queue, audit, tallies: tallyStore(), protocols: protocolStore(), openMailbox: unused },
      ...{ activity: activityStore(clock.now), readReceipts },
    }),
    ...outgoingHandlers({
      ...{ ...common, audit, openMailer: unused, composeMail: unused, log: () => undefined },
      ownMark: { put: unused, isOn: unused } as never,
      troubles: outgoingTroubleStore(),
      alerts: alertStore(),
    }),
    ...credentialHandlers({ ...common, cursors, queue, audit, callbackUrl: async () => 'https://callback.example' }),
  };
  const calls = { count: 0 };
  const observe = () => {
    calls.count += 1;
  };
  const forge = await resolverForge(handlers, clock, observe, options);
  const app = appCalls(() => forge);
  const run = <T>(work: () => Promise<T>) => forge.run(work);
  let number = 0;

  const imap = (username: string) => {
    number += 1;
    return settingsOf({ name: `Box ${number}`, username, host: 'mail.example' });
  };
  const smtp = (username: string) => {
    number += 1;
    const server = { host: 'mail.example', port: 465, username };
    return { provider: 'smtp', name: `Sender ${number}`, fromAddress: 'a@mail.example', ...server } as const;
  };
  const google = (username: string, credentialId: string) => {
    number += 1;
    return { provider: 'google', name: `Google ${number}`, credentialId, username, target } as const;
  };
  const client = (clientId: string) => {
    number += 1;
    return { provider: 'google', name: `Client ${number}`, clientId } as const;
  };

  /** A sign-in of `username`, as it waits for the administrator's word. */
  async function signIn(username: string, credentialId: string): Promise<{ authorizationId: string }> {
    const id = randomUUID();
    await run(async () => {
      const settings = (await credentialStore().get(credentialId))?.settings;
      await tokenCacheStore().set(`sign-in-${id}`, `of ${username}`, 60);
      await authorizations.put({
        ...{ id, accountId: 'admin', credentialId, connectionId: null, use: 'gmail', shared: false },
        ...{ stateHash: '', verifier: '', redirectUri: '', createdAt: clock.now() },
        outcome: { state: 'connected', mailbox: username },
        application: JSON.stringify([settings?.provider, settings?.clientId]),
      });
    });
    return { authorizationId: id };
  }

  /** Hours pass, and somebody changes something: then each record signs in with its own secret, and there is no other. */
  async function assertTogether(how: string): Promise<void> {
    for (let change = 0; change < 2; change += 1) {
      clock.advance(4 * hour);
      await run(async () =>
        (await secretChangeStore([connectionStore(), outgoingStore(), credentialStore()], clock.now).begin([])).end(),
      );
    }
    const expected = new Map<string, string>();
    const found = new Map<string, string | null>();
    await run(async () => {
      for (const one of [...(await connectionStore().list()), ...(await outgoingStore().list())]) {
        const isOAuth = 'credentialId' in one.settings;
        if (isOAuth && one.settings.username === '') continue;
        expected.set(`${isOAuth ? 'tokens' : 'connection-password'}:${secretIdOf(one)}`, `of ${one.settings.username}`);
      }
      for (const one of await credentialStore().list())
        expected.set(`client-secret:${secretIdOf(one)}`, `of ${one.settings.clientId}`);
      for (const prefix of ['tokens', 'connection-password', 'client-secret']) {
        const read = {
          tokens: tokenCacheStore(),
          'connection-password': secretStore(),
          'client-secret': clientSecretStore(),
        };
        for (const key of Object.keys(forge.storage(`${prefix}:`))) {
          const name = key.slice(prefix.length + 1);
          found.set(key, await read[prefix as keyof typeof read].get(name));
        }
      }
    });
    assert.deepEqual([...found].sort(), [...expected].sort(), how);
    assert.deepEqual(Object.keys(forge.storage('secret-change:')), [], `notes are left: ${how}`);
  }

  return {
    ...{ clock, forge, world, calls, app, run, imap, smtp, google, client, signIn, assertTogether, services, handlers },
    /** Runs work whose calls of stores are told apart by this name. */
    as: <T>(who: string, work: () => Promise<T>): Promise<T> => callers.run(who, work),
  };
}
