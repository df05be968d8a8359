import { type Encryption, encryptions } from '../../../src/domain/connection';

/** What all forms of connections say. */
export const connectionTexts = {
  loading: 'Loading the connection',
  loadFailed: 'The connection could not be loaded',
  retry: 'Try again',
  save: 'Save',
  cancel: 'Cancel',
  saveFailed: 'The connection could not be saved',
  staleTitle: 'Somebody else has changed this connection',
  staleText:
    'It was saved elsewhere while you were editing, so your changes were not saved. Reload to see what it looks like now; what you typed here is lost then.',
  reload: 'Reload the connection',
  reloadTitle: 'Reload the connection?',
  reloadQuestion: 'What you typed on this page is lost.',
  reloadConfirm: 'Reload',
  created: (name: string) => `${name} is saved`,
  createdHint: 'It is disabled. Enable it when you are ready.',
  saved: (name: string) => `${name} is saved`,
  savedBut: (name: string, status: string) => `${name} is saved, but ${status.toLowerCase()}`,
  generalSection: 'Connection',
  name: 'Name',
  description: 'Description',
} as const;

export const encryptionTexts: Record<Encryption, string> = { tls: 'SSL/TLS', starttls: 'STARTTLS', none: 'None' };
export const encryptionChoices = encryptions.map((value) => ({ value, label: encryptionTexts[value] }));

/** What is said differently of accounts that receive and accounts that send. */
export interface AccountKindTexts {
  section: string;
  mailboxHint: string;
  useShared: string;
  useSharedHint: string;
  access: string;
  connected: string;
  connectedOther: (before: string) => string;
}

/** What they say of the account. */
export const accountTexts = {
  provider: 'Service provider',
  encryption: 'Encryption',
  encryptionNone:
    'Password and mail travel unprotected, and anybody on the way can read them. Only a gateway whose operator allows it accepts this.',
  host: 'Host',
  hostPlaceholder: (provider: string) => `${provider === 'pop3' ? 'pop' : provider}.example.com`,
  port: 'Port',
  username: 'Username',
  usernameUnneeded: 'Empty for a server that takes mail without a sign-in.',
  password: 'Password',
  passwordKept: 'Leave it empty to keep the stored password.',
  passwordUnneeded: 'Not needed without a username.',
  passwordMissing: 'Enter the password.',
  credential: 'OAuth2 credential',
  credentialNone: (provider: string) => `There is no credential for ${provider} yet.`,
  credentialAdd: 'Add a credential',
  credentialsFailed: (reason: string) => `The credentials could not be listed. ${reason}`,
  mailbox: 'Username',
  mailboxMissing: 'Enter the address of the mailbox.',
  shared: 'Address of the shared mailbox',
  sharedMissing: 'Enter the address of the shared mailbox.',
  overrideHost: 'Override default host',
  defaultHost: (host: string) => `Without it the host is ${host}.`,

  authorize: 'Authorize',
  authorizeAgain: 'Authorize again',
  authorizeHint: (provider: string) => `Opens ${provider} in a new tab, where you sign in and agree.`,
  notAuthorized: 'Authorize access to the mailbox first.',
  authorizedAs: (mailbox: string) => `Authorized as ${mailbox}`,
  waitingTitle: (provider: string) => `Sign in at ${provider}, in the new tab`,
  waiting: 'This page goes on by itself once you have signed in there.',
  notOpenedTitle: 'The sign-in was not opened',
  notOpened: (provider: string) =>
    `Jira asks whether you want to leave for ${provider}, and your browser may ask too. Open the sign-in again, and choose Continue.`,
  openAgain: 'Open the sign-in again',
  cancel: 'Cancel',
  connectedTitle: (mailbox: string) => `${mailbox} signed in`,
  acceptMailbox: (mailbox: string) => `Use ${mailbox}`,
  useOther: 'Choose another account',
  failedTitle: 'The mailbox was not authorized',
  beginFailedTitle: 'The sign-in could not be started',

  advancedSection: 'Certificates and limits',
  privateCa: 'Private CA',
  privateCaHint:
    'Only for a server whose certificate comes from your own certificate authority: its certificates in PEM form.',
  timeout: 'Timeout in milliseconds',
  timeoutHint: 'How long to wait for each answer of the server, up to 60,000.',
} as const;

/** What is said where the callback URL is another one than the provider knows. */
export const callbackTexts = {
  title: 'The callback URL has changed',
  providers: { google: 'Google', microsoft: 'Microsoft' },
  why: (providers: string) =>
    `Installing Letterbox again changes it. Until the new one is registered at ${providers}, nobody can authorize a connection: the sign-in ends on an error page there. Connections that still have access go on.`,
  register: 'New callback URL',
  before: (former: readonly string[]) => `Register it at the provider in place of ${former.join(' and ')}`,
  thenSave: 'Then save this credential, and this notice goes.',
  thenSaveEach: (names: string) => `Then open and save each credential that it is registered for: ${names}.`,
  thenAuthorize: 'Then authorize.',
} as const;
