import type { StartEstimate } from '../../../src/domain/start';

/** Every word of the dialog that enables a connection. */
export const enableTexts = {
  title: (name: string) => `Enable ${name}`,
  searching: 'Searching for new messages…',
  question: 'Which mail becomes issues?',
  starts: {
    continue: 'Go on where it stopped',
    now: 'Only mail that arrives from now on',
    unread: 'Unread mail, and what arrives from now on',
    since: 'Mail received since a date, and what arrives from now on',
    everything: 'Everything in the folder, and what arrives from now on',
  },
  everythingInMailbox: 'Everything in the mailbox, and what arrives from now on',
  date: 'Received since',
  dateHint: 'From the beginning of that day in your time zone.',
  noDay: 'Enter a date.',
  futureDay: 'Enter a day that is not in the future.',
  ancientDay: 'Enter a later day.',
  waiting: 'Not counted yet',
  counting: 'Being counted…',
  notCounted: 'Could not be counted',
  unavailable: (reason: string) => `Not available. ${reason}`,
  count: (count: number) => (count === 1 ? '1 message' : `${count.toLocaleString('en')} messages`),
  confidence: {
    exact: ', counted exactly',
    estimate: ', an estimate',
    unknown: ', but that is uncertain',
  },
  known: (reached: number, taken: number, left: number, fresh: number, hasFolders: boolean) =>
    [
      `${reached.toLocaleString('en')} in the ${hasFolders ? 'folder' : 'mailbox'}`,
      taken > 0 && `${taken.toLocaleString('en')} already taken`,
      left > 0 && `${left.toLocaleString('en')} skipped or given up before`,
      `${fresh.toLocaleString('en')} new`,
    ]
      .filter(Boolean)
      .join(', '),
  uncounted: 'The server does not say how many messages',
  doubts: { estimate: 'This count is an estimate', unknown: 'This count is uncertain' },
  previewTitle: (shown: number, count: number | null) =>
    count !== null && shown >= count
      ? shown === 1
        ? 'This message becomes an issue:'
        : `These ${shown} messages become issues:`
      : `The first ${shown} of them, oldest first:`,
  previewing: 'Loading the first messages',
  previewFailed: 'The first messages could not be shown',
  previewAgain: 'Try again',
  columns: { received: 'Received', from: 'From', subject: 'Subject', mail: 'Message' },
  noDate: 'Not told',
  noSender: 'No sender',
  noSubject: 'No subject',
  acknowledge: (count: number | null) =>
    count === null
      ? 'I understand that Letterbox creates issues from mail that is in the mailbox already, and that nobody knows how many.'
      : count === 1
        ? 'I understand that Letterbox creates an issue from 1 message that is in the mailbox already.'
        : `I understand that Letterbox creates issues from ${count.toLocaleString('en')} messages that are in the mailbox already.`,
  failed: 'The messages could not be counted',
  retry: 'Count again',
  enableFailed: 'The connection could not be enabled',
  confirm: 'Enable',
  cancel: 'Cancel',
  done: (name: string) => `${name} is enabled`,
  doneHint: (minutes: string) => `It is polled every ${minutes}.`,
} as const;

const count = (number: number) => (number === 1 ? '1 message' : `${number.toLocaleString('en')} messages`);

/** How many messages of the mailbox it concerns, and how sure that is. */
function settledMessages({ settled, confidence }: StartEstimate): string {
  if (settled === null) return 'an unknown number of messages';
  return confidence === 'exact' ? count(settled) : `about ${count(settled)}`;
}
const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
const isOne = ({ settled }: StartEstimate) => settled === 1;

const takenBefore = ({ taken }: StartEstimate) =>
  taken === 0
    ? ''
    : ` That includes ${taken.toLocaleString('en')} taken before, which ${taken === 1 ? 'becomes' : 'become'} no second issue.`;

export interface DeletionWords {
  done: string;
  hint: string;
}

/** What happens to the mail in the mailbox. */
export const effectTexts = {
  stays: 'In the mailbox nothing changes: POP3 has no read marks, and mail stays there.',
  markRead: (estimate: StartEstimate) =>
    estimate.settled === 0
      ? 'In the mailbox, each mail is marked as read once its issue exists.'
      : `In the mailbox, ${settledMessages(estimate)} will be marked as read.${takenBefore(estimate)}`,
  move: (estimate: StartEstimate, folder: string) =>
    estimate.settled === 0
      ? `In the mailbox, each mail is moved to “${folder}” once its issue exists.`
      : `In the mailbox, ${settledMessages(estimate)} will be moved to “${folder}”.${takenBefore(estimate)}`,
  deletions: {
    trash: {
      done: 'moved to Gmail’s trash',
      hint: 'Gmail empties the trash after 30 days. Until then the mail can be taken out of it.',
    },
    recoverable: {
      done: 'deleted',
      hint: 'Deleted mail can be recovered in Outlook for as long as the organisation keeps it, usually 14 days.',
    },
    final: { done: 'deleted for good', hint: 'The mail server keeps no copy: nobody can bring this mail back.' },
  } satisfies Record<string, DeletionWords>,
  deletesLater: ({ done }: DeletionWords) =>
    `No mail that is in the mailbox now is deleted. Each mail that arrives is ${done} once its issue exists.`,
  deletes: (estimate: StartEstimate, { done }: DeletionWords) =>
    `${capital(settledMessages(estimate))} will be ${done}`,
  afterIssues: ({ count: fresh, taken, left }: StartEstimate) =>
    [
      fresh === null
        ? 'After their issues are created.'
        : fresh === 0
          ? 'No issue is created of them.'
          : `After ${fresh === 1 ? '1 issue is' : `${fresh.toLocaleString('en')} issues are`} created.`,
      taken > 0 &&
        `${taken.toLocaleString('en')} of these ${taken === 1 ? 'was' : 'were'} taken before: ${taken === 1 ? 'it becomes' : 'they become'} no second issue, and ${taken === 1 ? 'is' : 'are'} deleted all the same.`,
      left > 0 &&
        `${count(left)} that ${left === 1 ? 'was' : 'were'} skipped or given up before ${left === 1 ? 'stays' : 'stay'} in the mailbox.`,
    ].filter((line) => line !== false),
  acknowledge: (estimate: StartEstimate, { done }: DeletionWords) =>
    `I understand that ${settledMessages(estimate)} ${isOne(estimate) ? 'is' : 'are'} ${done}, and so is each mail that arrives later, once its issue exists.`,
} as const;
