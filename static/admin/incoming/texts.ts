import type { AfterDownload, Provider } from '../../../src/domain/connection';
import type { ConnectionStatus, ConnectionView } from '../../../src/resolvers/views';

/** Every word of the screens about incoming connections. */

export const statusTexts: Record<ConnectionStatus, string> = {
  polling: 'Polling',
  disabled: 'Disabled',
  paused: 'Jira’s quota is used up',
  waiting: 'Mail waits',
  warning: 'Warning',
  failing: 'Failing',
  suspended: 'Suspended',
};

/** The status as people read it: what waits is counted. */
export const statusText = ({ status, heldBack }: Pick<ConnectionView, 'status' | 'heldBack'>): string =>
  status !== 'waiting'
    ? statusTexts[status]
    : heldBack === 1
      ? '1 mail waits'
      : `${heldBack.toLocaleString('en')} mails wait`;

export const quotaTexts = {
  title: (time: string) => `Jira’s hourly quota for apps is used up; polls go on at ${time}`,
  explanation:
    'Each hour Jira answers an app a limited number of calls, for all its customers together. Nothing is wrong with the connections, and nothing is lost: mail waits in the mailboxes and is taken then.',
};

export const providerTexts: Record<Provider, string> = {
  imap: 'IMAP',
  pop3: 'POP3',
  google: 'Google OAuth2',
  'microsoft-imap': 'Microsoft 365 IMAP (OAuth2)',
  'microsoft-graph': 'Microsoft 365 Graph API (OAuth2)',
};

export const afterDownloadTexts: Record<AfterDownload, string> = {
  'mark-read': 'Mark as read',
  delete: 'Delete',
  move: 'Move to folder',
};

export const listTexts = {
  title: 'Incoming connections',
  add: 'Add connection',
  loading: 'Loading the connections',
  loadFailed: 'The connections could not be loaded',
  retry: 'Try again',
  search: 'Search connections',
  noMatch: (search: string) => `No connection matches “${search}”.`,
  emptyTitle: 'No mailbox is connected yet',
  empty:
    'Connect a mailbox, and each mail that arrives there becomes an issue. For IMAP or POP3 you need the address of the mail server, a user name and a password; for Google and Microsoft 365 an OAuth2 credential.',
  columns: {
    name: 'Name',
    description: 'Description',
    provider: 'Provider',
    host: 'Host',
    username: 'Username',
    interval: 'Interval',
    status: 'Status',
    lastPoll: 'Last poll',
    lastDay: 'Last 24 h',
    waiting: 'Waiting',
    actions: 'Actions',
  },
  minutes: (count: number) => (count === 1 ? '1 minute' : `${count} minutes`),
  /** Completes "every …". */
  everyMinutes: (count: number) => (count === 1 ? 'minute' : `${count} minutes`),
  never: 'Never',
  noMailToday: 'None',
  mostInAnHour: (count: number) => `Mail of the last 24 hours, at most ${count} in an hour`,
  polling: 'Polling now',
  showTrouble: (status: string, name: string) => `${status}: why ${name} needs attention`,
  actions: (name: string) => `Actions for ${name}`,
  disabled: (name: string) => `${name} is disabled`,
  duplicated: (name: string) => `${name} was created as a disabled copy`,
  duplicatedHint: 'It has no access yet: authorize it before you enable it.',
  deleted: (name: string) => `${name} is deleted`,
  polled: (name: string) => `${name} was polled`,
  polledFor: {
    nothing: 'No new mail.',
    created: (count: number) => (count === 1 ? '1 issue created' : `${count.toLocaleString('en')} issues created`),
    skipped: (count: number) => `${count.toLocaleString('en')} skipped`,
    quarantined: (count: number) => `${count.toLocaleString('en')} quarantined`,
    gone: (count: number) => `${count.toLocaleString('en')} gone from the mailbox`,
    heldBack: (count: number) => (count === 1 ? '1 mail waits' : `${count.toLocaleString('en')} mails wait`),
    next: (count: number) => `${count.toLocaleString('en')} next`,
  },
  pollFailed: (name: string) => `${name} could not be polled`,
  pollLate: (name: string) => `The poll of ${name} is not over yet`,
  pollLateHint: (minutes: number) =>
    `While another poll of this connection runs, Forge puts a new one off: by 5 seconds first, then for longer each time, ${minutes} minutes at most. The result is shown here as soon as there is one.`,
  askedFor: 'Asked for',
  actionFailed: (action: string, name: string) => `${action} did not work for ${name}`,
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleteText: (name: string) =>
    `Letterbox forgets ${name}, its password or authorization, and how far it had read. The mail in the mailbox and the issues made from it stay.`,
} as const;

/** How many names a sentence holds. */
const mostNames = 3;

/** That a mailbox is read by more connections than one. */
export const sharedTexts = {
  title: 'The mailbox is read twice',
  /** @param others names of the other connections that read it */
  warning: (others: readonly string[]) => {
    const names = others.slice(0, mostNames).map((name) => `“${name}”`);
    if (others.length > mostNames) names.push(`${(others.length - mostNames).toLocaleString('en')} more`);
    const one = others.length === 1;
    const set = `${new Intl.ListFormat('en').format(names)} ${one ? 'is' : 'are'} set to this mailbox too.`;
    return `${set} Each mail becomes an issue in every one that is enabled. Enable only one of them to get one issue for each mail.`;
  },
} as const;

export const actionTexts = {
  edit: 'Edit',
  test: 'Test',
  enable: 'Enable',
  disable: 'Disable',
  pollNow: 'Poll now',
  activity: 'Activity',
  protocol: 'Protocol log',
  duplicate: 'Duplicate',
  delete: 'Delete',
} as const;
export type ConnectionAction = keyof typeof actionTexts;
