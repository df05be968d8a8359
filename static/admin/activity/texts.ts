import type { ActivityResult } from '../../../src/domain/activity';
import type { AfterDownload } from '../../../src/domain/connection';
import type { StepFacts } from '../../../src/domain/steps';

/** What the screen of the activity log says. */
export const resultTexts: Readonly<Record<ActivityResult, string>> = {
  created: 'Issue created',
  failed: 'Tried again soon',
  quarantined: 'Quarantined',
  dismissed: 'Dismissed',
  gone: 'Gone',
  changed: 'Settings changed',
  skipped: 'Skipped',
};

/** What each result means for the mail. */
export const resultMeanings: Readonly<Record<ActivityResult, string>> = {
  created: 'The mail became an issue.',
  failed: 'It did not work, and is tried again by itself.',
  quarantined: 'The mail was given up. It is still in the mailbox, and waits for your decision.',
  dismissed: 'The mail was given up, and somebody decided to leave it in the mailbox.',
  gone: 'The mail left the mailbox before it could be taken.',
  changed: 'Somebody changed a setting. No mail was taken.',
  skipped: 'The mail is not meant to become an issue.',
};

/** What to do about a reason, by its code. */
export const remedies: Readonly<Record<string, string>> = {
  'mail-too-large': 'To take it, raise “Largest mail in MB” of the connection, then reprocess the mail.',
  'mail-ends-runs':
    'Look at the mail with a mail program. If it is very large or broken, make the issue by hand and dismiss the mail here.',
  'mail-withheld':
    'Look at the mail with a mail program. If it can be read there, move it out and back, then reprocess it.',
};

/** Days; an empty period is all that is kept. */
export const periods = ['1', '7', '30', ''] as const;
export type Period = (typeof periods)[number];
export const periodTexts: Readonly<Record<Period, string>> = {
  '1': 'Last 24 hours',
  '7': 'Last 7 days',
  '30': 'Last 30 days',
  '': 'All that is kept',
};

export const listTexts = {
  title: 'Activity',
  loading: 'Loading the activity log',
  loadFailed: 'The activity log could not be loaded',
  retry: 'Load again',
  moreFailed: 'More mail could not be loaded',
  noneTitle: 'No activity',
  none: 'Each mail that Letterbox takes or gives up appears here, and each change of a setting.',
  emptyTitle: 'Nothing fits these filters',
  empty: 'Choose a longer period, or other filters.',
  resetFilters: 'Reset the filters',
  connection: 'Connection',
  anyConnection: 'All connections',
  deletedConnection: 'Deleted connection',
  result: 'Result',
  anyResult: 'All results',
  period: 'Period',
  text: 'Text',
  textHint: 'Sender, subject, message id or issue',
  columns: { at: 'When', from: 'From', subject: 'Subject', connection: 'Connection', result: 'Result', issue: 'Issue' },
  more: 'Load more',
  searchMore: 'Search further back',
  searchedUntil: (moment: string) => `Searched back to ${moment}.`,
  nothingUntil: (moment: string) => `Nothing was found back to ${moment}. Older entries are not searched yet.`,
  end: 'That is all.',
  noSubject: '(no subject)',
  notDownloaded: '(not downloaded)',
  reprocessAll: 'Reprocess all',
  allAsked: (count: number, more: boolean) => {
    if (count === 0) return 'No mail was asked for';
    const mails = `${more ? 'More than ' : ''}${count.toLocaleString('en')} mails are`;
    return `${count === 1 ? 'One mail is' : mails} tried again now`;
  },
  allAskedHint: (count: number) =>
    count === 0
      ? 'What is in this quarantine came from another mailbox or folder than the connection reads now.'
      : 'The page of the connection says how many are left.',
  allFailed: 'The mail could not be reprocessed',
} as const;

export const retentionTexts = {
  kept: (days: number) => (days === 1 ? 'Entries are kept for one day' : `Entries are kept for ${days} days`),
  title: 'How long entries are kept',
  days: 'Days that entries are kept',
  hint: '1 to 365.',
  shorter:
    'A shorter time hides entries that are older at once; Forge’s storage removes them when their earlier time is over.',
  longer:
    'A longer time holds for new entries. Those that are there already go when the time is over that was set when they came.',
  quarantine:
    'Mail in quarantine stays listed until you reprocess or dismiss it, at most a year. Changes of settings are kept for a year, whatever is set here. Charts always reach back 30 days.',
  save: 'Save',
  cancel: 'Cancel',
  saved: (days: number) => (days === 1 ? 'Entries are kept for one day now' : `Entries are kept for ${days} days now`),
  saveFailed: 'The time could not be saved',
} as const;

export const entryTexts = {
  result: 'Result',
  reason: 'Why',
  remedy: 'What to do',
  from: 'From',
  by: 'By',
  formerUser: 'Former user',
  subject: 'Subject',
  connection: 'Connection',
  at: 'When',
  took: 'Took',
  triesBefore: 'Tries that failed before',
  steps: 'What was done, step by step',
  size: 'Size',
  messageId: 'Message ID',
  issue: (key: string) => `Open ${key}`,
  download: 'Download .eml',
  reprocess: 'Reprocess',
  dismiss: 'Dismiss',
  close: 'Close',
  downloadFailed: 'The mail could not be downloaded',
  asked: 'The mail is tried again now',
  askedHint: 'The list shows what comes of it.',
  reprocessFailed: 'The mail could not be reprocessed',
  dismissTitle: 'Dismiss this mail?',
  dismissText:
    'It stays in the mailbox and in this list, but becomes no issue, and the connection no longer asks for your attention because of it.',
  dismissed: 'The mail is dismissed',
  dismissFailed: 'The mail could not be dismissed',
  milliseconds: (ms: number) => (ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`),
  bytes: (bytes: number) => {
    if (bytes < 1_024) return `${bytes} bytes`;
    const kilobytes = bytes / 1_024;
    return kilobytes < 1_024 ? `${Math.round(kilobytes)} KB` : `${(kilobytes / 1_024).toFixed(1)} MB`;
  },
} as const;

const afterwards: Readonly<Record<AfterDownload, string>> = {
  'mark-read': 'Handed over to be marked as read',
  delete: 'Handed over to be deleted from the mailbox',
  move: 'Handed over to be moved to its folder',
};

const files = (count: number) => (count === 1 ? 'one file' : `${count} files`);

/** What a step did. */
export function stepText(step: StepFacts): string {
  switch (step.step) {
    case 'downloaded':
      return `Downloaded ${entryTexts.bytes(step.bytes)}`;
    case 'read':
      return 'Read';
    case 'claimed':
      return step.takenOver ? 'Taken over from a run that was ended' : 'Claimed, so that no other run takes it';
    case 'created':
      return `Created ${step.issueKey}`;
    case 'adopted':
      return `Went on with ${step.issueKey}, which an earlier run had created`;
    case 'attached':
      return step.refused === 0
        ? `Attached ${files(step.files)}`
        : `Attached ${files(step.files)}; Jira refused ${files(step.refused)}`;
    case 'handed-over':
      return afterwards[step.action];
    case 'failed':
      return 'Failed';
    case 'given-up':
      return 'Given up';
  }
}
