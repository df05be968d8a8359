import type { AfterDownload, Connection, ConnectionSettings, ConnectionState } from './connection';
import type { Cursor } from './cursor';
import type { Entities } from './entity';
import type { Attachment, Message } from './message';
import type { LogLine } from './protocol';
import type { Known, Origin, Receipt } from './receipt';
import type { Estimate, Preview, Start } from './start';

/** The steps of reaching a mailbox, in their order. A failure names its step. */
export const checkSteps = ['lookup', 'connect', 'tls', 'sign-in', 'folder', 'count'] as const;
export type CheckStepName = (typeof checkSteps)[number];

export interface CheckStep {
  step: CheckStepName;
  ok: boolean;
  /** Milliseconds. */
  took: number;
  /** What was found ("TLSv1.3, imap.example.com, valid until 2027-01-31"), or what went wrong, why, and what to do. */
  message: string;
  /** The server's own words, at most 200 characters. */
  detail: string | null;
}

/** Steps up to the first that failed; all of them when the mailbox is fine. */
export interface CheckReport {
  ok: boolean;
  steps: CheckStep[];
  /** `unread` is null where the server knows no read marks. */
  messages: { total: number; unread: number | null } | null;
}

export interface Folder {
  /** As settings name it: levels separated by "/". */
  path: string;
  /** False for a node that only holds other folders. */
  selectable: boolean;
}

/** A message that is in the mailbox and was not listed before. */
export interface Arrival {
  /** Names the message in its mailbox for good; never reused for another one. Opaque to all but the adapter. */
  handle: string;
  /** Bytes, as the server says; null if it does not. A claim, not a fact. */
  size: number | null;
  /** Epoch milliseconds; null if the server does not tell. */
  receivedAt: number | null;
  /** Null if the server has no such flag. */
  unread: boolean | null;
}

export interface Listing {
  /** Oldest first. */
  arrivals: Arrival[];
  /** Where to go on: every arrival up to here is in this listing, or was in an earlier one. */
  position: string | null;
  /** There are more right now. */
  more: boolean;
  /** The server no longer knew our position (new UIDVALIDITY): everything is listed again. */
  reset: boolean;
}

export type Fetched =
  | { handle: string; outcome: 'raw'; raw: Uint8Array }
  | { handle: string; outcome: 'gone' }
  | { handle: string; outcome: 'too-large'; size: number };

export type Settled =
  | { handle: string; outcome: 'settled' | 'gone' }
  /** The message is as it was, or was only flagged as deleted; `message` says why, for people. */
  | { handle: string; outcome: 'refused'; message: string };

/**
 * One mailbox of one provider. No flag changes but by `settle`.
 * Every method @throws AppError `transient` (unreachable, busy, cut), `access` (sign-in, certificate, folder).
 */
export interface Mailbox {
  /** Walks the steps to the mailbox. What the server does wrong is in the report, not thrown. */
  check(): Promise<CheckReport>;
  /** The folders that mail can be read from; empty where the provider has none. */
  folders(): Promise<Folder[]>;
  /** How much mail a start point means. Changes nothing. */
  estimate(start: Start): Promise<Estimate>;
  /**
   * The position to begin from; null: the beginning. `unread` and `since` are snapshots: what people read or move later hides
   * nothing. @throws AppError `start-unavailable`
   */
  begin(start: Start): Promise<string | null>;
  /** What is shown of messages, by their header alone; those that are gone are left out. */
  preview(handles: readonly string[]): Promise<Preview[]>;
  /** Up to `limit` arrivals after `position` (null: from the beginning). One round trip when there are none. */
  list(position: string | null, limit: number): Promise<Listing>;
  /** The raw messages, one result for each handle in the given order; a message over `maxBytes` is never held whole. */
  fetch(handles: readonly string[], maxBytes: number): AsyncIterable<Fetched>;
  /** Marks as read, deletes or moves (to `moveTo`); one result for each handle. Idempotent: what is gone is `gone`. */
  settle(handles: readonly string[], action: AfterDownload, moveTo: string): Promise<Settled[]>;
  close(): Promise<void>;
}

/** Whose mailbox is opened: that of a saved connection, or of a form whose password or sign-in nobody has saved yet. */
export interface MailboxAccess {
  /** The connection whose stored password or tokens are used; null for a form that was never saved. */
  connectionId: string | null;
  /** What its record calls its password or tokens; absent: they have the connection's id. */
  secretId?: string | undefined;
  /** Used instead of the stored one. */
  password?: string | undefined;
  /** A sign-in whose tokens are used instead of the connection's. */
  authorizationId?: string | undefined;
  /** Gets the protocol, without secrets and mail; only where somebody asked for it. */
  log?: LogLine | undefined;
}

/**
 * Opens the adapter that fits the settings; no mail server is connected until the first call.
 * @throws AppError `access` when there is nothing to sign in with
 */
export type OpenMailbox = (settings: ConnectionSettings, access: MailboxAccess) => Promise<Mailbox>;

/** Raw bytes to a `Message`. Never throws for what the mail contains: see `Message.defect`. */
export type ParseMessage = (raw: Uint8Array) => Promise<Message>;

export interface Connections extends Entities<Connection> {
  /** All of them, or those in one state, by name. */
  list(state?: ConnectionState): Promise<Connection[]>;
}

/** Write-only for everything but the adapters that sign in. */
export interface Secrets {
  get(secretId: string): Promise<string | null>;
  set(secretId: string, secret: string): Promise<void>;
  remove(secretId: string): Promise<void>;
}

/**
 * Changes of what records sign in with. Whoever writes a secret under a new name, or lets a record name another one, notes the
 * names before: a run that is killed in between leaves a note, by which a later change removes what no record names.
 */
export interface SecretChanges {
  /** Notes these names, and removes what changes of hours ago have left. */
  begin(secretIds: readonly string[]): Promise<SecretChange>;
  /** Whether a connection or credential that is stored has its secrets under this name. */
  isInUse(secretId: string): Promise<boolean>;
}

export interface SecretChange {
  /** All is as the record says: nothing was left. */
  end(): Promise<void>;
}

/** A connection and its cursor, as a poll begins with them; null for what does not exist. */
export type ReadPollStart = (connectionId: string) => Promise<{ connection: Connection | null; cursor: Cursor | null }>;

export interface Cursors {
  get(connectionId: string): Promise<Cursor | null>;
  getMany(connectionIds: readonly string[]): Promise<Map<string, Cursor>>;
  /**
   * Saves over the revision that was read, and gives back what is stored now.
   * @throws AppError `overtaken` when somebody else saved one, or removed it, meanwhile
   */
  put(connectionId: string, cursor: Cursor): Promise<Cursor>;
  remove(connectionId: string): Promise<void>;
}

export type Claim = { won: true } | ({ won: false } & Known);

/** Receipts by origin; an origin without one is left out. */
export type ReadReceipts = (origins: readonly Origin[]) => Promise<Map<Origin, Receipt>>;

export interface Receipts {
  /** What is known of a message; null where nothing is. */
  get(origin: Origin): Promise<Known | null>;
  /** The same of many in few calls. What is left out may have one all the same: only `claim` tells for certain. */
  getMany(origins: readonly Origin[]): Promise<Map<Origin, Known>>;
  /** Claims a message for this run; exactly one of any number of callers wins. */
  claim(origin: Origin): Promise<Claim>;
  /** Takes over a claim that is older than `graceMs`; exactly one of any number of callers wins. */
  takeOver(origin: Origin): Promise<boolean>;
  /** Records progress, to be kept for `receiptDays`. */
  put(origin: Origin, receipt: Receipt): Promise<void>;
  /** The same of many in few calls. */
  putMany(receipts: ReadonlyMap<Origin, Receipt>): Promise<void>;
  /** Gives a claim back after a failure that certainly had no effect. */
  release(origin: Origin): Promise<void>;
}

/** What an issue is made of; the Jira adapter turns bodies into ADF. */
export interface IssueDraft {
  projectId: string;
  issueTypeId: string;
  summary: string;
  /** "From" line and date shown above the body; null leaves it out. */
  sender: { name: string; address: string; date: number | null } | null;
  html: string | null;
  text: string | null;
  /** Said to the reader above the body, e.g. that the mail could be read only in part. */
  notice: string | null;
  /** Kept in the issue property that search finds the issue by. */
  origin: Origin;
  messageId: string | null;
  connectionId: string;
}

/** From one time to another, both epoch milliseconds. */
export interface Span {
  from: number;
  to: number;
}

export interface Issues {
  /** Whether an issue can show all of the draft's body, or Jira's limits cut it. */
  showsWhole(draft: IssueDraft): Promise<boolean>;
  /** Creates the issue and its property in one request. @throws AppError with `uncertain` when it may exist all the same. */
  create(draft: IssueDraft): Promise<string>;
  /**
   * The key of the issue that carries this origin, as far as search knows already. `made` says where and since when (epoch
   * milliseconds) it was made, if it was: then it is found also where Jira's index of properties does not know it.
   */
  findByOrigin(origin: Origin, made?: { projectId: string; since: number }): Promise<string | null>;
  /** The key of the issue that a connection made of a mail with this Message-ID, among those of a project made in `between`. */
  findByMessageId(
    messageId: string,
    of: { connectionId: string; projectId: string; between: Span },
  ): Promise<string | null>;
  /** Whether search shows the app any issue of a project that was made of another mail than this. */
  showsOthers(projectId: string, origin: Origin): Promise<boolean>;
  /** Names and sizes of what is attached; null when the issue is gone, or the app may not see it. */
  attachments(issueKey: string): Promise<{ fileName: string; size: number }[] | null>;
  /**
   * Attaches all of these in one request; `jiraLimits` says how many go together.
   * @throws AppError `attachment-too-large`, `attach-refused`, `issue-gone`; of several files Jira does not say which it refused
   */
  attach(issueKey: string, attachments: readonly Attachment[]): Promise<void>;
  /** Plain text. @throws AppError `issue-gone` */
  comment(issueKey: string, text: string): Promise<void>;
}

/** One queue event: the connections that are polled together in one invocation. */
export interface PollRequest {
  connectionIds: string[];
  /** Seconds from now, 0 to 900. */
  delaySeconds: number;
  /** Asked for by a person: the backoff after failures is not waited for. */
  force: boolean;
  /** Ids of activity entries whose quarantined messages are tried again. */
  reprocess?: string[] | undefined;
  /** When a planned poll is to run (epoch milliseconds): one that comes later than that, after another one, is left out. */
  dueAt?: number | undefined;
  /** Of requests with the same name one runs at a time; without it, of those for the same connections. */
  group?: string | undefined;
}

export interface PollQueue {
  /** Any number of requests; the adapter keeps the platform's limits. */
  push(requests: readonly PollRequest[]): Promise<void>;
}

/** Where the planner keeps the grid of its windows (`planningWindow`). */
export interface PlanState {
  get(): Promise<number | null>;
  put(anchor: number): Promise<void>;
}

/** What all polls of the installation know of Jira's hourly quota. */
export interface JiraPause {
  /** Epoch milliseconds until which Jira answers no call; 0 or past: it may be asked. */
  until(): Promise<number>;
  /** Notes that Jira answers no call until then; written once for one time. */
  pause(until: number): Promise<void>;
}

export type Log = (level: 'info' | 'warn' | 'error', event: string, fields?: Record<string, unknown>) => void;
