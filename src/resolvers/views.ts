import type { ActivityEntry } from '../domain/activity';
import type { AlertSettings } from '../domain/alert';
import type { AlertDelivery } from '../domain/alert-ports';
import type { ConnectionSettings, ConnectionState } from '../domain/connection';
import type { CredentialSettings, SecretExpiry } from '../domain/credential';
import type { Trouble, WaitingReason } from '../domain/cursor';
import type { Expiry } from '../domain/expiry';
import type { OAuthEndpoints } from '../domain/oauth-endpoints';
import type { OutgoingSettings } from '../domain/outgoing';
import type { OutgoingTrouble } from '../domain/outgoing-trouble';
import type { ResultCounts } from '../domain/tally';

/** What the pages may see of each thing: never a secret. */

/**
 * `polling` green, `disabled` grey, `paused` (Jira's hourly quota is spent) blue, `waiting` (mail is held back by an error) and
 * `warning` amber, `failing` and `suspended` red.
 */
export type ConnectionStatus = 'polling' | 'disabled' | 'paused' | 'waiting' | 'warning' | 'failing' | 'suspended';

export interface ConnectionView {
  id: string;
  version: number;
  state: ConnectionState;
  status: ConnectionStatus;
  settings: ConnectionSettings;
  /** Epoch milliseconds; null before the first poll. An idle poll is noted every few minutes only. */
  polledAt: number | null;
  /** Messages that were listed and are not finished. */
  waiting: number;
  /** ... of which so many wait since something went wrong with them; the others are next. */
  heldBack: number;
  /** How many messages were given up and wait for somebody's decision. */
  quarantined: number;
  /** Messages that were given up and that an administrator asked for again: how many are still to be tried. */
  tryingAgain: number;
  /** Why mail that was taken could not be marked, moved or deleted. */
  warning: string | null;
  /** Why the status is not green. */
  trouble: Trouble | null;
  /** What its access depends on and ends soon, or has ended. */
  expiries: Expiry[];
  /** Other connections, in whatever state, that read the same mailbox. */
  alsoReadBy: NamedItem[];
  /** It was polled before: enabling it can go on where it stopped. */
  canContinue: boolean;
  /** The last poll that a person asked for: when it ended (epoch milliseconds), and what became of mail. Null before the first. */
  asked: { at: number; results: ResultCounts } | null;
  /** When it is polled next (epoch milliseconds), as far as that is planned; null where it is not polled. */
  nextPollAt: number | null;
}

/** A message that was listed and is not finished. */
export interface WaitingView {
  connectionId: string;
  handle: string;
  reason: WaitingReason;
  /** Something went wrong with it; else it waits for its turn. */
  isHeldBack: boolean;
  mayTryNow: boolean;
  /** Why, as far as it is known. */
  code: string | null;
  message: string | null;
  /** The mail's own words; null where nothing read it yet. */
  from: string | null;
  subject: string | null;
  size: number | null;
  /** Tries that failed so far. */
  attempts: number;
  /** Epoch milliseconds; null if it is not known. */
  since: number | null;
  /** Epoch milliseconds before which it is not tried; 0: with the next poll. */
  retryAt: number;
}

/** What happened to one message. */
export type ActivityView = Omit<ActivityEntry, 'mailbox'>;

export interface NamedItem {
  id: string;
  name: string;
}
export type ProjectItem = NamedItem & { key: string };

/** An OAuth2 credential, without its secret. */
export interface CredentialView {
  id: string;
  version: number;
  settings: CredentialSettings;
  endpoints: OAuthEndpoints;
  /** To be registered at the provider. */
  callbackUrl: string;
  /** What the provider has in its place, so that nobody can sign in; null where that is the same, or is not known. */
  formerCallbackUrl: string | null;
  /** Names of the connections that use it; while there are any it can't be deleted. */
  usedBy: string[];
  expiry: SecretExpiry | null;
}

export interface OutgoingView {
  id: string;
  version: number;
  enabled: boolean;
  settings: OutgoingSettings;
  /** The protocol of each send is shown until then (epoch milliseconds); null: it is not. */
  debugUntil: number | null;
  /** Why nothing goes out; null while nothing is known. */
  trouble: OutgoingTrouble | null;
  /** What its access depends on and ends soon, or has ended. */
  expiries: Expiry[];
}

/** An alert rule, without its secrets. */
export interface AlertView {
  id: string;
  version: number;
  enabled: boolean;
  settings: AlertSettings;
  /** Where requests go to; empty for email. */
  host: string;
  /** What became of its last message; null before the first. */
  last: AlertDelivery | null;
  /** When a message that failed is tried again (epoch milliseconds); null: nothing waits. */
  retryAt: number | null;
  /** Why its next message can't get out, for people; null while nothing is known. */
  problem: string | null;
}
