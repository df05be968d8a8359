import { z } from 'zod';

/** What becomes of a message in the mailbox once its issue exists. */
export const afterDownloadActions = ['mark-read', 'delete', 'move'] as const;
export type AfterDownload = (typeof afterDownloadActions)[number];

export const encryptions = ['tls', 'starttls', 'none'] as const;
export type Encryption = (typeof encryptions)[number];

/** The ports of IMAP for each encryption; a form fills them in until the port is edited. */
export const imapPorts: Record<Encryption, number> = { tls: 993, starttls: 143, none: 143 };

// CR, LF and NUL never reach a protocol line (RELIABILITY: security 6); other control characters have no business in a setting.
const noControlCharacters = /^[^\p{Cc}]*$/u;
const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max, `Use at most ${max} characters.`)
    .regex(noControlCharacters, 'Remove line breaks and control characters.');
const requiredLine = (max: number, what: string) => line(max).min(1, `Enter ${what}.`);

const hostName = requiredLine(253, 'the host name of the mail server').regex(
  /^(?=.{1,253}$)(\[[0-9a-f:.]+\]|[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?(\.[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?)*\.?)$/iu,
  'Enter a host name such as imap.example.com, without "https://", path or port.',
);

const pemCertificates = z
  .string()
  .trim()
  .max(64_000, 'Paste at most 64,000 characters.')
  .regex(
    /^(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)*$/,
    'Paste one or more certificates in PEM form (-----BEGIN CERTIFICATE-----).',
  );

const commonFields = {
  name: requiredLine(100, 'a name'),
  description: z.string().trim().max(1_000, 'Use at most 1,000 characters.').default(''),
  intervalMinutes: z
    .number('Enter a number of minutes.')
    .int('Enter whole minutes.')
    .min(1, 'Enter at least 1 minute.')
    .max(60, 'Enter at most 60 minutes.')
    .default(1),
  timeoutMs: z
    .number('Enter a number of milliseconds.')
    .int('Enter whole milliseconds.')
    .min(1, 'Enter at least 1 ms.')
    .max(60_000, 'Enter at most 60,000 ms.')
    .default(10_000),
  largestMailMb: z
    .number('Enter a number of megabytes.')
    .int('Enter whole megabytes.')
    .min(1, 'Enter at least 1 MB.')
    .max(50, 'Enter at most 50 MB.')
    .default(25),
  /** The project and issue type that the mail goes to. */
  target: z.strictObject({
    projectId: requiredLine(50, 'the project'),
    issueTypeId: requiredLine(50, 'the issue type'),
  }),
};

const imapFields = {
  provider: z.literal('imap'),
  encryption: z.enum(encryptions).default('tls'),
  host: hostName,
  port: z
    .number('Enter a port number.')
    .int('Enter a whole number.')
    .min(1, 'Enter a port from 1 to 65535.')
    .max(65_535, 'Enter a port from 1 to 65535.'),
  username: requiredLine(320, 'the user name'),
  /** Empty means the inbox; levels are separated by "/", whatever the server uses. */
  folder: line(500).default(''),
  afterDownload: z.enum(afterDownloadActions).default('mark-read'),
  /** Where `move` puts a message. */
  moveTo: line(500).default(''),
  privateCa: pemCertificates.default(''),
};

/** The settings of an incoming connection as a form holds them, without any secret. One schema for page and resolver. */
export const connectionSettings = z
  .discriminatedUnion('provider', [z.strictObject({ ...commonFields, ...imapFields })])
  .superRefine((settings, context) => {
    if (settings.afterDownload === 'move' && settings.moveTo === '') {
      context.addIssue({ code: 'custom', path: ['moveTo'], message: 'Choose the folder that mail is moved to.' });
    }
    if (
      settings.afterDownload === 'move' &&
      settings.moveTo !== '' &&
      settings.moveTo === (settings.folder || 'INBOX')
    ) {
      context.addIssue({
        code: 'custom',
        path: ['moveTo'],
        message: 'Choose another folder than the one that is read.',
      });
    }
  });
export type ConnectionSettings = z.infer<typeof connectionSettings>;
export type Provider = ConnectionSettings['provider'];

/** `suspended`: was enabled, and waits for an administrator since access failed. Only `enabled` connections are polled. */
export const connectionStates = ['disabled', 'enabled', 'suspended'] as const;
export type ConnectionState = (typeof connectionStates)[number];

export interface Connection {
  id: string;
  /** Grows by one with each save; a save that names an older one is refused. */
  version: number;
  state: ConnectionState;
  settings: ConnectionSettings;
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
}

/**
 * What makes two settings the same mailbox. A cursor belongs to one mailbox: positions of another are meaningless, and
 * could even hide mail.
 */
export function mailboxIdentity(settings: ConnectionSettings): string {
  const { provider, host, port, username, folder } = settings;
  return JSON.stringify([provider, host.toLowerCase(), port, username, folder]);
}
