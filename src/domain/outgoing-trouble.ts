import type { AppError } from './app-error';

/** Why nothing goes out through a connection, since its first failed send after one that worked. */
export interface OutgoingTrouble {
  /** Of the last failure. */
  code: string;
  /** What happened, why, and what to do. */
  message: string;
  /** Epoch milliseconds. */
  since: number;
}

export interface OutgoingTroubles {
  get(connectionId: string): Promise<OutgoingTrouble | null>;
  /** Those of these connections that have any. */
  getMany(connectionIds: readonly string[]): Promise<Map<string, OutgoingTrouble>>;
  put(connectionId: string, trouble: OutgoingTrouble): Promise<void>;
  remove(connectionId: string): Promise<void>;
}

/** What a server says about a mail only, and never while somebody tests the way to it. */
const shownByMailOnly: readonly string[] = [
  'sender-refused',
  'sending-blocked',
  'relay-refused',
  'sign-in-required',
  'rate-limited',
  'throttled',
  'server-busy',
];

/** Whether a test of the connection that succeeds shows that a trouble is over; else it takes a mail that goes out. */
export const endsWithTest = ({ code }: OutgoingTrouble): boolean => !shownByMailOnly.includes(code);

/** What is wrong with one mail, or with one of its recipients, says nothing of the way out. */
export const isOfOneMail = ({ kind, code }: Pick<AppError, 'kind' | 'code'>): boolean =>
  kind === 'message' || kind === 'input' || ['greylisted', 'mail-deferred', 'mailbox-unavailable'].includes(code);
