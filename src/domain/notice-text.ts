import { type Incident, type IncidentKind, pageOf } from './incident';
import { alertLimits } from './limits';
import { linkedPages } from './linked-pages';
import type { Noted, Notice } from './notice';

/** What a notice says, in the plain words that every channel uses. */

/** "2026-11-20 10:05 UTC": whoever reads a channel may be anywhere. */
export const utcTime = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const overTexts: Record<IncidentKind, (subject: string) => string> = {
  suspended: (subject) => `“${subject}” is no longer suspended`,
  failing: (subject) => `“${subject}” no longer fails`,
  waiting: (subject) => `“${subject}” has no mail any more that could not be taken`,
  quarantined: (subject) => `“${subject}” has no mail in quarantine any more`,
  expiring: (subject) => `“${subject}” no longer expires soon`,
  'outgoing-failing': (subject) => `“${subject}” no longer fails to send`,
};

export const overTitle = ({ kind, subject }: Noted): string => overTexts[kind](subject);

export const overText = ({ since, calmSince }: Noted): string =>
  `It lasted from ${utcTime(since)} to ${utcTime(calmSince)}.`;

const count = (number: number, one: string, many: string) => (number === 1 ? `1 ${one}` : `${number} ${many}`);

/** One line: what a subject or a headline says. */
export function noticeTitle({ isTest, began, ended }: Notice): string {
  if (isTest) return 'Letterbox: test of an alert';
  const [first] = began;
  if (first !== undefined && began.length + ended.length === 1) return `Letterbox: ${first.title}`;
  const [over] = ended;
  if (over !== undefined && began.length + ended.length === 1) return `Letterbox: ${overTitle(over)}`;
  const parts = [
    ...(began.length > 0 ? [count(began.length, 'new problem', 'new problems')] : []),
    ...(ended.length > 0 ? [`${ended.length} over`] : []),
  ];
  return `Letterbox: ${parts.join(', ')}`;
}

export const testText = 'It worked: alerts of this rule arrive here. Nothing is wrong.';

/** Where an incident is told more, in Jira; null while that is not known. */
export const linkOf = ({ appUrl }: Notice, incident: Pick<Incident, 'topic'>): string | null =>
  appUrl === null ? null : appUrl + pageOf(incident);

/** Where all that is wrong now is shown. */
export const overviewOf = ({ appUrl }: Notice): string | null => (appUrl === null ? null : appUrl + linkedPages.alerts);

/** Characters of text that a link leaves to its incident at least. */
const linkedChars = 150;

/**
 * What a text and its link get of so many characters. In a crowd of incidents no one has room for a link; the one at the message's end
 * leads to all of them.
 */
export const shareOf = (chars: number, link: string): { chars: number; link: string } =>
  chars - link.length < linkedChars ? { chars, link: '' } : { chars: chars - link.length, link };

export const footer = ({ rule }: Notice): string => `Sent by the alert rule “${rule}” of Letterbox.`;

/** The incidents that a message spells out, and how many more there are. */
export function shownOf({ began, ended }: Notice): { began: Incident[]; ended: Noted[]; more: string | null } {
  const most = alertLimits.spelledOut;
  const hidden = [
    ...(began.length > most ? [count(began.length - most, 'more problem', 'more problems')] : []),
    ...(ended.length > most ? [`${ended.length - most} more over`] : []),
  ];
  const more = hidden.length === 0 ? null : `And ${hidden.join(', ')}: see Letterbox in Jira’s settings.`;
  return { began: began.slice(0, most), ended: ended.slice(0, most), more };
}

/** The whole notice as plain text, without its title. */
export function noticeText(notice: Notice): string {
  const { began, ended, more } = shownOf(notice);
  const withLink = (text: string, link: string | null) => (link === null ? text : `${text}\n${link}`);
  return [
    ...(notice.isTest ? [testText] : []),
    ...began.map((incident) => {
      const { title, text, since } = incident;
      return withLink(`${title}\nSince ${utcTime(since)}. ${text}`, linkOf(notice, incident));
    }),
    ...ended.map((note) => withLink(`Over: ${overTitle(note)}\n${overText(note)}`, linkOf(notice, note))),
    ...(more === null ? [] : [more]),
    withLink(footer(notice), overviewOf(notice)),
  ].join('\n\n');
}
