import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { AppError } from '../../src/domain/app-error';
import type { SettingsOf } from '../../src/domain/connection';
import type { CheckReport, Mailbox, PollRequest } from '../../src/domain/ports';
import { noMemory } from '../../src/intake/known-mail';
import { oauth } from '../../src/oauth/oauth';
import { connectionHandlers } from '../../src/resolvers/connections';
import type { ConnectionView } from '../../src/resolvers/views';
import { authorizationStore } from '../../src/store/authorizations';
import { connectionStore } from '../../src/store/connections';
import { clientSecretStore, credentialStore } from '../../src/store/credentials';
import { cursorStore } from '../../src/store/cursors';
import { outgoingStore } from '../../src/store/outgoing';
import { protocolStore } from '../../src/store/protocols';
import { secretChangeStore } from '../../src/store/secret-changes';
import { secretStore } from '../../src/store/secrets';
import { tallyStore } from '../../src/store/tallies';
import { tokenCacheStore } from '../../src/store/token-caches';
import { recentUses } from '../../src/store/uses';
import { systemClock } from '../emulator/clock';
import type { Forge, SeenCall } from '../emulator/forge/forge';
import { appCalls } from '../support/app-calls';
import { resolverForge } from '../support/resolver-forge';
import { settingsOf } from '../support/world';

/** The real resolvers and stores on the emulator; only the mailbox is made up. */
export let forge: Forge;
export const clock = systemClock();
export const opened: { host: string; password: string }[] = [];
/** Every call of the store and of Jira. */
export const seen: SeenCall[] = [];
export const pushed: PollRequest[] = [];
/** What the mailbox answers; a test changes it and puts it back. */
export const answers: { report: CheckReport; estimateError: AppError | null } = {
  report: { ok: true, steps: [], messages: { total: 3, unread: 1 } },
  estimateError: null,
};

export function mailbox(): Mailbox {
  const unused = () => Promise.reject(new Error('not used'));
  return {
    check: async () => answers.report,
    folders: async () => [{ path: 'INBOX', selectable: true }],
    estimate: async (start) => {
      if (answers.estimateError !== null) throw answers.estimateError;
      const count = start.from === 'now' ? 0 : 3;
      return { count, confidence: 'exact', reason: null, available: true, first: [] };
    },
    begin: async (start) => {
      if (answers.estimateError !== null) throw answers.estimateError;
      return start.from === 'now' ? '7:3' : null;
    },
    preview: unused,
    list: unused,
    fetch: () => {
      throw new Error('not used');
    },
    settle: unused,
    close: async () => undefined,
  };
}

before(async () => {
  const secrets = secretStore();
  const connections = connectionStore();
  const credentials = credentialStore();
  const outgoing = outgoingStore();
  const secretChanges = secretChangeStore([connections, outgoing, credentials], clock.now);
  const callbackUrl = async () => 'https://callback.example';
  const services = oauth({
    credentials,
    clientSecrets: clientSecretStore(),
    tokenCaches: tokenCacheStore(),
    authorizations: authorizationStore(),
    secretChanges,
    fetch: () => Promise.reject(new Error('not used')),
    callbackUrl,
    now: clock.now,
    sleep: async () => undefined,
    log: () => undefined,
  });
  const handlers = connectionHandlers({
    ...noMemory,
    recentUses,
    connections,
    credentials,
    secrets,
    secretChanges,
    outgoing,
    oauth: services,
    cursors: cursorStore(clock.now),
    tallies: tallyStore(),
    protocols: protocolStore(),
    openMailbox: async (settings, { secretId, password }) => {
      const stored = secretId === undefined ? null : await secrets.get(secretId);
      opened.push({ host: 'host' in settings ? settings.host : '', password: password || stored || '' });
      return mailbox();
    },
    queue: { push: async (requests) => void pushed.push(...requests) },
    audit: async () => undefined,
    now: clock.now,
  });
  forge = await resolverForge(handlers, clock, (call) => seen.push(call));
});
after(() => forge.close());

export const { send, call, refusal } = appCalls(() => forge);

export type ImapView = ConnectionView & { settings: SettingsOf<'imap'> };

export function imap(view: ConnectionView): ImapView {
  assert.ok(view.settings.provider === 'imap');
  return { ...view, settings: view.settings };
}

export let count = 0;
export async function create(change: Record<string, unknown> = {}): Promise<ImapView> {
  count += 1;
  const created = await call('connections.create', {
    settings: settingsOf({ name: `Box ${count}`, ...change }),
    password: 'canary-secret',
  });
  return imap(created);
}

export async function enabled(): Promise<ImapView> {
  const { id, version } = await create();
  return imap(await call('connections.enable', { id, version, start: { from: 'everything' } }));
}
