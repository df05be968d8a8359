import * as z from 'zod';
import type { Address, Message } from './message';
import type { Step } from './steps';
import { cutText, singleLine } from './text';

/**
 * What became of a message. `failed`: it is tried again by itself. `quarantined`: given up until an administrator decides.
 * `dismissed`: an administrator decided to leave it. `gone`: it left the mailbox before it could be taken. `skipped`: it was
 * not to become an issue. `changed`: no mail at all, but somebody changed a setting.
 */
export const activityResults = ['created', 'failed', 'quarantined', 'dismissed', 'gone', 'skipped', 'changed'] as const;
export type ActivityResult = (typeof activityResults)[number];

/** What happened to one message. There is one entry a message: a later result takes the place of an earlier one. */
export interface ActivityEntry {
  /** Made from the message, so that whoever lists it again after a crash writes the same entry. */
  id: string;
  connectionId: string;
  /** Epoch milliseconds of the result. */
  at: number;
  result: ActivityResult;
  /** Sender as the mail names it, and subject: cut to a line, not to be trusted. Null where nothing was downloaded. */
  from: string | null;
  subject: string | null;
  messageId: string | null;
  issueKey: string | null;
  /** Why it was not taken; null where it was. `reason` is in plain words. */
  code: string | null;
  reason: string | null;
  /** The mailbox (`mailboxIdentity`), and the message's name in it. */
  mailbox: string;
  handle: string;
  /** Bytes, as far as known. */
  size: number | null;
  /** Milliseconds that the last try took. */
  tookMs: number;
  /** Jira account id of whoever dismissed the mail or changed the setting; null: the account was closed, and its id erased. */
  by?: string | null | undefined;
  /** What the last try did; absent in entries of older versions. */
  steps?: Step[] | undefined;
  /** Tries that failed before; absent in entries of older versions. */
  triesBefore?: number | undefined;
}

/** Days that entries of mail are kept. Mail in quarantine stays listed until somebody decides, for as long as anything is stored. */
export const activityDays = z
  .number('Enter a number of days.')
  .int('Enter whole days.')
  .min(1, 'Enter at least 1 day.')
  .max(365, 'Enter at most 365 days.');
export const defaultActivityDays = 30;
/**
 * Days that changes of settings are kept, whatever is set for mail: whoever made a change must not be able to have it forgotten.
 * It is the platform's longest TTL.
 */
export const changeDays = 365;

const fromChars = 320;
const subjectChars = 255;
const messageIdChars = 500;

export type ActivityFacts = Pick<ActivityEntry, 'from' | 'subject' | 'messageId'>;
export const noFacts: ActivityFacts = { from: null, subject: null, messageId: null };

/** What an entry says of the mail itself: one line each, cut. */
export function activityFacts({
  from,
  subject,
  messageId,
}: Pick<Message, 'from' | 'subject' | 'messageId'>): ActivityFacts {
  return {
    from: from === null ? null : cutText(singleLine(senderOf(from)), fromChars),
    subject: cutText(singleLine(subject), subjectChars),
    messageId: messageId === null ? null : cutText(singleLine(messageId), messageIdChars),
  };
}

/** Name and address, or the one that the mail says. */
function senderOf({ name, address }: Address): string {
  if (name === '' || address === '') return name || address;
  return `${name} <${address}>`;
}

/** Whether each word of a search is somewhere in sender, subject, message id or issue key, whatever its case. */
export function matchesText(entry: ActivityEntry, text: string): boolean {
  const { from, subject, messageId, issueKey } = entry;
  const searched = [from, subject, messageId, issueKey].join('\n').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => searched.includes(word));
}
