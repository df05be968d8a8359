import type { Incident, IncidentKind } from '../domain/incident';
import { incidentId } from '../domain/incident';
import type { Notice } from '../domain/notice';
import { linkOf, overText, testText, utcTime } from '../domain/notice-text';
import { cutText, singleLine } from '../domain/text';

/** Opsgenie's limits on the fields of an alert, in characters (https://docs.opsgenie.com/docs/alert-api). */
const limits = { message: 130, alias: 512, description: 15_000, entity: 512, source: 100, tag: 50 } as const;

/** One request to the Alert API, below the account's host. */
export interface OpsgenieRequest {
  path: string;
  body: Record<string, unknown>;
}

const priorities: Record<IncidentKind, string> = {
  suspended: 'P2',
  'outgoing-failing': 'P2',
  failing: 'P3',
  waiting: 'P4',
  expiring: 'P4',
  quarantined: 'P4',
};

/** The requests that a notice is made of: one alert an incident, which is closed by its alias once the incident is over. */
export function opsgenieRequests(notice: Notice): OpsgenieRequest[] {
  if (notice.isTest) return testRequests(notice);
  return [
    ...notice.began.map((incident) => create(incident, notice)),
    ...notice.replaced.map((note) => close(aliasOf(note), 'Replaced by another alert of the same connection.', notice)),
    ...notice.ended.map((note) => close(aliasOf(note), overText(note), notice)),
  ];
}

function create(incident: Incident, notice: Notice): OpsgenieRequest {
  const { title, text, since, kind, subject } = incident;
  const url = linkOf(notice, incident);
  const link = url === null ? '' : `\n\n${url}`;
  return {
    path: '/v2/alerts',
    body: {
      message: cutText(singleLine(title), limits.message),
      alias: aliasOf(incident),
      description: `${cutText(`${text}\n\nSince ${utcTime(since)}.`, limits.description - link.length)}${link}`,
      entity: cutText(subject, limits.entity),
      source: sourceOf(notice),
      tags: ['letterbox', kind],
      priority: priorities[kind],
    },
  };
}

function close(alias: string, note: string, notice: Notice): OpsgenieRequest {
  return {
    path: `/v2/alerts/${encodeURIComponent(alias)}/close?identifierType=alias`,
    body: { source: sourceOf(notice), note },
  };
}

/** Opened and closed at once, with the lowest priority: nobody is to be woken by a test. */
function testRequests(notice: Notice): OpsgenieRequest[] {
  const alias = `letterbox:test:${notice.at}`;
  const source = sourceOf(notice);
  const alert = { message: 'Letterbox: test of an alert', alias, description: testText, source, priority: 'P5' };
  return [{ path: '/v2/alerts', body: { ...alert, tags: ['letterbox', 'test'] } }, close(alias, testText, notice)];
}

const aliasOf = (incident: { topic: string; rank: number }) =>
  cutText(`letterbox:${incidentId(incident)}`, limits.alias);
const sourceOf = ({ rule }: Notice) => cutText(`Letterbox: ${rule}`, limits.source);

/** What Opsgenie's refusals mean. */
export function opsgenieRefusal(status: number): string | null {
  if (status === 401 || status === 403) {
    return 'Opsgenie refuses the API key. Use the key of an API integration that may create and close alerts, and check the region.';
  }
  if (status === 402) return 'The Opsgenie account does not include this. Check its plan.';
  if (status === 422) return 'Opsgenie did not understand the alert, or the API key is not one of an API integration.';
  return null;
}
