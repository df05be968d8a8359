import type { Connection } from './connection';
import { type Credential, type SecretExpiry, secretExpiry, secretExpiryDays } from './credential';
import { type Cursor, correctedCode, isHeldBack, type Trouble } from './cursor';
import { expiriesOf } from './expiry';
import { jiraQuotaCode } from './jira-quota';
import { linkedPages } from './linked-pages';
import type { OutgoingConnection } from './outgoing';
import { endsWithTest, type OutgoingTrouble } from './outgoing-trouble';
import { quarantinedNow } from './totals';

/** What can be wrong, as an administrator chooses what to be told of. */
export const incidentKinds = [
  'suspended',
  'failing',
  'waiting',
  'quarantined',
  'expiring',
  'outgoing-failing',
] as const;
export type IncidentKind = (typeof incidentKinds)[number];

/** Something that is wrong now. */
export interface Incident {
  /** What it is about, and whose id that has. There is at most one incident of a topic at a time. */
  topic: string;
  /** A higher one of the same topic is news: more mail given up, a shorter time until the expiry. */
  rank: number;
  kind: IncidentKind;
  /** The name of the connection or credential. */
  subject: string;
  /** Epoch milliseconds. */
  since: number;
  title: string;
  /** What happened, why, and what to do. */
  text: string;
}

/** The page where it is told more, and put right. */
export function pageOf({ topic }: Pick<Incident, 'topic'>): string {
  const [about, id = ''] = topic.split(':');
  switch (about) {
    case 'quarantine':
      return linkedPages.resultsOf(id, 'quarantined');
    case 'outgoing':
      // A test, and a test mail, are in the list.
      return linkedPages.outgoingConnections;
    case 'outgoing-sign-in':
      return linkedPages.outgoing(id);
    case 'secret':
      return linkedPages.credential(id);
    default:
      return linkedPages.connection(id);
  }
}

/** Names an incident for good, whoever finds it. */
export const incidentId = ({ topic, rank }: Pick<Incident, 'topic' | 'rank'>): string => `${topic}:${rank}`;

/** All that incidents follow from. */
export interface Circumstances {
  connections: readonly Connection[];
  cursors: ReadonlyMap<string, Cursor>;
  credentials: readonly Credential[];
  outgoing: readonly OutgoingConnection[];
  /** By the id of the outgoing connection. */
  troubles: ReadonlyMap<string, OutgoingTrouble>;
  /** Epoch milliseconds. */
  now: number;
}

/** Everything that is wrong now, worst first. What an administrator has disabled is not wrong. */
export function incidentsOf(circumstances: Circumstances): Incident[] {
  const { connections, cursors, credentials, outgoing, troubles, now } = circumstances;
  const found = [
    ...connections.flatMap((connection) => connectionIncidents(connection, cursors.get(connection.id) ?? null)),
    ...outgoing.flatMap((connection) => outgoingIncidents(connection, troubles.get(connection.id))),
    ...[...connections, ...outgoing].flatMap((connection) => signInIncidents(connection, now)),
    ...credentials.flatMap((credential) => secretIncidents(credential, [...connections, ...outgoing], now)),
  ];
  return found.sort((one, other) => order(one) - order(other) || one.since - other.since);
}

const severity: readonly IncidentKind[] = [
  'suspended',
  'outgoing-failing',
  'failing',
  'waiting',
  'expiring',
  'quarantined',
];
const order = ({ kind }: Incident) => severity.indexOf(kind);

/** Access that is refused is told of when it suspends the connection: most of that passes within ten minutes, or never. */
const isRefused = ({ kind, refused }: Trouble): boolean => kind === 'access' && refused !== undefined;

function connectionIncidents({ id, state, settings, updatedAt }: Connection, cursor: Cursor | null): Incident[] {
  const subject = settings.name;
  const trouble = cursor?.trouble ?? null;
  if (state === 'disabled' && trouble?.stopped !== true) return [];
  const about = { topic: `connection:${id}`, subject, since: trouble?.since ?? updatedAt };
  if (state === 'disabled') {
    const text =
      trouble?.code === correctedCode
        ? `${trouble.message} Its mail waits in the mailbox meanwhile.`
        : `${trouble?.message} Its settings were changed, and the test of them failed. Its mail waits in the mailbox until the connection is corrected and enabled again.`;
    return [{ ...about, rank: 2, kind: 'suspended', title: `“${subject}” was disabled by a change`, text }];
  }
  const incidents: Incident[] = [];
  if (state === 'suspended') {
    const reason = trouble?.message ?? 'The mail server no longer lets Letterbox in.';
    const text = `${reason} Its mail waits in the mailbox until the connection is corrected and enabled again.`;
    incidents.push({ ...about, rank: 2, kind: 'suspended', title: `“${subject}” is suspended`, text });
  } else if (trouble !== null && !isRefused(trouble) && trouble.code !== jiraQuotaCode) {
    const polls = trouble.failures === 1 ? 'One poll' : `${trouble.failures} polls in a row`;
    const text = `${trouble.message} ${polls} failed. The mail waits in the mailbox.`;
    incidents.push({ ...about, rank: 1, kind: 'failing', title: `“${subject}” cannot be polled`, text });
  }
  const held = (cursor?.waiting ?? []).filter((one) => isHeldBack(one) && one.since !== undefined);
  if (state === 'enabled' && trouble === null && held.length > 0) {
    const reasons = [...new Set(held.flatMap(({ message }) => message ?? []))].slice(0, 3);
    incidents.push({
      topic: `waiting:${id}`,
      rank: 1,
      kind: 'waiting',
      subject,
      since: Math.min(...held.map(({ since = 0 }) => since)),
      title: `“${subject}” has ${held.length === 1 ? 'a mail' : `${held.length} mails`} that could not be taken yet`,
      text: `${reasons.join(' ')} What waits stays in the mailbox and is tried again. Its page lists it, and tries it at once if you ask for that.`,
    });
  }
  const given = cursor?.quarantined ?? [];
  if (given.length > 0) {
    // Only the newest are named in the cursor.
    const count = Math.max(given.length, cursor === null ? 0 : quarantinedNow(cursor.totals));
    const newest = Math.max(...given.map(({ at }) => at));
    const reasons = [...new Set(given.toReversed().map(({ reason }) => reason))].slice(0, 3);
    incidents.push({
      topic: `quarantine:${id}`,
      rank: newest,
      kind: 'quarantined',
      subject,
      since: Math.min(...given.map(({ at }) => at)),
      title: `“${subject}” has ${count === 1 ? 'a mail' : `${count} mails`} in quarantine`,
      text: `${reasons.join(' ')} Mail in quarantine stays in the mailbox. Look at it under Activity: it can be tried again or dismissed there.`,
    });
  }
  return incidents;
}

function outgoingIncidents(
  { id, enabled, settings }: OutgoingConnection,
  trouble: OutgoingTrouble | undefined,
): Incident[] {
  if (!enabled || trouble === undefined) return [];
  const title = `“${settings.name}” cannot send mail`;
  const remedy = endsWithTest(trouble)
    ? 'Test the connection under Outgoing mail: this ends once the test succeeds or a mail goes out.'
    : 'Send a test mail under Outgoing mail: this ends once it goes out.';
  const text = `${trouble.message} Nothing was sent through this connection since. ${remedy}`;
  const { name: subject } = settings;
  return [{ topic: `outgoing:${id}`, rank: 1, kind: 'outgoing-failing', subject, since: trouble.since, title, text }];
}

const levels: readonly SecretExpiry['level'][] = ['notice', 'warning', 'urgent', 'expired'];
/** Days before the expiry from which each level holds. */
const levelDays = { ...secretExpiryDays, expired: -1 } as const;
const dayMs = 24 * 60 * 60_000;

/** A sign-in that was given for a limited time. */
function signInIncidents(connection: Connection | OutgoingConnection, now: number): Incident[] {
  const { id, settings, accessEndsAt = 0 } = connection;
  const isIncoming = 'state' in connection;
  if (isIncoming ? connection.state === 'disabled' : !connection.enabled) return [];
  return expiriesOf(connection, null, now).map(({ level, message }) => ({
    // Another sign-in has another end, so that its first warning is news.
    topic: `${isIncoming ? 'sign-in' : 'outgoing-sign-in'}:${id}:${accessEndsAt}`,
    rank: levels.indexOf(level),
    kind: 'expiring',
    subject: settings.name,
    since: accessEndsAt - levelDays[level] * dayMs,
    title:
      level === 'expired'
        ? `The sign-in of “${settings.name}” has ended`
        : `The sign-in of “${settings.name}” ends soon`,
    text: message,
  }));
}

/** A secret that nothing uses may expire. */
function secretIncidents(
  { id, settings }: Credential,
  connections: readonly (Connection | OutgoingConnection)[],
  now: number,
): Incident[] {
  const expiry = secretExpiry(settings, now);
  const users = connections.flatMap(({ settings }) =>
    'credentialId' in settings && settings.credentialId === id ? [settings.name] : [],
  );
  if (expiry === null || users.length === 0) return [];
  return [
    {
      // A new secret has another date, so that its first warning is news whatever was said of the old one.
      topic: `secret:${id}:${settings.secretExpiresOn}`,
      rank: levels.indexOf(expiry.level),
      kind: 'expiring',
      subject: settings.name,
      since: Date.parse(settings.secretExpiresOn) - levelDays[expiry.level] * dayMs,
      title:
        expiry.level === 'expired'
          ? `The client secret of “${settings.name}” has expired`
          : `The client secret of “${settings.name}” expires on ${settings.secretExpiresOn}`,
      text: `${expiry.message} Used by ${listed(users)}.`,
    },
  ];
}

/** At most five names; the others are counted. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `“${name}”`);
  const more = names.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}
