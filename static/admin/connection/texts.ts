/** Every word of the page of an incoming connection. */

export const pageTexts = {
  title: 'Incoming connection',
  back: 'Incoming connections',
  loading: 'Loading the connection',
  loadFailed: 'The connection could not be loaded',
  retry: 'Try again',
} as const;

export const statusTexts = {
  section: 'Status',
  polling: (interval: string) => `Letterbox looks for new mail every ${interval}.`,
  firstPoll: 'Enabled; the first poll is under way.',
  warning: 'Mail is taken, but something needs a look.',
  failing: 'Polling does not work at the moment. Letterbox tries again by itself.',
  suspended: 'Nothing is polled until an administrator has put this right. Mail waits in the mailbox meanwhile.',
  disabled: 'Nothing is polled. Mail waits in the mailbox until the connection is enabled again.',
  neverEnabled:
    'This connection has not been enabled yet. When you enable it, you choose from where on mail becomes issues.',
  lastPoll: 'Last poll',
  never: 'Never',
  pollingNow: 'Polling now',
  waiting: 'Waiting',
  quarantine: 'Quarantined',
  troubleTitle: { failing: 'The last poll failed', suspended: 'The connection is suspended' },
  step: 'Failed step',
  since: 'Since',
  failures: 'Failed polls in a row',
  nextTry: 'Next try',
  noNextTry: 'None, until an administrator enables the connection again',
  nextPoll: 'With the next poll',
  edit: 'Edit the connection',
  test: 'Test the connection',
  warningTitle: 'Mail that was taken could not be put away',
  quarantinedTitle: (count: number) =>
    count === 1 ? 'One message was given up' : `${count.toLocaleString('en')} messages were given up`,
  quarantined: (count: number) =>
    count === 1
      ? 'It is still in the mailbox, and no issue was made of it.'
      : 'They are still in the mailbox, and no issues were made of them.',
  showQuarantined: 'Show what was given up',
} as const;

export const settingsTexts = {
  section: 'Settings',
  provider: 'Service provider',
  host: 'Host',
  username: 'Username',
  sharedMailbox: 'Shared mailbox',
  folder: 'Folder',
  inbox: 'Inbox',
  interval: 'Interval',
  afterDownload: 'After download',
  moveTo: (folder: string) => `Move to ${folder}`,
  target: 'Issues',
  targetOf: (project: string, issueType: string) => `${issueType} in ${project}`,
  unknownProject: (id: string) => `project ${id}`,
  unknownType: (id: string) => `Issue type ${id}`,
  largestMail: 'Largest mail',
  megabytes: (count: number) => `${count} MB`,
} as const;
