import {
  type AlertChannelType,
  type AlertSecret,
  type AlertSettings,
  alertChannelTypes,
  alertSettings,
  noSecret,
  opsgenieHosts,
  secretProblems,
} from '../../../src/domain/alert';
import { type IncidentKind, incidentKinds } from '../../../src/domain/incident';
import { hostOf, webhookUrl } from '../../../src/domain/webhook-address';
import type { AlertView } from '../../../src/resolvers/views';
import { checked } from '../../shared/fields';
import { toNumber } from '../../shared/form-input';
import type { FieldErrors } from '../../shared/use-form';

/** The form's fields as text, named by their paths in the settings without what stands around them. */
export type FormValues = Record<
  | 'name'
  | IncidentKind
  | 'incidents'
  | 'failingMinutes'
  | 'type'
  | 'outgoingId'
  | 'recipients'
  | 'region'
  | 'headerName'
  | 'url'
  | 'apiKey'
  | 'headerValue',
  string
>;

export const newAlert: FormValues = {
  name: '',
  suspended: checked,
  failing: checked,
  waiting: checked,
  quarantined: checked,
  expiring: checked,
  'outgoing-failing': checked,
  // Holds nothing: what is wrong with the choice of incidents is shown here.
  incidents: '',
  failingMinutes: '15',
  type: 'email',
  outgoingId: '',
  recipients: '',
  region: 'us',
  headerName: '',
  url: '',
  apiKey: '',
  headerValue: '',
};

export function toValues({ name, incidents, failingMinutes, channel }: AlertSettings): FormValues {
  const kinds = Object.fromEntries(incidentKinds.map((kind) => [kind, incidents.includes(kind) ? checked : '']));
  return {
    ...newAlert,
    ...kinds,
    name,
    failingMinutes: String(failingMinutes),
    type: channel.type,
    ...(channel.type === 'email' && { outgoingId: channel.outgoingId, recipients: channel.recipients.join('\n') }),
    ...(channel.type === 'opsgenie' && { region: channel.region }),
    ...(channel.type === 'webhook' && { headerName: channel.headerName }),
  };
}

const channelOf = ({ type }: FormValues): AlertChannelType => alertChannelTypes.find((one) => one === type) ?? 'email';

function toInput(values: FormValues): unknown {
  const { name, failingMinutes, outgoingId, recipients, region, headerName } = values;
  const type = channelOf(values);
  const channels: Record<AlertChannelType, object> = {
    email: { type, outgoingId, recipients: recipients.split(/[\s,;]+/).filter((address) => address !== '') },
    slack: { type },
    teams: { type },
    opsgenie: { type, region },
    webhook: { type, headerName },
  };
  const incidents = incidentKinds.filter((kind) => values[kind] === checked);
  // Not asked for, so that it can't be wrong.
  const minutes = incidents.includes('failing') ? failingMinutes : newAlert.failingMinutes;
  return { name, incidents, failingMinutes: toNumber(minutes), channel: channels[type] };
}

/** The settings as the server takes them. @throws ZodError unless `validate` found nothing wrong. */
export const toSettings = (values: FormValues): AlertSettings => alertSettings.parse(toInput(values));

export const toSecret = ({ url, apiKey, headerValue }: FormValues): AlertSecret => ({
  ...noSecret,
  url: url.trim(),
  apiKey: apiKey.trim(),
  headerValue: headerValue.trim(),
});

/** Fields by the paths that schema and server know them by. */
export const fieldOf = (path: string): string =>
  path
    .replace(/^(settings|secret)\./, '')
    .replace(/^channel\./, '')
    .replace(/^(recipients|incidents)\..*$/, '$1');

/** What is wrong with the values; what is stored of `saved` need not be entered again. */
export function validate(values: FormValues, saved: AlertView | null): FieldErrors {
  const errors: Record<string, string> = {};
  const parsed = alertSettings.safeParse(toInput(values));
  for (const issue of parsed.error?.issues ?? []) errors[fieldOf(issue.path.join('.'))] ??= issue.message;
  const stored = saved === null ? null : { channel: saved.settings.channel, host: saved.host };
  const { type } = values;
  const channel = parsed.data?.channel ?? draftChannel(values);
  return type === 'email' ? errors : { ...secretProblems(channel, toSecret(values), stored), ...errors };
}

/** The channel while another field is still wrong. */
function draftChannel({ type, region, headerName }: FormValues): AlertSettings['channel'] {
  if (type === 'opsgenie') return { type, region: region === 'eu' ? 'eu' : 'us' };
  if (type === 'webhook') return { type, headerName };
  return type === 'teams' ? { type } : { type: 'slack' };
}

/** Where requests would go to; null while that is not known, and for email. */
export function hostOfForm(values: FormValues, saved: AlertView | null): string | null {
  const type = channelOf(values);
  if (type === 'email') return null;
  if (type === 'opsgenie') return values.region === 'eu' ? opsgenieHosts.eu : opsgenieHosts.us;
  if (values.url.trim() === '') return saved?.settings.channel.type === type ? saved.host : null;
  return webhookUrl(type).safeParse(values.url).success ? hostOf(values.url.trim()) : null;
}
