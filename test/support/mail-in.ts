import type { FunctionName, Payload, Values } from '../../src/resolvers/contract';
import type { IssueRecord } from '../emulator/jira/state';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { mailPassword } from '../emulator/mail-server/mail-server';
import { appCalls, enableFrom } from './app-calls';

/** The whole product with one connected mailbox, for tests about what becomes of a mail. */
export interface MailIn {
  host: LocalHost;
  connectionId: string;
  /** Calls a resolver as the administrator. @throws when it is refused */
  call<K extends FunctionName>(name: K, payload: Payload<K>): Promise<Values[K]>;
  /** Delivers a mail, polls, and returns the issues that are new since. */
  take(raw: string | Uint8Array): Promise<IssueRecord[]>;
  close(): Promise<void>;
}

export const mailInAddress = 'support@letterbox.test';

export async function startMailIn(change: Record<string, unknown> = {}): Promise<MailIn> {
  const host = await startLocalHost({ directory: null, start: false, searchLagMs: 0 });
  const { call } = appCalls(() => host.forge);
  const settings = {
    provider: 'imap',
    name: 'Support',
    host: 'localhost',
    port: host.mail.ports.imaps,
    username: mailInAddress,
    privateCa: host.mail.ca,
    target: { projectId: '10000', issueTypeId: '10001' },
    ...change,
  } as Payload<'connections.create'>['settings'];
  const { id } = await call('connections.create', { settings, password: mailPassword });
  await enableFrom(call, id, { from: 'everything' });
  await host.forge.drain();

  return {
    host,
    connectionId: id,
    call,
    take: async (raw) => {
      const before = new Set(host.jira.state.all().map((issue) => issue.id));
      const bytes = typeof raw === 'string' ? Buffer.from(raw) : raw;
      host.mail.deliver({ from: 'sender@example.com', recipients: [mailInAddress], raw: Buffer.from(bytes) });
      await call('connections.poll', { id });
      await host.forge.drain();
      return host.jira.state.all().filter((issue) => !before.has(issue.id));
    },
    close: host.close,
  };
}
