import { afterDownloadActions } from '../../../src/domain/connection';
import type { AccountKindTexts } from '../account/texts';
import { afterDownloadTexts, providerTexts } from './texts';

/** What the form of an incoming connection says beside what all forms of connections do. */
export const formTexts = {
  addTitle: 'Add incoming connection',
  editTitle: 'Edit incoming connection',
  testedHint: 'The mailbox was tested and works.',

  mailSection: 'Mail',
  issueSection: 'Issues',

  folder: 'Folder',
  folderHint: 'Empty means the inbox. Choose one of the server’s folders, or type a path such as Main/Sub.',
  folderPlaceholder: 'Inbox',
  folderLoading: 'Asking the server for its folders…',
  folderNone: 'No folder with that name. Go on typing to use it all the same.',
  folderNeedsServer: 'Fill in host, username and password to see the server’s folders.',
  folderNeedsAccess: 'Authorize access to the mailbox to see its folders.',
  folderFailed: (reason: string) => `The folders could not be listed. ${reason}`,
  folderUse: (path: string) => `Use “${path}”`,
  interval: 'Interval in minutes',
  intervalHint: 'How often the mailbox is polled, 1 to 60.',
  afterDownload: 'After download',
  afterDownloadHint: 'What becomes of a message in the mailbox once its issue exists.',
  deleteWarning: {
    trash: 'Each message is moved to Gmail’s trash as soon as its issue exists. Gmail empties the trash after 30 days.',
    recoverable:
      'Each message is deleted from the mailbox as soon as its issue exists. It can be recovered in Outlook for as long as the organisation keeps it, usually 14 days.',
    final: 'Each message is deleted from the mailbox for good as soon as its issue exists. Nobody can bring it back.',
  },
  pop3Warning:
    'POP3 knows no read marks: every message stays on the server, and Letterbox remembers which ones it has taken. The fuller the mailbox, the longer each poll takes. Empty it from time to time, or choose Delete.',
  moveTo: 'Move to',
  largest: 'Largest mail in MB',
  largestHint: 'A larger message is not downloaded: it is shown under Activity, and stays in the mailbox. 1 to 50.',
} as const;

export const accountTexts: AccountKindTexts = {
  section: 'Mailbox',
  mailboxHint: 'The address of the mailbox. The application opens it without a sign-in; access is checked at once.',
  useShared: 'Use a shared mailbox',
  useSharedHint: 'A mailbox that the account which signs in has full access to.',
  access: 'Access to the mailbox',
  connected: 'Is this the account whose mail shall become issues?',
  connectedOther: (before) =>
    `So far this connection reads ${before}. With another mailbox it begins anew. Is this the account whose mail shall become issues?`,
};

export const providerChoices = Object.entries(providerTexts).map(([value, label]) => ({ value, label }));
export const afterDownloadChoices = afterDownloadActions.map((value) => ({ value, label: afterDownloadTexts[value] }));
/** POP3 has no folders to move to. */
export const pop3AfterDownloadChoices = afterDownloadChoices.filter(({ value }) => value !== 'move');
