import type { AlertChannel, AlertSecret } from './alert';
import type { Noted, Notice } from './notice';

/** What became of a rule's last message. */
export interface AlertDelivery {
  /** Epoch milliseconds. */
  at: number;
  /**
   * - `sent`: the other side took it.
   * - `unclear`: no answer came, so that it may have arrived; it is not sent again.
   * - `failed`: it certainly did not arrive; it is tried again.
   */
  outcome: 'sent' | 'unclear' | 'failed';
  /** What went wrong, for people; empty when nothing did. */
  message: string;
}

/** What a rule has told, and how that went. */
export interface Ledger {
  /** Grows by one with each write; a write over another version is refused. 0: nothing is stored yet. */
  version: number;
  noted: Noted[];
  /** A run began to send at that time (epoch milliseconds) and has not noted the end of it; 0: none. */
  sendingSince: number;
  last: AlertDelivery | null;
  /** Tries of the present message that failed, and when the next one is due (epoch milliseconds). */
  failures: number;
  retryAt: number;
  /** The version of the rule that failed: another one is tried at once. */
  ruleVersion: number;
}

export const emptyLedger: Ledger = {
  version: 0,
  noted: [],
  sendingSince: 0,
  last: null,
  failures: 0,
  retryAt: 0,
  ruleVersion: 0,
};

export interface Ledgers {
  /** Those of these rules; an empty one for a rule that never told anything. */
  getMany(alertIds: readonly string[]): Promise<Map<string, Ledger>>;
  /** Writes it as the next version and returns that; null when somebody else was faster. Exactly one of any number of callers wins. */
  put(alertId: string, ledger: Ledger): Promise<Ledger | null>;
  remove(alertId: string): Promise<void>;
}

/** What rules post with, by `secretIdOf` the rule. */
export interface AlertSecrets {
  get(secretId: string): Promise<AlertSecret | null>;
  set(secretId: string, secret: AlertSecret): Promise<void>;
  remove(secretId: string): Promise<void>;
}

/** Channels that are an HTTPS request. */
export type PostedChannel = Exclude<AlertChannel, { type: 'email' }>;

/**
 * Posts a notice to a chat, an incident service or a custom address, and returns the other side's answer, as text of at most
 * 200 characters.
 * @throws AppError `transient` (busy, unreachable), `access` (URL or key refused, host not allowed), `bug`; `uncertain` when it may
 * have arrived all the same
 */
export type PostNotice = (channel: PostedChannel, secret: AlertSecret, notice: Notice) => Promise<{ reply: string }>;
