import type { Payload } from '../../src/resolvers/contract';
import type { Clock } from '../emulator/clock';
import { signIn } from '../emulator/identity/sign-in';
import { demoApplications } from '../emulator/local/providers';
import { mailDomain, mailPassword } from '../emulator/mail-server/mail-server';
import type { Dovecot } from '../support/dovecot';
import type { Product } from '../support/product';
import type { ShakyServer } from './shaky-server';

type Settings = Payload<'connections.create'>['settings'];
export type MailboxKind = 'imap' | 'pop3' | 'google' | 'microsoft-graph';

/** One mailbox of the soak, and the enabled connection that reads it. */
export interface SoakMailbox {
  kind: MailboxKind;
  connectionId: string;
  /** Behind a server that fails now and then. */
  isShaky: boolean;
  /** Its name on Dovecot, where it is there. */
  user: string | null;
  deliver(raw: Uint8Array): Promise<void>;
}

export interface Machines {
  product: Product;
  dovecot: Dovecot;
  clock: Clock;
  /** In front of the embedded IMAP server. */
  shaky: readonly ShakyServer[];
}

/** Of a hundred: mostly IMAP, one in ten of them behind a server that fails. */
const shares: readonly [MailboxKind, number][] = [
  ['pop3', 5],
  ['google', 3],
  ['microsoft-graph', 5],
];
const shakyShare = 10;
const target = { projectId: '10000', issueTypeId: '10001' };
/** Mail that is larger is poison. */
export const largestMailMb = 1;
const dovecotPassword = 'secret';
const googleAccounts = ['support@gmail.example', 'maria@gmail.example'];

/** What each of so many mailboxes is. Every kind is there from twenty on. */
export function kindsOf(count: number): MailboxKind[] {
  const kinds: MailboxKind[] = [];
  for (const [kind, share] of shares) {
    for (let left = Math.ceil((count * share) / 100); left > 0; left -= 1) kinds.push(kind);
  }
  while (kinds.length < count) kinds.push('imap');
  return kinds;
}

/** The users that Dovecot must have for so many mailboxes. */
export function dovecotUsers(count: number): Record<string, string> {
  const users = kindsOf(count).flatMap((kind, index) => (kind === 'pop3' ? [[`box${index}`, dovecotPassword]] : []));
  return Object.fromEntries(users);
}

/** Makes one connection to each mailbox as an administrator would, and enables it from now on. `told` hears of each. */
export async function connectMailboxes(
  machines: Machines,
  count: number,
  told: (done: number) => void,
): Promise<SoakMailbox[]> {
  const { product, clock } = machines;
  const credentials = await createCredentials(product);
  const mailboxes: SoakMailbox[] = [];
  for (const [index, kind] of kindsOf(count).entries()) {
    const { isShaky = false, user = null, ...entered } = await entryFor(kind, index, machines, credentials);
    // Nobody is quicker than this, and the platform limits what pages may ask of the storage in a minute.
    clock.advance(10_000);
    const { id, version } = await product.call('connections.create', entered.access);
    await product.call('connections.enable', { id, version, start: { from: 'now' } });
    await product.forge.drain();
    mailboxes.push({ kind, connectionId: id, isShaky, user, deliver: entered.deliver });
    told(index + 1);
  }
  return mailboxes;
}

interface Entry {
  access: Payload<'connections.create'>;
  deliver(raw: Uint8Array): Promise<void>;
  isShaky?: boolean;
  user?: string;
}

interface Credentials {
  google: string;
  microsoft: string;
}

async function createCredentials({ call }: Product): Promise<Credentials> {
  const [google, , application] = demoApplications;
  const { id: googleId } = await call('credentials.create', {
    settings: { provider: 'google', name: google.name, clientId: google.clientId },
    clientSecret: google.clientSecret,
  });
  const { id: microsoftId } = await call('credentials.create', {
    settings: {
      provider: 'microsoft',
      name: application.name,
      clientId: application.clientId,
      tenant: application.tenant,
      grant: 'client-credentials',
    },
    clientSecret: application.clientSecret,
  });
  return { google: googleId, microsoft: microsoftId };
}

async function entryFor(
  kind: MailboxKind,
  index: number,
  { product, dovecot, clock, shaky }: Machines,
  credentials: Credentials,
): Promise<Entry> {
  const common = { name: `Mailbox ${index}`, intervalMinutes: 1, largestMailMb, target };
  const { mail, providers } = product;
  switch (kind) {
    case 'imap': {
      const account = `box${index}@${mailDomain}`;
      const server = index % shakyShare === 0 ? shaky[(index / shakyShare) % shaky.length] : undefined;
      const afterDownload = (['mark-read', 'delete', 'move'] as const)[index % 3] ?? 'delete';
      const settings: Settings = {
        ...common,
        provider: 'imap',
        host: 'localhost',
        port: server?.port ?? mail.ports.imaps,
        username: account,
        privateCa: mail.ca,
        afterDownload,
        moveTo: afterDownload === 'move' ? 'Processed' : '',
        // A server that hangs holds up its own connections only; the soak itself has to wait for it, though.
        timeoutMs: server === undefined ? 10_000 : 1_000,
      };
      const deliver = async (raw: Uint8Array) => {
        const inbox = mail.store.folder(account, 'INBOX');
        if (inbox === undefined) throw new Error(`${account} has no inbox.`);
        mail.store.append(inbox, raw, clock.now(), []);
      };
      return { access: { settings, password: mailPassword }, deliver, isShaky: server !== undefined };
    }
    case 'pop3': {
      const user = `box${index}`;
      const settings: Settings = {
        ...common,
        provider: 'pop3',
        host: 'localhost',
        port: dovecot.ports.pop3s,
        username: user,
        privateCa: dovecot.ca,
        afterDownload: 'delete',
      };
      const deliver = (raw: Uint8Array) => dovecot.append(user, [raw]);
      return { access: { settings, password: dovecotPassword }, deliver, user };
    }
    case 'google': {
      const mailbox = googleAccounts[index % googleAccounts.length] ?? '';
      const label = `Box ${index}`;
      providers.google.addLabel(mailbox, label);
      const authorizationId = await authorize(product, credentials.google, mailbox);
      const settings: Settings = {
        ...common,
        provider: 'google',
        credentialId: credentials.google,
        username: mailbox,
        folder: label,
      };
      const deliver = async (raw: Uint8Array) => void providers.google.deliver(raw, { mailbox, label });
      return { access: { settings, authorizationId }, deliver };
    }
    case 'microsoft-graph': {
      const mailbox = `box${index}@contoso.example`;
      providers.microsoft.addMailbox(mailbox);
      const settings: Settings = {
        ...common,
        provider: 'microsoft-graph',
        credentialId: credentials.microsoft,
        username: mailbox,
        afterDownload: 'mark-read',
      };
      const deliver = async (raw: Uint8Array) => void providers.microsoft.deliver(raw, { mailbox });
      return { access: { settings }, deliver };
    }
  }
}

async function authorize({ call, providers }: Product, credentialId: string, address: string): Promise<string> {
  const { authorizationId, url } = await call('authorizations.begin', {
    credentialId,
    connectionId: null,
    use: 'gmail',
    shared: false,
    loginHint: '',
  });
  await fetch(await signIn(providers.identity, url, { address }));
  return authorizationId;
}
