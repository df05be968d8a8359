import type { AlertSettings } from './alert';
import { type Incident, incidentId } from './incident';
import { alertLimits } from './limits';

/** An incident that a rule has told of, and has not told the end of. */
export interface Noted extends Pick<Incident, 'topic' | 'rank' | 'kind' | 'subject' | 'since'> {
  /** Epoch milliseconds. */
  toldAt: number;
  /** When it was first seen to be over (epoch milliseconds); 0 while it lasts. */
  calmSince: number;
}

/** One message: everything that a rule has to say at one time. */
export interface Notice {
  /** The name of the rule. */
  rule: string;
  /** Epoch milliseconds. */
  at: number;
  /** Nothing is wrong: somebody tries the rule. */
  isTest: boolean;
  /** Address of the app's pages in Jira, without a slash at its end; null while it is not known, and before a notice is sent. */
  appUrl: string | null;
  began: Incident[];
  ended: Noted[];
  /** Told of before, and replaced by one of `began` with the same topic. People need no word of it. */
  replaced: Noted[];
}

export interface Plan {
  /** Null when there is nothing to say. */
  notice: Notice | null;
  /** What is noted whether or not the notice gets through. */
  before: Noted[];
  /** What is noted once it got through. */
  after: Noted[];
}

/** What a rule has to say, given what it said before. Pure, so that a run that has to begin again comes to the same. */
export function planNotice(
  rule: AlertSettings,
  noted: readonly Noted[],
  incidents: readonly Incident[],
  now: number,
): Plan {
  const current = new Map(incidents.map((incident) => [incident.topic, incident]));
  const known = new Set(noted.map(({ topic }) => topic));
  // In requests: Opsgenie gets one for each incident that begins or is over, and two for one that is replaced.
  let most: number = rule.channel.type === 'opsgenie' ? alertLimits.opsgenieAtOnce : Number.POSITIVE_INFINITY;
  const take = <T>(from: readonly T[], requests: number): T[] => {
    const taken = from.slice(0, Math.floor(most / requests));
    most -= taken.length * requests;
    return taken;
  };
  const before = noted.map((note) => calmed(note, current.has(note.topic), now));
  const worse = before.filter((note) => isReplaced(note, current.get(note.topic), rule, now));
  const news = incidents.filter((incident) => !known.has(incident.topic) && concerns(rule, incident, now));
  const calm = before.filter(({ calmSince }) => calmSince !== 0 && now - calmSince >= alertLimits.calmMs);
  const replaced = take(worse, 2);
  const fresh = take(news.slice(0, Math.max(alertLimits.noted - noted.length, 0)), 1);
  const overdue = take(calm, 1);
  const began = [...replaced.flatMap(({ topic }) => current.get(topic) ?? []), ...fresh];

  const isOver = new Set([...overdue, ...replaced].map(({ topic }) => topic));
  const after = [
    ...before.filter(({ topic }) => !isOver.has(topic)),
    ...began.map(({ topic, rank, kind, subject, since }) => ({
      topic,
      rank,
      kind,
      subject,
      since,
      toldAt: now,
      calmSince: 0,
    })),
  ];
  const isSilent = began.length === 0 && overdue.length === 0;
  const notice = { rule: rule.name, at: now, isTest: false, appUrl: null, began, ended: overdue, replaced };
  return { notice: isSilent ? null : notice, before, after: isSilent ? before : after };
}

/** Whether a rule tells of an incident at all, and by now. */
function concerns(rule: AlertSettings, { kind, since }: Incident, now: number): boolean {
  if (!rule.incidents.includes(kind)) return false;
  return (kind !== 'failing' && kind !== 'waiting') || now - since >= rule.failingMinutes * 60_000;
}

/** A connection that comes and goes is one incident until it stays well for a while, else each poll would be a message. */
function calmed(note: Noted, lasts: boolean, now: number): Noted {
  if (lasts) return note.calmSince === 0 ? note : { ...note, calmSince: 0 };
  return note.calmSince === 0 ? { ...note, calmSince: now } : note;
}

/** Whether an incident has become worse in a way that is worth another message. */
function isReplaced(note: Noted, current: Incident | undefined, rule: AlertSettings, now: number): boolean {
  if (current === undefined || current.rank <= note.rank || !concerns(rule, current, now)) return false;
  return current.kind !== note.kind || now - note.toldAt >= alertLimits.sameAgainMs;
}

/** A notice for somebody who tries a rule. */
export function testNotice(rule: string, now: number): Notice {
  return { rule, at: now, isTest: true, appUrl: null, began: [], ended: [], replaced: [] };
}

/** Of each name the first: two lists of the same incidents are equal when these are. */
export const sameNotes = (one: readonly Noted[], other: readonly Noted[]): boolean =>
  one.length === other.length &&
  one.every((note, index) => {
    const twin = other[index];
    return twin !== undefined && incidentId(note) === incidentId(twin) && note.calmSince === twin.calmSince;
  });
