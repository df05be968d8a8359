import { after, before } from 'node:test';
import type { AppError } from '../../src/domain/app-error';
import type { ComposedMail, Mailer } from '../../src/domain/mailer';
import { type OutgoingSettings, outgoingSettings } from '../../src/domain/outgoing';
import type { CheckReport, MailboxAccess } from '../../src/domain/ports';
import { composeMail } from '../../src/mail/compose';
import { ownMark } from '../../src/mail/own-mark';
import { oauth } from '../../src/oauth/oauth';
import { outgoingHandlers } from '../../src/resolvers/outgoing';
import type { OutgoingView } from '../../src/resolvers/views';
import { alertStore } from '../../src/store/alerts';
import { authorizationStore } from '../../src/store/authorizations';
import { connectionStore } from '../../src/store/connections';
import { clientSecretStore, credentialStore } from '../../src/store/credentials';
import { outgoingStore } from '../../src/store/outgoing';
import { outgoingTroubleStore } from '../../src/store/outgoing-troubles';
import { secretChangeStore } from '../../src/store/secret-changes';
import { secretStore } from '../../src/store/secrets';
import { signingKeyStore } from '../../src/store/signing-key';
import { tokenCacheStore } from '../../src/store/token-caches';
import { recentUses } from '../../src/store/uses';
import { systemClock } from '../emulator/clock';
import type { Forge } from '../emulator/forge/forge';
import { appCalls } from './app-calls';
import { resolverForge } from './resolver-forge';

/** The resolvers of outgoing connections with their stores on the emulator; only the mail server is made up. */
export let forge: Forge;
export const clock = systemClock();

export const opened: { settings: OutgoingSettings; password: string }[] = [];
export const sent: ComposedMail[] = [];
/** What the mail server does, and what time it is. */
export const passed: CheckReport = { ok: true, steps: [], messages: null };
export const world: { now: number; report: CheckReport; sendError: AppError | null; accessEndsAt: number } = {
  now: clock.now(),
  report: passed,
  sendError: null,
  accessEndsAt: 0,
};

function mailer(access: MailboxAccess): Mailer {
  return {
    check: async () => world.report,
    send: async (mail) => {
      access.log?.('C: MAIL FROM');
      if (world.sendError !== null) throw world.sendError;
      sent.push(mail);
      return { messageId: mail.messageId, reply: '250 queued', refused: [] };
    },
    close: async () => undefined,
  };
}

before(async () => {
  const secrets = secretStore();
  const connections = connectionStore();
  const secretChanges = secretChangeStore([connections, outgoingStore(), credentialStore()], clock.now);
  const services = oauth({
    credentials: credentialStore(),
    clientSecrets: clientSecretStore(),
    tokenCaches: tokenCacheStore(),
    authorizations: authorizationStore(),
    secretChanges,
    fetch: () => Promise.reject(new Error('not used')),
    callbackUrl: async () => 'https://callback.example',
    now: () => world.now,
    sleep: async () => undefined,
    log: () => undefined,
  });
  const handlers = outgoingHandlers({
    outgoing: outgoingStore(),
    secrets,
    secretChanges,
    connections,
    recentUses,
    credentials: credentialStore(),
    oauth: {
      ...services,
      confirm: async () => ({ accessEndsAt: world.accessEndsAt }),
      outcome: async () => ({ state: 'connected', mailbox: '' }),
    },
    openMailer: async (settings, access) => {
      const stored = access.secretId === undefined ? null : await secrets.get(access.secretId);
      opened.push({ settings, password: access.password || stored || '' });
      return mailer(access);
    },
    composeMail,
    audit: async () => undefined,
    ownMark: ownMark(signingKeyStore().get),
    troubles: outgoingTroubleStore(),
    alerts: alertStore(),
    log: () => undefined,
    now: () => world.now,
  });
  forge = await resolverForge(handlers, clock);
});
after(() => forge.close());

export const { send, call, refusal } = appCalls(() => forge);

let count = 0;
export function settingsOf(change: Record<string, unknown> = {}): OutgoingSettings {
  count += 1;
  return outgoingSettings.parse({
    provider: 'smtp',
    name: `Sender ${count}`,
    fromAddress: 'support@example.com',
    host: 'smtp.example.com',
    port: 465,
    username: 'support@example.com',
    ...change,
  });
}
export const create = (change: Record<string, unknown> = {}): Promise<OutgoingView> =>
  call('outgoing.create', { settings: settingsOf(change), password: 'canary-secret' });
