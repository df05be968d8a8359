import * as z from 'zod';
import { description, hostName, line, pemCertificates, port, requiredLine, timeout } from './fields';

/** What becomes of a message in the mailbox once its issue exists. */
export const afterDownloadActions = ['mark-read', 'delete', 'move'] as const;
export type AfterDownload = (typeof afterDownloadActions)[number];

export const encryptions = ['tls', 'starttls', 'none'] as const;
export type Encryption = (typeof encryptions)[number];

/** The ports of IMAP for each encryption; a form fills them in until the port is edited. */
export const imapPorts: Record<Encryption, number> = { tls: 993, starttls: 143, none: 143 };

const commonFields = {
  name: requiredLine(100, 'a name'),
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
  host: hostName('imap.example.com'),
  port,
  username: requiredLine(320, 'the user name'),
  /** Empty means the inbox; levels are separated by "/", whatever the server uses. */
  folder: line(500).default(''),
  afterDownload: z.enum(afterDownloadActions).default('mark-read'),
  /** Where `move` puts a message. */
  moveTo: line(500).default(''),
  privateCa: pemCertificates,
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
