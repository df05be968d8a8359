import assert from 'node:assert/strict';
import { graceMs } from '../../src/domain/limits';
import type { ConnectionView } from '../../src/resolvers/views';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { type FaultProxy, faultProxy } from '../support/fault-proxy';
import { type Meddler, type Meddling, meddler } from '../support/meddler';
import { type ConnectOptions, type Product, startProduct } from '../support/product';

/** Whole polls: Dovecot, a network that can be broken, the gateway, the app on the emulator, and Jira. */
export interface Stage {
  product: Product;
  dovecot: Dovecot;
  /** An inbox of its own with a connection that was polled once. */
  inbox(options?: InboxOptions): Promise<Inbox>;
  close(): Promise<void>;
}

export interface InboxOptions extends Pick<ConnectOptions, 'start'> {
  provider?: 'imap' | 'pop3';
  settings?: Record<string, unknown>;
  /** Mail that lies there before the connection is enabled. */
  before?: readonly string[];
  /** How the server is from the beginning. */
  meddling?: Meddling;
}

export interface Inbox {
  id: string;
  user: string;
  /** What the mail server says, and what becomes of its bytes. */
  server: Meddler;
  network: FaultProxy;
  /** Puts mails with these subjects in; `raw` has more to say. */
  deliver(...subjects: readonly string[]): Promise<void>;
  raw(...raws: readonly (string | Uint8Array)[]): Promise<void>;
  poll(): Promise<void>;
  view(): Promise<ConnectionView>;
  /** Summaries of the issues that its mail became, in the order of their keys. */
  issues(): string[];
  /** Why messages were given up, by code. */
  givenUp(): Promise<(string | null)[]>;
  /** How many messages lie in the inbox. */
  left(): Promise<number>;
  /** Polls until nothing waits, then asserts that these are the issues and all is well, but for what a warning says. */
  recovers(subjects: readonly string[], warning?: RegExp | null): Promise<void>;
}

const users = 60;

export async function startStage(options: Parameters<typeof startProduct>[0] = {}): Promise<Stage> {
  const names = Array.from({ length: users }, (_, index) => `user${index + 1}`);
  const dovecot = await startDovecot({ users: Object.fromEntries(names.map((name) => [name, 'secret'])) });
  const product = await startProduct({ searchLagMs: 1_000, ...options });
  const closers: (() => Promise<void>)[] = [product.close, () => dovecot.stop()];

  async function inbox({
    provider = 'imap',
    settings = {},
    before = [],
    meddling = {},
    start,
  }: InboxOptions = {}): Promise<Inbox> {
    const user = names.shift() ?? '';
    const server = await meddler(dovecot.ports[provider]);
    const network = await faultProxy(server.port);
    closers.unshift(network.stop, server.stop);
    server.meddle(meddling);
    await dovecot.append(user, before.map(mailOf));
    const { id } = await product.connect(dovecot, user, {
      port: network.port,
      settings: { provider, encryption: 'none', privateCa: '', timeoutMs: 1_000, ...settings },
      ...(start === undefined ? {} : { start }),
    });
    const view = () => product.call('connections.get', { id });
    const own = () =>
      product.jira.state.all().filter(({ description }) => JSON.stringify(description).includes(`to ${user}.`));
    const issues = () => own().map(({ summary }) => summary);
    const left = async () =>
      Number(/messages=(\d+)/.exec(await dovecot.doveadm('mailbox', 'status', '-u', user, 'messages', 'INBOX'))?.[1]);
    const raw = (...raws: readonly (string | Uint8Array)[]) => dovecot.append(user, raws);
    function mailOf(subject: string): string {
      return `From: Ada <ada@example.org>\r\nTo: ${user}@example.com\r\nSubject: ${subject}\r\n\r\nText to ${user}.\r\n`;
    }
    return {
      id,
      user,
      server,
      network,
      raw,
      deliver: (...subjects) => raw(...subjects.map(mailOf)),
      poll: () => product.poll(id),
      view,
      issues,
      givenUp: async () => {
        const { entries } = await product.call('activity.list', { connectionId: id, result: 'quarantined' });
        return entries.map(({ code }) => code);
      },
      left,
      recovers: async (subjects, warning = null) => {
        await product.poll(id);
        for (let round = 0; round < 8 && (await view()).waiting > 0; round += 1) {
          await product.forge.advance(graceMs / 2_000 + 1);
          await product.poll(id);
        }
        assert.deepEqual(issues(), subjects);
        assertHealthy(await view(), warning);
        await assertAddsUp(product, id);
      },
    };
  }

  return {
    product,
    dovecot,
    inbox,
    close: async () => {
      for (const closer of closers) await closer();
    },
  };
}

/** What people see of a connection that is well. */
export function assertHealthy(
  { state, waiting, trouble, warning }: ConnectionView,
  expectedWarning: RegExp | null = null,
): void {
  assert.deepEqual({ state, waiting, trouble }, { state: 'enabled', waiting: 0, trouble: null });
  if (expectedWarning === null) assert.equal(warning, null);
  else assert.match(warning ?? '', expectedWarning);
}

/** What became of its mail, as its page tells, accounts for all that is in the mailbox. */
export async function assertAddsUp({ call }: Pick<Product, 'call'>, id: string): Promise<void> {
  const told = await call('connections.completeness', { id });
  assert.equal(told?.difference, 0, JSON.stringify(told));
}

/** What people see of a poll that failed and passes by itself. */
export async function assertTransient({ view }: Inbox): Promise<void> {
  const { state, trouble } = await view();
  assert.equal(state, 'enabled');
  assert.notEqual(trouble, null);
  assert.doesNotMatch(trouble?.code ?? '', /unexpected/);
}
