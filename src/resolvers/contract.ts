import * as z from 'zod';
import { activityDays, activityResults } from '../domain/activity';
import { alertSecretInput, alertSettings } from '../domain/alert';
import type { Completeness } from '../domain/completeness';
import { connectionSettings } from '../domain/connection';
import { credentialSettings } from '../domain/credential';
import { checkNames, type Finding, type InstallationFacts } from '../domain/diagnosis';
import { idPattern, mailAddress } from '../domain/fields';
import type { Incident } from '../domain/incident';
import { largestRawMb } from '../domain/limits';
import type { Sent } from '../domain/mailer';
import { tokenUses } from '../domain/oauth-endpoints';
import type { AuthorizationOutcome } from '../domain/oauth-ports';
import { outgoingSettings } from '../domain/outgoing';
import type { CheckReport, Folder } from '../domain/ports';
import type { Protocol } from '../domain/protocol';
import { type Preview, previewSize, type StartEstimate, startSchemas } from '../domain/start';
import { type Bucket, chartPeriods } from '../domain/tally';
import type {
  ActivityView,
  AlertView,
  ConnectionView,
  CredentialView,
  NamedItem,
  OutgoingView,
  ProjectItem,
  WaitingView,
} from './views';

/**
 * What the pages may call: the name of each function, the schema of its payload and the type of its value. The page and
 * the resolvers share it, so that neither can drift from the other.
 */

const storedId = (maxChars: number) =>
  z.string().min(1).max(maxChars).regex(idPattern, 'This is not an id of Letterbox. Reload the page.');
const id = storedId(64);
const entryId = storedId(300);
/** A message's name in its mailbox. */
const handle = z.string().min(1).max(500);
/** Epoch milliseconds. */
const moment = z.number().int().min(0).max(8.64e15).optional();
const version = z.number().int().min(1);
/** Absent or empty: keep the stored one. */
const password = z.string().max(10_000).optional();
/** A sign-in that the administrator has looked at; its tokens become the connection's. */
const authorizationId = storedId(100).optional();
const access = { password, authorizationId };

/** The settings of a form that may not have been saved; `id` names the connection whose stored password fills an empty one. */
const draft = z.strictObject({ id: id.optional(), settings: connectionSettings, ...access });

/** `continue`: where it stopped; the other start points begin anew. */
const start = z.discriminatedUnion('from', [...startSchemas, z.strictObject({ from: z.literal('continue') })]);
export type StartChoice = z.output<typeof start>;

export const payloads = {
  'connections.list': z.strictObject({}),
  'connections.get': z.strictObject({ id }),
  'connections.create': z.strictObject({ settings: connectionSettings, ...access }),
  /**
   * Replaces the settings. An enabled connection whose mailbox changed is tested, and disabled when the test fails; one that
   * was disabled so is tested too, and stays disabled.
   */
  'connections.update': z.strictObject({ id, version, settings: connectionSettings, ...access }),
  'connections.duplicate': z.strictObject({ id }),
  'connections.delete': z.strictObject({ id, version }),
  'connections.test': draft,
  'connections.folders': draft,
  'connections.estimate': z.strictObject({ id, start }),
  /** Date, sender and subject of messages that an estimate named. */
  'connections.preview': z.strictObject({ id, handles: z.array(handle).max(previewSize) }),
  /**
   * `deletes`: how many messages of the mailbox may be deleted, as the estimate said and somebody acknowledged; null where
   * nobody can count them, also not now. Needed where the connection deletes mail, and there is some.
   */
  'connections.enable': z.strictObject({ id, version, start, deletes: z.number().int().min(0).nullable().optional() }),
  /** Counts the messages in the mailbox, and holds them against what became of them. Changes nothing. */
  'connections.completeness': z.strictObject({ id }),
  /** Mail that was listed and is not finished: of one connection, or of all that are enabled. */
  'connections.waiting': z.strictObject({ id: id.optional() }),
  /** Tries mail at once that something holds back: one, or all of a connection. */
  'connections.tryNow': z.strictObject({ id, handle: handle.optional() }),
  'connections.disable': z.strictObject({ id, version }),
  'connections.poll': z.strictObject({ id }),
  /** Keeps the protocol of each poll for fifteen minutes; the connection's version stays as it is. */
  'connections.log': z.strictObject({ id, version, on: z.boolean() }),
  'connections.protocol': z.strictObject({ id }),
  'connections.clearProtocol': z.strictObject({ id }),
  'activity.list': z.strictObject({
    connectionId: id.optional(),
    result: z.enum(activityResults).optional(),
    from: moment,
    to: moment,
    text: z.string().max(200).optional(),
    cursor: z.string().max(10_000).optional(),
  }),
  'activity.get': z.strictObject({ id: entryId }),
  /** Tries mail again that was given up: one, or all of a connection. */
  'activity.reprocess': z.union([z.strictObject({ id: entryId }), z.strictObject({ connectionId: id })]),
  /** Leaves mail that was given up where it is, and stops reminding of it. */
  'activity.dismiss': z.strictObject({ id: entryId }),
  'activity.raw': z.strictObject({
    id: entryId,
    from: z
      .int()
      .min(0)
      .max(largestRawMb * 1024 * 1024)
      .default(0),
  }),
  /** Of one connection, or of all of them together. */
  'activity.charts': z.strictObject({ connectionId: id.optional(), period: z.enum(chartPeriods) }),
  'activity.lastDay': z.strictObject({}),
  'activity.settings': z.strictObject({}),
  'activity.saveSettings': z.strictObject({ days: activityDays }),
  'credentials.list': z.strictObject({}),
  'credentials.create': z.strictObject({
    settings: credentialSettings,
    clientSecret: z.string().min(1, 'Enter the client secret.').max(10_000),
  }),
  /** An empty secret keeps the stored one. */
  'credentials.update': z.strictObject({
    id,
    version,
    settings: credentialSettings,
    clientSecret: z.string().max(10_000),
  }),
  'credentials.delete': z.strictObject({ id }),
  /** Begins a sign-in for a connection, or for a form that was never saved. The page opens `url` in a new tab. */
  'authorizations.begin': z.strictObject({
    credentialId: id,
    connectionId: id.nullable(),
    use: z.enum(tokenUses),
    shared: z.boolean(),
    loginHint: z.string().max(320),
  }),
  /** Asked again and again until the sign-in is over. */
  'authorizations.outcome': z.strictObject({ authorizationId: storedId(100) }),
  'outgoing.list': z.strictObject({}),
  'outgoing.get': z.strictObject({ id }),
  'outgoing.create': z.strictObject({ settings: outgoingSettings, ...access }),
  /** Replaces the settings. An enabled connection that signs in otherwise is tested, and disabled when the test fails. */
  'outgoing.update': z.strictObject({ id, version, settings: outgoingSettings, ...access }),
  'outgoing.duplicate': z.strictObject({ id }),
  'outgoing.delete': z.strictObject({ id, version }),
  'outgoing.test': z.strictObject({ id: id.optional(), settings: outgoingSettings, ...access }),
  'outgoing.enable': z.strictObject({ id, version }),
  'outgoing.disable': z.strictObject({ id, version }),
  /** Keeps the protocol of each send for fifteen minutes. */
  'outgoing.debug': z.strictObject({ id, version, on: z.boolean() }),
  /** Sends a mail, through a disabled connection too. */
  'outgoing.sendTest': z.strictObject({ id, to: mailAddress }),
  'alerts.list': z.strictObject({}),
  'alerts.create': z.strictObject({ settings: alertSettings, secret: alertSecretInput }),
  /** What is empty in `secret` keeps what is stored. */
  'alerts.update': z.strictObject({ id, version, settings: alertSettings, secret: alertSecretInput }),
  'alerts.delete': z.strictObject({ id, version }),
  'alerts.enable': z.strictObject({ id, version }),
  'alerts.disable': z.strictObject({ id, version }),
  /** Sends a test of a form, which may not be saved. */
  'alerts.sendTest': z.strictObject({ id: id.optional(), settings: alertSettings, secret: alertSecretInput }),
  /** Runs one check of what the platform does on this site. Changes nothing but a record of its own, which it removes. */
  'diagnosis.check': z.strictObject({ check: z.enum(checkNames) }),
  'diagnosis.installation': z.strictObject({}),
  'jira.projects': z.strictObject({ query: z.string().max(100) }),
  'jira.issueTypes': z.strictObject({ projectId: z.string().min(1).max(50) }),
  'jira.users': z.strictObject({ accountIds: z.array(z.string().min(1).max(128)).min(1).max(50) }),
} as const;

export type FunctionName = keyof typeof payloads;

/** Functions that fetch or send mail, or have that done: without an active license they are refused. The others show and change what is stored. */
export const licensedFunctions: ReadonlySet<FunctionName> = new Set([
  'connections.enable',
  'connections.poll',
  'connections.tryNow',
  'activity.reprocess',
  'outgoing.sendTest',
  'alerts.sendTest',
]);

/** What the page sends. */
export type Payload<K extends FunctionName> = z.input<(typeof payloads)[K]>;

export interface Values {
  /** `incidents`: what is wrong now, worst first. */
  'alerts.list': { alerts: AlertView[]; incidents: Incident[] };
  'alerts.create': AlertView;
  'alerts.update': AlertView;
  'alerts.delete': null;
  'alerts.enable': AlertView;
  'alerts.disable': AlertView;
  /** The other side's answer. */
  'alerts.sendTest': { reply: string };
  /** Newest first; `searchedUntil` (epoch milliseconds) says how far back a search for text has looked. */
  'activity.list': { entries: ActivityView[]; cursor: string | null; searchedUntil: number | null };
  'activity.get': ActivityView;
  /** The next poll tries that many; `more` wait for another call. */
  'activity.reprocess': { asked: number; more: boolean };
  'activity.dismiss': ActivityView;
  /** The mail as it is in the mailbox. */
  /** The bytes from `from` on, as many as fit into an answer; `size` is that of the whole mail. */
  'activity.raw': { fileName: string; base64: string; size: number };
  /** One for each stretch of the period, the oldest first. */
  'activity.charts': { buckets: Bucket[] };
  /** Mails that each connection took in each of the last 24 hours, the oldest first; who took none may be missing. */
  'activity.lastDay': { connectionId: string; created: number[] }[];
  /** Days that entries are kept. */
  'activity.settings': { days: number };
  'activity.saveSettings': { days: number };
  'outgoing.list': OutgoingView[];
  'outgoing.get': OutgoingView;
  'outgoing.create': OutgoingView;
  'outgoing.update': { connection: OutgoingView; report: CheckReport | null };
  'outgoing.duplicate': OutgoingView;
  'outgoing.delete': null;
  'outgoing.test': CheckReport;
  'outgoing.enable': OutgoingView;
  'outgoing.disable': OutgoingView;
  'outgoing.debug': OutgoingView;
  /** The server's last reply, who was refused, and the protocol while Debug is on. */
  'outgoing.sendTest': Sent & { protocol: string[] | null };
  'credentials.list': { credentials: CredentialView[]; callbackUrl: string };
  'credentials.create': CredentialView;
  'credentials.update': CredentialView;
  'credentials.delete': null;
  'authorizations.begin': { authorizationId: string; url: string };
  'authorizations.outcome': AuthorizationOutcome;
  'connections.list': ConnectionView[];
  'connections.get': ConnectionView;
  'connections.create': ConnectionView;
  /** `report` is there when the mailbox had to be tested; not ok means that the connection was disabled. */
  'connections.update': { connection: ConnectionView; report: CheckReport | null };
  'connections.duplicate': ConnectionView;
  'connections.delete': null;
  'connections.test': CheckReport;
  'connections.folders': Folder[];
  'connections.estimate': StartEstimate;
  /** What is gone by now is left out. */
  'connections.preview': Preview[];
  /** Null while nothing of the mailbox was listed. */
  'connections.completeness': Completeness | null;
  /** What something holds back first. `heldBack` and `next` count all of them. */
  'connections.waiting': { items: WaitingView[]; heldBack: number; next: number };
  /** `tooEarly`: whose issue may exist already, which must be known before they are tried. */
  'connections.tryNow': { asked: number; tooEarly: number };
  'connections.enable': ConnectionView;
  'connections.disable': ConnectionView;
  /** The poll is queued; the list shows when it has run. */
  'connections.poll': null;
  /** Until when (epoch milliseconds) the protocol is kept; null: it is not. */
  'connections.log': { until: number | null };
  'connections.protocol': Protocol & { until: number | null };
  'connections.clearProtocol': null;
  'diagnosis.check': Finding;
  'diagnosis.installation': InstallationFacts;
  'jira.projects': ProjectItem[];
  'jira.issueTypes': NamedItem[];
  /** By account id; who is gone is missing. */
  'jira.users': NamedItem[];
}

/** The one envelope. `field` names the form field as a path (`settings.host`). */
export type Result<T> =
  | { ok: true; value: T }
  | {
      ok: false;
      error: {
        code: string;
        kind: string;
        message: string;
        /** Field path → what is wrong with it. */
        fields?: Record<string, string>;
        step?: string;
        detail?: string;
        /** The protocol of a send that failed while Debug was on. */
        protocol?: readonly string[];
      };
    };
