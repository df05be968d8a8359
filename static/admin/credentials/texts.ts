import type { Cloud, Grant, OAuthProviderName } from '../../../src/domain/credential';

/** Every word of the screens about OAuth2 credentials, but for the guide. */

export const providerTexts: Record<OAuthProviderName, string> = { google: 'Google', microsoft: 'Microsoft' };

export const grantTexts: Record<Grant, string> = {
  'authorization-code': 'Authorization code (a person signs in)',
  'client-credentials': 'Client credentials (the application itself)',
};
export const shortGrantTexts: Record<Grant, string> = {
  'authorization-code': 'Authorization code',
  'client-credentials': 'Client credentials',
};

export const cloudTexts: Record<Cloud, string> = {
  global: 'Global',
  'us-gcc-high': 'US GCC High',
  'us-dod': 'US DoD',
  china: 'China',
};

export const listTexts = {
  title: 'OAuth2 credentials',
  add: 'Add credential',
  loading: 'Loading the credentials',
  loadFailed: 'The credentials could not be loaded',
  retry: 'Try again',
  search: 'Search credentials',
  noMatch: (search: string) => `No credential matches “${search}”.`,
  emptyTitle: 'No OAuth2 credential yet',
  empty:
    'Mailboxes of Google and Microsoft 365 are reached without a password: you register Letterbox there as an application, and enter here what the provider calls it. A guide beside the form leads you through it.',
  columns: {
    name: 'Name',
    provider: 'Provider',
    grant: 'Grant type',
    clientId: 'Client ID',
    usedBy: 'In use by',
    expiry: 'Secret',
    actions: 'Actions',
  },
  connections: (count: number) => (count === 0 ? 'Nothing' : count === 1 ? '1 connection' : `${count} connections`),
  noExpiry: 'No expiry date',
  expiresOn: (date: string) => `Until ${date}`,
  expiring: (date: string) => `Expires ${date}`,
  expired: (date: string) => `Expired ${date}`,
  actions: (name: string) => `Actions for ${name}`,
  edit: 'Edit',
  delete: 'Delete',
  deleted: (name: string) => `${name} is deleted`,
  deleteFailed: (name: string) => `${name} could not be deleted`,
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleteText: (name: string) =>
    `Letterbox forgets ${name} and its secret. The application stays registered at the provider until you remove it there.`,
} as const;

export const formTexts = {
  addTitle: 'Add OAuth2 credential',
  editTitle: 'Edit OAuth2 credential',
  loading: 'Loading the credential',
  loadFailed: 'The credential could not be loaded',
  gone: 'This credential does not exist any more; somebody deleted it.',
  retry: 'Try again',
  save: 'Save',
  cancel: 'Cancel',
  saveFailed: 'The credential could not be saved',
  staleTitle: 'Somebody else has changed this credential',
  staleText:
    'It was saved elsewhere while you were editing, so your changes were not saved. Reload to see what it looks like now; what you typed here is lost then.',
  reload: 'Reload the credential',
  reloadTitle: 'Reload the credential?',
  reloadQuestion: 'What you typed on this page is lost.',
  reloadConfirm: 'Reload',
  created: (name: string) => `${name} is saved`,
  createdHint: 'Choose it in a connection to reach a mailbox with it.',
  saved: (name: string) => `${name} is saved`,
  savedHint: 'Connections that use it keep their place in the mailbox.',

  generalSection: 'Credential',
  applicationSection: 'Registered application',
  endpointSection: 'Addresses',
  name: 'Name',
  provider: 'Provider',
  grant: 'Grant type',
  grantHint: 'With client credentials nobody signs in: your organization lets the application into its mailboxes.',
  cloud: 'Cloud',
  tenant: 'Tenant',
  tenantHint:
    'The directory (tenant) ID or a domain of yours. For accounts of any organization: organizations; with personal accounts too: common.',
  tenantHintApplication: 'The directory (tenant) ID, or a domain of yours.',
  clientId: 'Client ID',
  clientIdMicrosoft: 'Microsoft calls it Application (client) ID.',
  clientSecret: 'Client secret',
  secretMicrosoft: 'The value of the secret, not its ID.',
  secretKept: 'Leave it empty to keep the stored secret. Nobody can read it here.',
  expiresOn: 'Secret expires on',
  expiresHint: 'Optional: Letterbox warns before that day, while mail still arrives.',
  secretMissing: 'Enter the client secret.',
  callbackUrl: 'Callback URL',
  callbackHint: 'Register this address at the provider, letter by letter.',
  authorizationEndpoint: 'Authorization endpoint',
  tokenEndpoint: 'Token endpoint',
} as const;

const choices = <K extends string>(texts: Record<K, string>) =>
  Object.entries<string>(texts).map(([value, label]) => ({ value, label }));
export const providerChoices = choices(providerTexts);
export const grantChoices = choices(grantTexts);
export const cloudChoices = choices(cloudTexts);
