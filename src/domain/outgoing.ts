import * as z from 'zod';
import { type Encryption, encryptions } from './connection';
import { entityName } from './entity';
import { chosenId, description, hostName, line, mailAddress, pemCertificates, port, timeout } from './fields';

/** The ports of SMTP for each encryption (RFC 8314 §3.3, RFC 6409); a form fills them in until the port is edited. */
export const smtpPorts: Record<Encryption, number> = { tls: 465, starttls: 587, none: 25 };

/** Microsoft's hosts for SMTP; the first one is right unless a national cloud is used. */
export const microsoftSmtpHosts = [
  'smtp.office365.com',
  'smtp.office365.us',
  'smtp.partner.outlook.cn',
  'smtp-legacy.office365.com',
] as const;

const commonFields = {
  name: entityName,
  description,
  fromAddress: mailAddress,
  fromName: line(100).default(''),
  /** Put before each subject; empty for none. */
  prefix: line(50).default(''),
  timeoutMs: timeout,
  /** Ids of the projects whose mail goes out here unless somebody chooses otherwise. */
  defaultForProjects: z.array(chosenId('a project')).max(500, 'Choose at most 500 projects.').default([]),
};

const oauthFields = {
  credentialId: chosenId('an OAuth2 credential'),
  /** The account that signed in; filled in by Authorize. With client credentials the mailbox that sends. */
  username: line(320).default(''),
};

/** "Send as" another mailbox than the one that signed in; empty for none. */
const sharedMailbox = z.union([z.literal(''), mailAddress]).default('');

/** The settings of an outgoing connection as a form holds them, without any secret. One schema for page and resolver. */
export const outgoingSettings = z.discriminatedUnion('provider', [
  z.strictObject({
    ...commonFields,
    provider: z.literal('smtp'),
    encryption: z.enum(encryptions).default('tls'),
    host: hostName('smtp.example.com'),
    port,
    /** Empty: no sign-in. */
    username: line(320).default(''),
    privateCa: pemCertificates,
  }),
  z.strictObject({ ...commonFields, ...oauthFields, provider: z.literal('google') }),
  z.strictObject({
    ...commonFields,
    ...oauthFields,
    provider: z.literal('microsoft-smtp'),
    host: z.enum(microsoftSmtpHosts).default('smtp.office365.com'),
    sharedMailbox,
  }),
  z.strictObject({ ...commonFields, ...oauthFields, provider: z.literal('microsoft-graph'), sharedMailbox }),
]);
export type OutgoingSettings = z.infer<typeof outgoingSettings>;
export type OutgoingProvider = OutgoingSettings['provider'];

export interface OutgoingConnection {
  id: string;
  /** Grows by one with each save; a save that names an older one is refused. */
  version: number;
  /** Nothing is sent through a disabled one. */
  enabled: boolean;
  settings: OutgoingSettings;
  /** The protocol of each send is kept until then (epoch milliseconds); 0: it was not asked for. The store takes no null. */
  debugUntil: number;
  /** As that of an incoming connection. */
  accessEndsAt?: number;
  /** See `secretIdOf`. */
  secretId?: string;
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
}
