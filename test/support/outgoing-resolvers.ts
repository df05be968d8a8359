import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { AppError } from '../../src/domain/app-error';
import type { ComposedMail, Mailer } from '../../src/domain/mailer';
import { type OutgoingSettings, outgoingSettings } from '../../src/domain/outgoing';
import type { CheckReport, MailboxAccess } from '../../src/domain/ports';
import { isJiraAdministrator } from '../../src/jira/permissions';
import { composeMail } from '../../src/mail/compose';
import { ownMark } from '../../src/mail/own-mark';
import { oauth } from '../../src/oauth/oauth';
import type { FunctionName, Payload, Values } from '../../src/resolvers/contract';
import { guardedResolver } from '../../src/resolvers/define';
import { outgoingHandlers } from '../../src/resolvers/outgoing';
import type { OutgoingView } from '../../src/resolvers/views';
import { alertStore } from '../../src/store/alerts';
import { authorizationStore } from '../../src/store/authorizations';
import { clientSecretStore, credentialStore } from '../../src/store/credentials';
import { outgoingStore } from '../../src/store/outgoing';
import { outgoingTroubleStore } from '../../src/store/outgoing-troubles';
import { secretStore } from '../../src/store/secrets';
import { signingKeyStore } from '../../src/store/signing-key';
import { tokenCacheStore } from '../../src/store/token-caches';
import { systemClock } from '../emulator/clock';
import { createForge } from '../emulator/forge/create-forge';
import type { Forge } from '../emulator/forge/forge';
import { createJira } from '../emulator/jira/jira';

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
  const services = oauth({
    credentials: credentialStore(),
    clientSecrets: clientSecretStore(),
    tokenCaches: tokenCacheStore(),
    authorizations: authorizationStore(),
    fetch: () => Promise.reject(new Error('not used')),
    callbackUrl: async () => 'https://callback.example',
    now: () => world.now,
    sleep: async () => undefined,
    log: () => undefined,
  });
  const handlers = outgoingHandlers({
    outgoing: outgoingStore(),
    secrets,
    credentials: credentialStore(),
    oauth: { ...services, confirm: async () => ({ accessEndsAt: world.accessEndsAt }) },
    openMailer: async (settings, access) => {
      const stored = access.connectionId === null ? null : await secrets.get(access.connectionId);
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
  const resolve = guardedResolver(handlers, { isAdministrator: isJiraAdministrator, log: () => undefined });
  forge = await createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions: {
      resolve,
      plan: () => undefined,
      poll: () => undefined,
      authorizeCallback: () => undefined,
      watch: () => undefined,
    },
    products: { jira: createJira({ clock, directory: null }) },
    remotes: {},
    directory: null,
    clock,
  });
});
after(() => forge.close());

export const send = <K extends FunctionName>(name: K, payload: Payload<K>) =>
  forge.invoke({ module: 'letterbox-admin', functionKey: name, payload, accountId: 'admin' });

export async function call<K extends FunctionName>(name: K, payload: Payload<K>): Promise<Values[K]> {
  const result = await send(name, payload);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value as Values[K];
}

export async function refusal<K extends FunctionName>(name: K, payload: Payload<K>) {
  const result = await send(name, payload);
  assert.ok(!result.ok, 'it was not refused');
  return result.error as { code: string; detail?: string; fields?: Record<string, string> };
}

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
