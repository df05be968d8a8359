import type { TestContext } from 'node:test';
import type { PartedMailbox } from '../../../src/mail/parts';
import { pop3Mailbox } from '../../../src/mail/pop3/mailbox';
import type { Pop3Credentials, Pop3Deps, Pop3Settings } from '../../../src/mail/pop3/settings';
import { type Pop3Server, type Pop3ServerOptions, startPop3Server } from './pop3-server';

/** A server for one test, and the mailbox on it through the adapter. Both end with the test. */
export async function openMailbox(
  t: TestContext,
  options: Pop3ServerOptions = {},
  settings: Partial<Pop3Settings> = {},
  credentials: Pop3Credentials = { password: 'secret' },
  deps: Partial<Pop3Deps> = {},
): Promise<{ server: Pop3Server; mailbox: PartedMailbox }> {
  const server = await startPop3Server(options);
  const mailbox = pop3Mailbox(
    {
      encryption: 'none',
      host: 'localhost',
      port: server.port,
      username: 'alice',
      timeoutMs: 20_000,
      privateCa: '',
      ...settings,
    },
    credentials,
    { resolve: async () => ['127.0.0.1'], allowPlaintext: true, ...deps },
  );
  t.after(async () => {
    await mailbox.close();
    await server.stop();
  });
  return { server, mailbox };
}

export async function texts(
  mailbox: PartedMailbox,
  handles: readonly string[],
  maxBytes = 1_000_000,
): Promise<string[]> {
  const found: string[] = [];
  for await (const one of mailbox.fetch(handles, maxBytes)) {
    found.push(one.outcome === 'raw' ? Buffer.from(one.raw).toString('latin1') : one.outcome);
  }
  return found;
}

export async function handlesOf(mailbox: PartedMailbox): Promise<string[]> {
  return (await mailbox.list(null, 1_000)).arrivals.map(({ handle }) => handle);
}
