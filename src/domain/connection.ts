import * as z from 'zod';
import { entityName } from './entity';
import {
  chosenId,
  description,
  hostName,
  line,
  mailAddress,
  pemCertificates,
  port,
  requiredLine,
  timeout,
} from './fields';
import { largestRawMb } from './limits';

/** What becomes of a message in the mailbox once its issue exists. */
export const afterDownloadActions = ['mark-read', 'delete', 'move'] as const;
export type AfterDownload = (typeof afterDownloadActions)[number];

export const encryptions = ['tls', 'starttls', 'none'] as const;
export type Encryption = (typeof encryptions)[number];

/** The usual ports for each encryption; a form fills them in until the port is edited. */
export const imapPorts: Record<Encryption, number> = { tls: 993, starttls: 143, none: 143 };
export const pop3Ports: Record<Encryption, number> = { tls: 995, starttls: 110, none: 110 };

const commonFields = {
  name: entityName,
  description,
  intervalMinutes: z
    .number('Enter a number of minutes.')
    .int('Enter whole minutes.')
    .min(1, 'Enter at least 1 minute.')
    .max(60, 'Enter at most 60 minutes.')
    .default(1),
  timeoutMs: timeout,
  largestMailMb: z
    .number('Enter a number of megabytes.')
    .int('Enter whole megabytes.')
    .min(1, 'Enter at least 1 MB.')
    .max(largestRawMb, `Enter at most ${largestRawMb} MB.`)
    .default(25),
  /** The project and issue type that the mail goes to. */
  target: z.strictObject({
    projectId: chosenId('a project'),
    issueTypeId: chosenId('an issue type'),
  }),
};

/** What is read and what becomes of it, where the provider has folders. */
const folderFields = {
  /** Empty means the inbox; levels are separated by "/", whatever the server uses. */
  folder: line(500).default(''),
  afterDownload: z.enum(afterDownloadActions).default('mark-read'),
  /** Where `move` puts a message. */
  moveTo: line(500).default(''),
};

const passwordFields = {
  encryption: z.enum(encryptions).default('tls'),
  port,
  username: requiredLine(320, 'the user name'),
  privateCa: pemCertificates,
};

const oauthFields = {
  credentialId: chosenId('an OAuth2 credential'),
  /** The account that signed in; filled in by Authorize. With client credentials the mailbox itself. */
  username: line(320).default(''),
};

/** The address of a shared mailbox; empty for the account's own. */
const sharedMailbox = z.union([z.literal(''), mailAddress]).default('');

/** Microsoft's hosts for IMAP; the first one is right unless a national cloud is used. */
export const microsoftImapHosts = [
  'outlook.office365.com',
  'outlook.office365.us',
  'partner.outlook.cn',
  'webmail.apps.mil',
] as const;

const variants = [
  z.strictObject({
    ...commonFields,
    ...passwordFields,
    ...folderFields,
    provider: z.literal('imap'),
    host: hostName('imap.example.com'),
  }),
  z.strictObject({
    ...commonFields,
    ...passwordFields,
    provider: z.literal('pop3'),
    host: hostName('pop.example.com'),
    // POP3 knows one folder and no moving; read marks stay ours.
    folder: z.literal('').default(''),
    afterDownload: z.enum(['mark-read', 'delete']).default('mark-read'),
    moveTo: z.literal('').default(''),
  }),
  z.strictObject({ ...commonFields, ...oauthFields, ...folderFields, provider: z.literal('google') }),
  z.strictObject({
    ...commonFields,
    ...oauthFields,
    ...folderFields,
    provider: z.literal('microsoft-imap'),
    host: z.enum(microsoftImapHosts).default('outlook.office365.com'),
    sharedMailbox,
  }),
  z.strictObject({
    ...commonFields,
    ...oauthFields,
    ...folderFields,
    provider: z.literal('microsoft-graph'),
    sharedMailbox,
  }),
] as const;

/** The settings of an incoming connection as a form holds them, without any secret. One schema for page and resolver. */
export const connectionSettings = z.discriminatedUnion('provider', variants).superRefine((settings, context) => {
  if (settings.afterDownload !== 'move') return;
  if (settings.moveTo === '') {
    context.addIssue({ code: 'custom', path: ['moveTo'], message: 'Choose the folder that mail is moved to.' });
  } else if (settings.moveTo === (settings.folder || 'INBOX')) {
    context.addIssue({ code: 'custom', path: ['moveTo'], message: 'Choose another folder than the one that is read.' });
  }
});
export type ConnectionSettings = z.infer<typeof connectionSettings>;
export type Provider = ConnectionSettings['provider'];
export const providers = variants.map((variant) => variant.shape.provider.value) as Provider[];

/** The fields of the providers that the gateway serves. */
export const connectionVariants = { imap: variants[0].shape, pop3: variants[1].shape };

/** Settings of one provider. */
export type SettingsOf<P extends Provider> = Extract<ConnectionSettings, { provider: P }>;
/** Providers that sign in with a password, and those that do with OAuth2. */
export type PasswordSettings = SettingsOf<'imap' | 'pop3'>;
export type OAuthSettings = SettingsOf<'google' | 'microsoft-imap' | 'microsoft-graph'>;

export const usesOAuth = (settings: ConnectionSettings): settings is OAuthSettings => 'credentialId' in settings;

/** `suspended`: was enabled, and waits for an administrator since access failed. Only `enabled` connections are polled. */
export const connectionStates = ['disabled', 'enabled', 'suspended'] as const;
export type ConnectionState = (typeof connectionStates)[number];

export interface Connection {
  id: string;
  /** Grows by one with each save; a save that names an older one is refused. */
  version: number;
  state: ConnectionState;
  settings: ConnectionSettings;
  /** The protocol of each poll is kept until then (epoch milliseconds); 0: it was not asked for. The store takes no null. */
  logUntil: number;
  /** Epoch milliseconds at which the sign-in ends, as the provider said when it was given; absent or 0: it did not say. */
  accessEndsAt?: number;
  /** See `secretIdOf`. */
  secretId?: string;
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
}

/**
 * What makes two settings the same mailbox. A cursor belongs to one mailbox: positions of another are meaningless, and
 * could even hide mail. The provider comes first.
 */
export function mailboxIdentity(settings: ConnectionSettings): string {
  const { provider, username, folder } = settings;
  if (usesOAuth(settings)) {
    const shared = 'sharedMailbox' in settings ? settings.sharedMailbox : '';
    return JSON.stringify([provider, (shared || username).toLowerCase(), folder]);
  }
  return JSON.stringify([provider, settings.host.toLowerCase(), settings.port, username, folder]);
}

/** Hosts that open, with a password, what OAuth2 opens too. */
const providerOfHost: ReadonlyMap<string, string> = new Map([
  ...['imap', 'pop']
    .flatMap((name) => [`${name}.gmail.com`, `${name}.googlemail.com`])
    .map((host) => [host, 'google'] as const),
  ...microsoftImapHosts.map((host) => [host, 'microsoft'] as const),
]);

/** The mail that is read, by whichever protocol or sign-in; null while nobody has signed in. */
function mailRead(settings: ConnectionSettings): string | null {
  const shared = 'sharedMailbox' in settings ? settings.sharedMailbox : '';
  const address = shared || settings.username;
  return address === ''
    ? null
    : JSON.stringify([accountServer(settings), address, settings.folder || 'inbox']).toLowerCase();
}

function accountServer(settings: ConnectionSettings): string {
  if (usesOAuth(settings)) return settings.provider === 'google' ? 'google' : 'microsoft';
  const host = settings.host.toLowerCase();
  return providerOfHost.get(host) ?? host;
}

/**
 * Finds the other connections among `all`, in whatever state, that read the same mail as a connection: each mail becomes an issue
 * in both.
 */
export function otherReaders<C extends Pick<Connection, 'id' | 'settings'>>(all: readonly C[]) {
  const readers = new Map<string | null, C[]>();
  for (const connection of all) {
    const mail = mailRead(connection.settings);
    const same = readers.get(mail);
    if (same) same.push(connection);
    else readers.set(mail, [connection]);
  }
  return ({ id, settings }: C): C[] => {
    const mail = mailRead(settings);
    return mail === null ? [] : (readers.get(mail) ?? []).filter((other) => other.id !== id);
  };
}

/**
 * Whether a message is known by the provider's own id, which never changes there, rather than by its bytes: Gmail and Graph
 * write the raw mail anew each time that they are asked for it.
 */
export const isKnownByHandle = ({ provider }: ConnectionSettings): boolean =>
  provider === 'google' || provider === 'microsoft-graph';

/**
 * What Delete means at a provider: `trash`, emptied after 30 days (https://support.google.com/mail/answer/7401), `recoverable`
 * for as long as the organisation keeps deleted items (https://learn.microsoft.com/graph/api/message-delete), or `final`.
 */
export function deletionOf({ provider }: { provider: string }): 'trash' | 'recoverable' | 'final' {
  if (provider === 'google') return 'trash';
  return provider === 'microsoft-graph' ? 'recoverable' : 'final';
}
