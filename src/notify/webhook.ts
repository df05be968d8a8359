import { incidentId } from '../domain/incident';
import type { Notice } from '../domain/notice';
import { linkOf, noticeText, noticeTitle, overTitle, overviewOf } from '../domain/notice-text';

/** One incident as a custom webhook gets it. */
export interface WebhookIncident {
  /** The same when it begins and when it is over. */
  id: string;
  /** `suspended`, `failing`, `quarantined`, `expiring` or `outgoing-failing`. */
  kind: string;
  state: 'began' | 'over' | 'replaced';
  /** The name of the connection or credential. */
  subject: string;
  /** RFC 3339, UTC. */
  since: string;
  title: string;
  /** What happened, why, and what to do; empty when it is over. */
  text: string;
  /** Its page in Jira; null when Jira did not tell its address. */
  url: string | null;
}

/**
 * The JSON that a custom webhook gets. `version` grows when a field changes its meaning; new fields may come at any time. `text` alone
 * is what Mattermost, Rocket.Chat and others of their kind show.
 */
export interface WebhookBody {
  app: 'letterbox';
  version: 1;
  rule: string;
  test: boolean;
  sentAt: string;
  title: string;
  text: string;
  /** The page in Jira that shows what is wrong now. */
  url: string | null;
  incidents: WebhookIncident[];
}

const time = (at: number) => new Date(at).toISOString();

export function webhookBody(notice: Notice): WebhookBody {
  const { rule, at, isTest, began, ended, replaced } = notice;
  return {
    app: 'letterbox',
    version: 1,
    rule,
    test: isTest,
    sentAt: time(at),
    title: noticeTitle(notice),
    text: `${noticeTitle(notice)}\n\n${noticeText(notice)}`,
    url: overviewOf(notice),
    incidents: [
      ...began.map((incident) => ({
        id: incidentId(incident),
        kind: incident.kind,
        state: 'began' as const,
        subject: incident.subject,
        since: time(incident.since),
        title: incident.title,
        text: incident.text,
        url: linkOf(notice, incident),
      })),
      ...[
        ...ended.map((note) => ({ note, state: 'over' as const })),
        ...replaced.map((note) => ({ note, state: 'replaced' as const })),
      ].map(({ note, state }) => ({
        id: incidentId(note),
        kind: note.kind,
        state,
        subject: note.subject,
        since: time(note.since),
        title: overTitle(note),
        text: '',
        url: linkOf(notice, note),
      })),
    ],
  };
}
