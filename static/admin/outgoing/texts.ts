import type { OutgoingProvider } from '../../../src/domain/outgoing';

/** Every word of the screens about outgoing connections, but for the form's. */

export const providerTexts: Record<OutgoingProvider, string> = {
  smtp: 'SMTP',
  google: 'Google OAuth2',
  'microsoft-smtp': 'Microsoft 365 SMTP (OAuth2)',
  'microsoft-graph': 'Microsoft 365 Graph API (OAuth2)',
};

export const listTexts = {
  title: 'Outgoing connections',
  add: 'Add connection',
  loading: 'Loading the connections',
  loadFailed: 'The connections could not be loaded',
  retry: 'Try again',
  search: 'Search connections',
  noMatch: (search: string) => `No connection matches “${search}”.`,
  emptyTitle: 'Nothing sends mail yet',
  empty:
    'Connect an account that mail from issues goes out with. For SMTP you need the address of the mail server and mostly a user name and a password; for Google and Microsoft 365 an OAuth2 credential.',
  columns: {
    name: 'Name',
    description: 'Description',
    provider: 'Provider',
    from: 'From',
    host: 'Host',
    username: 'Username',
    status: 'Status',
    projects: 'Default for',
    actions: 'Actions',
  },
  enabledStatus: 'Enabled',
  disabledStatus: 'Disabled',
  failingStatus: 'Cannot send',
  expiredStatus: 'Access ended',
  expiringStatus: 'Access ends soon',
  debugged: 'Debug',
  debuggedUntil: (time: string) => `Each send shows its protocol until ${time}.`,
  projects: (count: number) => (count === 0 ? '' : count === 1 ? '1 project' : `${count} projects`),
  actions: (name: string) => `Actions for ${name}`,
  disabled: (name: string) => `${name} is disabled`,
  enabled: (name: string) => `${name} is enabled`,
  debugOn: (name: string) => `${name} is debugged for 15 minutes`,
  debugOnHint: 'Send a test email to see the protocol.',
  debugOff: (name: string) => `${name} is no longer debugged`,
  duplicated: (name: string) => `${name} was created as a disabled copy`,
  duplicatedHint: 'It has no access yet: authorize it before you enable it.',
  deleted: (name: string) => `${name} is deleted`,
  actionFailed: (action: string, name: string) => `${action} did not work for ${name}`,
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleteText: (name: string) =>
    `Letterbox forgets ${name} and its password or authorization. Projects whose mail goes out there have no sender then.`,
} as const;

export const actionTexts = {
  edit: 'Edit',
  test: 'Test',
  sendTest: 'Send test email',
  enable: 'Enable',
  disable: 'Disable',
  debug: 'Debug for 15 minutes',
  stopDebug: 'Stop debugging',
  duplicate: 'Duplicate',
  delete: 'Delete',
} as const;
export type RowAction = keyof typeof actionTexts;

export const sendTexts = {
  title: (name: string) => `Test email through ${name}`,
  to: 'To',
  toHint: 'Your own address, for example. The mail goes out even while the connection is disabled.',
  send: 'Send',
  sent: (to: string) => `The server took the test email to ${to}`,
  reply: 'Last reply of the server',
  messageId: 'Message-ID',
  refused: 'Refused',
  failed: 'The test email did not go through',
  code: 'Error code',
  step: 'Failed step',
  protocol: 'Protocol',
  noProtocol: 'To see the protocol, choose “Debug for 15 minutes” in the connection’s menu and send again.',
  close: 'Close',
} as const;
