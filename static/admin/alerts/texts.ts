import type { AlertChannelType, OpsgenieRegion } from '../../../src/domain/alert';
import type { IncidentKind } from '../../../src/domain/incident';

/** Every word of the screens about alert rules, but for the guides. */

export const channelTexts: Record<AlertChannelType, string> = {
  email: 'Email',
  slack: 'Slack',
  teams: 'Microsoft Teams',
  opsgenie: 'Opsgenie',
  webhook: 'Custom webhook',
};
export const regionTexts: Record<OpsgenieRegion, string> = { us: 'United States', eu: 'European Union' };

export const kindTexts: Record<IncidentKind, { label: string; short: string; hint: string }> = {
  suspended: {
    label: 'A connection is suspended',
    short: 'Suspended',
    hint: 'The mail server no longer lets Letterbox in. Nothing is polled until somebody corrects the connection.',
  },
  failing: {
    label: 'A connection keeps failing',
    short: 'Failing',
    hint: 'Its server cannot be reached or has trouble. Most of that passes by itself.',
  },
  waiting: {
    label: 'Mail waits because of an error',
    short: 'Waiting',
    hint: 'A mail could not be taken for the minutes that are set for a connection that keeps failing, 15 if none are. It is tried again.',
  },
  quarantined: {
    label: 'Mail is in quarantine',
    short: 'Quarantine',
    hint: 'A mail was given up after several tries. New ones are told at most once an hour.',
  },
  expiring: {
    label: 'An access is about to expire',
    short: 'Expiry',
    hint: 'Told 30, 7 and 1 days before a client secret in use or a sign-in expires, and when it has.',
  },
  'outgoing-failing': {
    label: 'Outgoing mail fails',
    short: 'Outgoing',
    hint: 'The last mail through an outgoing connection could not be sent.',
  },
};

export const listTexts = {
  title: 'Alerts',
  add: 'Add alert rule',
  loading: 'Loading the alert rules',
  loadFailed: 'The alert rules could not be loaded',
  retry: 'Try again',
  search: 'Search alert rules',
  noMatch: (search: string) => `No alert rule matches “${search}”.`,
  emptyTitle: 'Nobody is told when something goes wrong',
  empty:
    'An alert rule tells your team by email, Slack, Microsoft Teams, Opsgenie or a webhook of your own: once when a connection fails, mail is given up or an access is about to expire, and once when it is over.',
  columns: {
    name: 'Name',
    channel: 'Channel',
    incidents: 'Tells of',
    last: 'Last message',
    status: 'Status',
    actions: 'Actions',
  },
  never: 'None yet',
  recipients: (count: number) => (count === 1 ? '1 recipient' : `${count} recipients`),
  enabled: 'Enabled',
  disabled: 'Disabled',
  failing: 'Not delivered',
  unclear: 'Unclear',
  stuck: 'Cannot send',
  retryAt: (time: string) => `Tried again after ${time}.`,
  actions: (name: string) => `Actions for ${name}`,
  isEnabled: (name: string) => `${name} is enabled`,
  isDisabled: (name: string) => `${name} is disabled`,
  deleted: (name: string) => `${name} is deleted`,
  actionFailed: (action: string, name: string) => `${action} did not work for ${name}`,
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleteText: (name: string, channel: AlertChannelType) =>
    `Letterbox forgets ${name} and what it posts with. Nobody is told through it any more.${
      channel === 'opsgenie' ? ' Alerts that it has opened in Opsgenie stay open there.' : ''
    }`,
  openTitle: (count: number) => (count === 1 ? 'Wrong at the moment' : `Wrong at the moment: ${count}`),
  allWell: 'Nothing is wrong at the moment.',
  since: 'Began',
  moreOpen: (count: number) => `And ${count} more.`,
} as const;

export const actionTexts = {
  edit: 'Edit',
  sendTest: 'Send a test',
  enable: 'Enable',
  disable: 'Disable',
  delete: 'Delete',
} as const;
export type RowAction = keyof typeof actionTexts;

export const testTexts = {
  send: 'Send a test',
  sent: 'The test was taken',
  answer: 'The other side answered',
  failed: 'The test did not get through',
  rowSent: (name: string, reply: string) => `${name}: the test was taken. The other side answered: “${reply}”`,
} as const;

export const formTexts = {
  addTitle: 'Add alert rule',
  editTitle: 'Edit alert rule',
  loading: 'Loading the alert rule',
  loadFailed: 'The alert rule could not be loaded',
  gone: 'This alert rule does not exist any more; somebody deleted it.',
  retry: 'Try again',
  save: 'Save',
  cancel: 'Cancel',
  saveFailed: 'The alert rule could not be saved',
  staleTitle: 'Somebody else has changed this alert rule',
  staleText:
    'It was saved elsewhere while you were editing, so your changes were not saved. Reload to see what it looks like now; what you typed here is lost then.',
  reload: 'Reload the alert rule',
  reloadTitle: 'Reload the alert rule?',
  reloadQuestion: 'What you typed on this page is lost.',
  reloadConfirm: 'Reload',
  created: (name: string) => `${name} is saved and enabled`,
  createdHint: 'If something is wrong already, it tells you within five minutes.',
  saved: (name: string) => `${name} is saved`,

  generalSection: 'Rule',
  incidentSection: 'What to tell of',
  channelSection: 'How to tell',
  name: 'Name',
  incidentHint:
    'Each is told once when it begins and once when it has been over for a quarter of an hour. Several at once come as one message. What is wrong already when the rule is saved is told too, within five minutes.',
  failingMinutes: 'After how many minutes',
  failingMinutesHint: '5 to 1,440. A connection that fails for less is not worth a message.',
  channel: 'Channel',
  outgoing: 'Outgoing connection',
  outgoingNone: 'There is no outgoing connection yet. Add one under Outgoing mail first.',
  outgoingHint: 'When it is the one that fails, this rule cannot say so: have a second rule with another channel.',
  outgoingGone: 'Deleted connection',
  outgoingDisabled: (name: string) => `${name} (disabled)`,
  recipients: 'Recipients',
  recipientsHint: 'One address a line, at most 20.',
  url: 'Webhook URL',
  urlKept: (host: string) => `Leave it empty to keep the stored URL at ${host}. Nobody can read it here.`,
  urlConsent: (host: string) => `When you save or test, Atlassian asks you whether Letterbox may send to ${host}.`,
  region: 'Region',
  apiKey: 'API key',
  apiKeyKept: 'Leave it empty to keep the stored key. Nobody can read it here.',
  headerName: 'Name of a secret header',
  headerNameHint: 'Optional, such as Authorization: your side can check that the request is ours.',
  headerValue: 'Value of the header',
  headerKept: 'Leave it empty to keep the stored value. Nobody can read it here.',
} as const;

export const consentTexts = {
  description: 'Letterbox posts alerts about your mail connections to webhooks that you entered',
  refused: (host: string) =>
    `Letterbox may not send to ${host}: that needs a Jira administrator’s consent, which was not given. Save or test again to be asked again, or use another address.`,
  tooMany: (most: number) =>
    `Letterbox can be allowed ${most} hosts of custom webhooks at most. Delete a rule that nobody needs, or use one host for several rules.`,
} as const;

const choices = <K extends string>(texts: Record<K, string>) =>
  Object.entries<string>(texts).map(([value, label]) => ({ value, label }));
export const channelChoices = choices(channelTexts);
export const regionChoices = choices(regionTexts);
