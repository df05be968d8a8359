import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../emulator/clock';
import type { ProductRequest, ProductResponse } from '../emulator/forge/forge';
import type { GmailAccount } from '../emulator/google/mailbox';
import { startLocalHost } from '../emulator/local/local-host';
import type { ExchangeMailbox } from '../emulator/microsoft/mailbox';
import type { MicrosoftEmulator } from '../emulator/microsoft/microsoft';
import { fromText } from '../emulator/provider/snapshot';
import { type Pop3Server, type StoredMail, startPop3Server } from '../mail/pop3/pop3-server';
import { alertReceivers } from '../support/alert-receivers';
import { appCalls } from '../support/app-calls';

/** Where the mail servers of the store are, as its connections name them. */
const servers = {
  imap: 'mail.letterbox.test:993',
  /** Did not answer when the store was saved. */
  down: 'mail.letterbox.test:1993',
  smtps: 'mail.letterbox.test:465',
  pop3: 'pop.letterbox.test:110',
};

export interface ProviderState {
  google: Map<string, GmailAccount>;
  exchange: Map<string, ExchangeMailbox>;
  deltas: MicrosoftEmulator['tokens'];
  pop3: StoredMail[];
}

export type StoredSite = Awaited<ReturnType<typeof openSite>>;

/**
 * The app as it is now on a site as it was: storage, Jira, sign-ins and mailboxes of a copy of `directory`, by the clock of then.
 * @param now epoch milliseconds at which it goes on
 * @param inFrontOfJira may answer in Jira's place
 */
export async function openSite(
  directory: string,
  now: number,
  {
    down,
    inFrontOfJira = () => undefined,
    say = () => {},
  }: {
    /** The port of the server that was down; by default that of the others. */
    down?: number;
    inFrontOfJira?: (request: ProductRequest) => ProductResponse | undefined;
    say?: (line: string) => void;
  } = {},
) {
  const copy = mkdtempSync(join(tmpdir(), 'letterbox-site-'));
  cpSync(directory, copy, { recursive: true });
  const saved = join(copy, 'providers.json');
  const state = existsSync(saved) ? fromText<ProviderState>(readFileSync(saved, 'utf8')) : null;
  const pop3: Pop3Server = await startPop3Server({ mails: state?.pop3 ?? [] });
  const receivers = await alertReceivers();
  const [imaps, smtps] = [await freePort(), await freePort()];
  const clock = clockFrom(now);
  const host = await startLocalHost({
    directory: copy,
    start: false,
    clock,
    say,
    hosts: receivers.hosts,
    ports: { smtp: 0, imap: 0, imaps, smtps, gateway: 0 },
    standIns: {
      ca: '',
      ports: {
        [servers.imap]: imaps,
        [servers.down]: down ?? imaps,
        [servers.smtps]: smtps,
        [servers.pop3]: pop3.port,
      },
    },
    inFrontOfJira: (jira) => ({
      ...jira,
      handle: async (request) => inFrontOfJira(request) ?? jira.handle(request),
    }),
  });
  const { google, microsoft } = host.providers;
  for (const [address, account] of state?.google ?? []) google.accounts.set(address, account);
  for (const [address, mailbox] of state?.exchange ?? []) microsoft.mailboxes.set(address, mailbox);
  for (const [token, round] of state?.deltas ?? []) microsoft.tokens.set(token, round);
  return {
    ...host,
    ...appCalls(() => host.forge),
    clock,
    pop3,
    receivers,
    /** The copy. */
    directory: copy,
    close: async () => {
      await host.close();
      await receivers.close();
      await pop3.stop();
      rmSync(copy, { recursive: true, force: true });
    },
  };
}

/** Goes on from `now`, as fast as the machine's. */
function clockFrom(now: number): Clock {
  let ahead = now - Date.now();
  return {
    now: () => Date.now() + ahead,
    advance: (milliseconds) => {
      ahead += milliseconds;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
