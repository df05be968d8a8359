import type { WaitingReason } from '../../../src/domain/cursor';

const mails = (count: number) => (count === 1 ? '1 mail' : `${count.toLocaleString('en')} mails`);

/** Every word about mail that waits. */
export const waitingTexts = {
  section: 'Mail that waits',
  loading: 'Loading the mail that waits',
  loadFailed: 'The mail that waits could not be loaded',
  retry: 'Load again',
  heldBack: (count: number) =>
    `${mails(count)} could not be taken yet. ${count === 1 ? 'It stays' : 'They stay'} in the mailbox, and Letterbox tries again by itself.`,
  next: (count: number) =>
    `${mails(count)} ${count === 1 ? 'is' : 'are'} next: polls are on their way to ${count === 1 ? 'it' : 'them'}.`,
  listed: (count: number) => `The ${count} that are tried first are listed.`,
  columns: { mail: 'Mail', reason: 'Why it waits', retryAt: 'Next try', connection: 'Connection', action: 'Action' },
  notRead: '(not read yet)',
  noSubject: '(no subject)',
  nextPoll: 'With the next poll',
  since: 'Since',
  attempts: (count: number) => (count === 1 ? '1 try failed' : `${count} tries failed`),
  tryNow: 'Try now',
  tryNowOf: (subject: string) => `Try now: ${subject}`,
  tryAll: 'Try all now',
  asked: (count: number) => (count === 1 ? 'The mail is tried now' : `${mails(count)} are tried now`),
  askedHint: 'The list shows what comes of it.',
  tooEarly: (count: number) =>
    `${mails(count)} ${count === 1 ? 'keeps its' : 'keep their'} time: whether the issue exists already must be known first.`,
  failed: 'The mail could not be tried',
} as const;

/** Where nothing is stored of why a message waits: cursors of earlier versions, and runs that ended in the middle. */
export const reasonTexts: Readonly<Record<WaitingReason, string>> = {
  budget: 'A poll was ended in the middle of it.',
  claimed: 'A poll was ended in the middle of it, or Jira did not answer.',
  failed: 'The last try failed.',
  missing: 'The mail server said that it is not there. Letterbox asks once more before it believes that.',
  settle: 'Its issue is there; marking, moving or deleting it in the mailbox failed.',
};
export const claimedText =
  'Its issue may exist already: until Jira’s search would show it, another try could make a second one.';
