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
  waiting: 'The mailbox is polled, but some of its mail could not be taken yet. It is listed below.',
  paused: 'No mail is taken until Jira answers apps again. It waits in the mailbox meanwhile.',
  failing: 'Polling does not work at the moment. Letterbox tries again by itself.',
  suspended: 'Nothing is polled until an administrator has put this right. Mail waits in the mailbox meanwhile.',
  disabled: 'Nothing is polled. Mail waits in the mailbox until the connection is enabled again.',
  neverEnabled:
    'This connection has not been enabled yet. When you enable it, you choose from where on mail becomes issues.',
  lastPoll: 'Last poll',
  never: 'Never',
  pollingNow: 'Polling now',
  askedFor: 'Asked for, and not over yet: while another poll runs, Forge puts a new one off',
  notEach: (minutes: number) =>
    `A poll that finds nothing is noted every ${minutes} minutes only, unless somebody asks for it.`,
  nextPollAt: 'Next poll',
  now: 'Now',
  heldBack: 'Held back by an error',
  next: 'Next in turn',
  quarantine: 'Quarantined',
  tryingAgain: 'Being reprocessed',
  messagesLeft: (count: number) => (count === 1 ? '1 message left' : `${count.toLocaleString('en')} messages left`),
  troubleTitle: {
    failing: 'The last poll failed',
    refused: 'Access was refused',
    suspended: 'The connection is suspended',
    stopped: 'A change of the settings disabled the connection',
  },
  refused:
    'Some servers refuse a right password for a while, so Letterbox tries again. It suspends the connection at the third refusal over at least ten minutes.',
  stopped: 'The settings were saved, but the test of them failed. Correct them, then enable the connection.',
  step: 'Failed step',
  since: 'Since',
  failures: 'Failed polls in a row',
  nextTry: 'Next try',
  noNextTry: 'None, until an administrator enables the connection again',
  edit: 'Edit the connection',
  test: 'Test the connection',
  authorize: 'Authorize again',
  newSecret: 'Enter a new client secret',
  expiryTitle: {
    secret: { soon: 'The client secret expires soon', expired: 'The client secret has expired' },
    'sign-in': { soon: 'The access to the mailbox ends soon', expired: 'The access to the mailbox has ended' },
  },
  protocol: 'See the protocol log',
  warningTitle: 'Mail that was taken could not be put away',
  quarantinedTitle: (count: number) =>
    count === 1 ? 'One message is in quarantine' : `${count.toLocaleString('en')} messages are in quarantine`,
  quarantined: (count: number) =>
    count === 1
      ? 'Letterbox gave it up: it is still in the mailbox, and no issue was made of it.'
      : 'Letterbox gave them up: they are still in the mailbox, and no issues were made of them.',
  showQuarantined: 'Show the quarantine',
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
  access: 'Access',
  accessOf: {
    google:
      'Until somebody ends it at Google. If it was given for a limited time, Letterbox warns before that is over.',
    microsoft:
      'Until somebody ends it at Microsoft, which does not say when it ends. The connection is suspended then, and says so.',
  },
  largestMail: 'Largest mail',
  megabytes: (count: number) => `${count} MB`,
} as const;

export const protocolTexts = {
  section: 'Protocol log',
  explained:
    'What Letterbox and the mail server say to each other in polls and tests: without passwords, and of mails only how large they are. The log switches itself off after 15 minutes, and is forgotten after a day.',
  loading: 'Loading the protocol log',
  loadFailed: 'The protocol log could not be loaded',
  retry: 'Try again',
  switchOn: 'Switch on for 15 minutes',
  switchOff: 'Switch off',
  off: 'Off',
  left: (ms: number) => `On for another ${minutesAndSeconds(ms)}`,
  switchFailed: (name: string) => `The protocol log of ${name} could not be switched`,
  empty: 'Nothing is logged. Switch the log on, then choose “Poll now”.',
  waiting: 'The log is on, and shows the next poll. Choose “Poll now” to see one at once.',
  notEnabled:
    'Nothing is logged. Only a connection that is enabled is polled: switch the log on, then enable or test it.',
  cut: 'Older lines made room for these.',
  copy: 'Copy',
  copied: 'Copied',
  selected: 'The log is selected',
  selectedHint: 'The browser does not let this page copy. Copy it with the keyboard.',
  download: 'Download',
  fileName: (now: Date) => `protocol-${now.toISOString().slice(0, 19).replaceAll(':', '-')}.txt`,
  clear: 'Clear',
  clearTitle: 'Clear the protocol log?',
  clearText: 'The lines that were logged so far are deleted. Whether the log is on does not change.',
  clearFailed: (name: string) => `The protocol log of ${name} could not be cleared`,
} as const;

/** "14:07". */
function minutesAndSeconds(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
