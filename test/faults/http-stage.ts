import assert from 'node:assert/strict';
import { graceMs } from '../../src/domain/limits';
import type { Start } from '../../src/domain/start';
import type { ConnectionView } from '../../src/resolvers/views';
import type { Forge } from '../emulator/forge/forge';
import type { Identity } from '../emulator/identity/identity';
import { signIn } from '../emulator/identity/sign-in';
import type { LocalHostOptions } from '../emulator/local/local-host';
import { demoApplications } from '../emulator/local/providers';
import type { LoggedCall } from '../emulator/provider/api-server';
import type { ApiFaults } from '../emulator/provider/faults';
import { enableFrom } from '../support/app-calls';
import { type Product, startProduct } from '../support/product';
import { assertAddsUp, assertHealthy } from './stage';

/** Whole polls over HTTPS: the app on the emulator, with tokens of emulated providers, their mailboxes, and Jira. */
export interface HttpStage {
  forge: Forge;
  identity: Identity;
  call: Product['call'];
  /** Registers today's callback URL at the providers. */
  registerCallback: Product['registerCallback'];
  /** A connection to the inbox of a demo account, enabled and polled once. */
  inbox(provider: HttpProvider, options?: { start?: Start }): Promise<HttpInbox>;
  close(): Promise<void>;
}

export type HttpProvider = keyof typeof providers;

export interface HttpInbox {
  id: string;
  address: string;
  provider: HttpProvider;
  /** Calls that page through news, that carry a message, that delete, and that are made in a batch. */
  calls: { news: RegExp; raw: RegExp; delete: RegExp; inBatch: RegExp };
  faults: ApiFaults;
  /** What the provider was asked since the last call of this. */
  asked(): LoggedCall[];
  /** Puts mails with these subjects into the inbox, a second apart; their handles. */
  deliver(...subjects: readonly string[]): string[];
  /** Puts a mail in; with `isWanted` false it is to become no issue. */
  put(subject: string, options: { receivedAt?: number; read?: boolean; isWanted?: boolean }): string;
  /** Somebody reads a mail. */
  read(handle: string): void;
  /** The provider forgets the history ids, or delta links, that it has handed out. */
  forget(): void;
  /** Enables the connection anew, from there; its first poll waits for `poll`. */
  begin(start: Start): Promise<void>;
  /** Somebody else deletes a mail for good. */
  remove(handle: string): void;
  /** Polls as somebody asks for it, or as the schedule does. */
  poll(how?: 'asked' | 'scheduled'): Promise<void>;
  view(): Promise<ConnectionView>;
  /** Summaries of the issues that its mail became, in the order of their keys. */
  issues(): string[];
  /** Subjects of all mail that was put in. */
  delivered: readonly string[];
  /** How many mails are in the inbox, but for those that nobody wants; those that were taken are deleted. */
  left(): number;
  /** Polls until nothing waits, then asserts that each mail is one issue, in their order, and all is well. */
  recovers(): Promise<void>;
  /** Signs in once more and enables, as an administrator does where the authorization has ended. */
  authorize(): Promise<void>;
}

const providers = {
  gmail: {
    settings: 'google',
    application: 'Demo Google',
    use: 'gmail',
    accounts: ['support@gmail.example', 'maria@gmail.example'],
    calls: { news: /\/history\?/, raw: /format=raw/, delete: /batchModify|\/modify$/, inBatch: /format=minimal/ },
  },
  graph: {
    settings: 'microsoft-graph',
    application: 'Demo Microsoft (delegated)',
    use: 'graph',
    accounts: ['support@contoso.example', 'maria@contoso.example'],
    calls: { news: /messages\/delta\?/, raw: /\$value/, delete: /^DELETE /, inBatch: /^DELETE / },
  },
} as const;

export async function startHttpStage({ platform = {} }: Pick<LocalHostOptions, 'platform'> = {}): Promise<HttpStage> {
  // No gateway: nothing here goes through it.
  const product = await startProduct({ searchLagMs: 1_000, gateway: 'http://127.0.0.1:9', platform });
  const { forge, jira, call } = product;
  const { identity, google, microsoft } = product.providers;
  const free = { gmail: [...providers.gmail.accounts], graph: [...providers.graph.accounts] };
  // Exchange keeps seconds: mail is a second apart, so that its order is known.
  let received = Date.now() - 60 * 60_000;

  async function credential(name: string): Promise<string> {
    const { credentials } = await call('credentials.list', {});
    const existing = credentials.find((one) => one.settings.name === name);
    if (existing !== undefined) return existing.id;
    const application = demoApplications.find((one) => one.name === name);
    assert.ok(application);
    const { clientId, clientSecret, tenant, provider } = application;
    const settings = provider === 'google' ? { provider, name, clientId } : { provider, name, clientId, tenant };
    return (await call('credentials.create', { settings, clientSecret })).id;
  }

  async function inbox(
    provider: HttpProvider,
    { start = { from: 'everything' } }: { start?: Start } = {},
  ): Promise<HttpInbox> {
    const { application, use, calls, settings: kind } = providers[provider];
    const address = free[provider].shift() ?? '';
    const credentialId = await credential(application);
    const name = `Inbox ${crypto.randomUUID()}`;
    const target = { projectId: '10000', issueTypeId: '10001' };
    const settings = {
      provider: kind,
      name,
      credentialId,
      username: address,
      afterDownload: 'delete',
      target,
    } as const;
    const signedIn = async (connectionId: string | null) => {
      const asked = { credentialId, connectionId, use, shared: false, loginHint: '' };
      const { authorizationId, url } = await call('authorizations.begin', asked);
      await fetch(await signIn(identity, url, { address }));
      return authorizationId;
    };
    const { id } = await product.open(settings, { authorizationId: await signedIn(null) }, start);

    const delivered: string[] = [];
    let unwanted = 0;
    const emulator = provider === 'gmail' ? google : microsoft;
    const view = () => call('connections.get', { id });
    const issues = () =>
      jira.state
        .all()
        .filter(({ description }) => JSON.stringify(description).includes(`for ${name}.`))
        .map(({ summary }) => summary);
    const inPlace = () =>
      provider === 'gmail'
        ? google.messages(address).filter((one) => google.labelsOf(address, one.id)?.includes('INBOX'))
        : microsoft.messages(address).filter((one) => one.folder === 'Inbox');
    const left = () => inPlace().length - unwanted;
    const put: HttpInbox['put'] = (subject, { receivedAt, read = false, isWanted = true }) => {
      received += 1_000;
      if (isWanted) delivered.push(subject);
      else unwanted += 1;
      const raw = `From: Ada <ada@example.org>\r\nTo: ${address}\r\nSubject: ${subject}\r\n\r\nText for ${name}.\r\n`;
      return emulator.deliver(raw, { mailbox: address, receivedAt: receivedAt ?? received, read });
    };
    const poll = async (how: 'asked' | 'scheduled' = 'asked') => {
      if (how === 'scheduled') await forge.trigger('plan-polls');
      else await product.poll(id);
    };
    return {
      id,
      address,
      provider,
      calls,
      faults: emulator.faults,
      asked: () => emulator.calls.splice(0),
      delivered,
      deliver: (...subjects) => subjects.map((subject) => put(subject, {})),
      put,
      read: (handle) => {
        if (provider === 'gmail') google.label(address, handle, { remove: ['UNREAD'] });
        else microsoft.read(address, handle);
      },
      forget: () => {
        if (provider === 'gmail') google.expireHistory(address);
        else microsoft.expireDeltas();
      },
      begin: async (from) => {
        const { state, version } = await view();
        if (state === 'enabled') await call('connections.disable', { id, version });
        await enableFrom(call, id, from);
      },
      remove: (handle) => emulator.remove(address, handle),
      poll,
      view,
      issues,
      left,
      recovers: async () => {
        emulator.faults.clear();
        await poll();
        // A poll that was asked for while another one ran comes later.
        await forge.advance(30);
        for (let round = 0; round < 8 && (await view()).waiting > 0; round += 1) {
          await forge.advance(graceMs / 2_000 + 1);
          await poll();
        }
        assert.deepEqual(issues(), delivered);
        assertHealthy(await view());
        await assertAddsUp(product, id);
        assert.equal(left(), 0, 'what was taken is deleted');
      },
      authorize: async () => {
        const { version } = await view();
        const authorizationId = await signedIn(id);
        const { connection } = await call('connections.update', { id, version, settings, authorizationId });
        if (connection.state !== 'enabled') await enableFrom(call, id, { from: 'continue' });
        await forge.drain();
      },
    };
  }

  return { forge, identity, call, inbox, registerCallback: product.registerCallback, close: product.close };
}
