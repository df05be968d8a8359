import * as z from 'zod';
import { entityName } from './entity';
import { chosenId, mailAddress } from './fields';
import { incidentKinds } from './incident';
import { webhookUrl } from './webhook-address';

/** Opsgenie keeps accounts of the European Union apart. */
export const opsgenieRegions = ['us', 'eu'] as const;
export type OpsgenieRegion = (typeof opsgenieRegions)[number];
export const opsgenieHosts: Record<OpsgenieRegion, string> = { us: 'api.opsgenie.com', eu: 'api.eu.opsgenie.com' };

/**
 * Headers that say how the request is framed, routed, or who sends it: a secret in one of them would break the request, or make two
 * servers on its way read two different ones. Those that fetch forbids (https://fetch.spec.whatwg.org/#forbidden-request-header),
 * those of one hop (RFC 9110 §7.6.1), and those of the platform's proxy.
 */
const reservedHeader =
  /^(accept(-charset|-encoding)?|access-control-.*|connection|content-.*|cookie2?|date|dnt|expect|forge-.*|forwarded|host|http2-settings|keep-alive|max-forwards|origin|proxy-.*|referer|sec-.*|set-cookie2?|te|trailers?|transfer-encoding|upgrade|user-agent|via|x-forwarded-.*|x-(http-)?method(-override)?)$/i;
/** Servers that hand headers on as variables take one for the other. */
const isReserved = (name: string) => reservedHeader.test(name.replaceAll('_', '-'));

const channels = [
  z.strictObject({
    type: z.literal('email'),
    outgoingId: chosenId('an outgoing connection'),
    recipients: z.array(mailAddress).min(1, 'Enter at least one address.').max(20, 'Enter at most 20 addresses.'),
  }),
  z.strictObject({ type: z.literal('slack') }),
  z.strictObject({ type: z.literal('teams') }),
  z.strictObject({ type: z.literal('opsgenie'), region: z.enum(opsgenieRegions).default('us') }),
  z.strictObject({
    type: z.literal('webhook'),
    /** The name of a header whose value is secret; empty for none. */
    headerName: z
      .string()
      .trim()
      .max(100, 'Use at most 100 characters.')
      .regex(/^[A-Za-z0-9_-]*$/, 'Use letters, digits, "-" and "_" only.')
      .refine((name) => !isReserved(name), {
        error: ({ input }) => `“${input}” belongs to the request itself. Use another header, such as Authorization.`,
      })
      .default(''),
  }),
] as const;

/** How an alert reaches people, without its secrets. */
export const alertChannel = z.discriminatedUnion('type', channels);
export type AlertChannel = z.infer<typeof alertChannel>;
export type AlertChannelType = AlertChannel['type'];
export const alertChannelTypes = channels.map((channel) => channel.shape.type.value) as AlertChannelType[];

/** An alert rule as a form holds it, without its secrets. One schema for page and resolver. */
export const alertSettings = z.strictObject({
  name: entityName,
  incidents: z.array(z.enum(incidentKinds)).min(1, 'Choose at least one.').max(incidentKinds.length),
  /** A connection that fails for less than this is not worth a message: most troubles pass by themselves. */
  failingMinutes: z
    .number('Enter a number of minutes.')
    .int('Enter whole minutes.')
    .min(5, 'Enter at least 5 minutes.')
    .max(1_440, 'Enter at most 1,440 minutes (a day).')
    .default(15),
  channel: alertChannel,
});
export type AlertSettings = z.infer<typeof alertSettings>;

/** What a form may bring along to post with; what is absent or empty keeps what is stored. */
export const alertSecretInput = z.strictObject({
  url: z.string().max(2_000).default(''),
  apiKey: z
    .string()
    .trim()
    .max(200)
    .regex(/^[\x21-\x7e]*$/, 'Paste the key as Opsgenie shows it: no spaces.')
    .default(''),
  headerValue: z
    .string()
    .trim()
    .max(1_000, 'Use at most 1,000 characters.')
    .regex(/^[\x20-\x7e]*$/, 'Use ASCII characters only.')
    .default(''),
});

/** What a channel posts with. Never in the rule itself, never on a page. */
export type AlertSecret = z.infer<typeof alertSecretInput>;
export const noSecret: AlertSecret = { url: '', apiKey: '', headerValue: '' };

/**
 * What is wrong with the secrets of a form: field name → message. What `stored` has need not be entered again, but a header's
 * value goes only to the host that it was given for: else whoever edits the URL could have it sent to a server of their own.
 * @param stored the channel that is saved, and the host that its URL names; null for a new rule
 */
export function secretProblems(
  channel: AlertChannel,
  secret: AlertSecret,
  stored: { channel: AlertChannel; host: string } | null,
): Record<string, string> {
  const kept = stored?.channel.type === channel.type ? stored : null;
  if (channel.type === 'email') return {};
  if (channel.type === 'opsgenie') {
    if (secret.apiKey !== '' || (kept !== null && sameRegion(kept.channel, channel))) return {};
    return { apiKey: 'Enter the API key.' };
  }
  const parsed = webhookUrl(channel.type).safeParse(secret.url);
  if (secret.url !== '' || kept === null) {
    const problem = parsed.error?.issues[0]?.message;
    if (problem !== undefined) return { url: problem };
  }
  if (channel.type !== 'webhook' || channel.headerName === '' || secret.headerValue !== '') return {};
  const isSameHeader = kept?.channel.type === 'webhook' && kept.channel.headerName === channel.headerName;
  if (!isSameHeader) return { headerValue: 'Enter the value of the header.' };
  if (secret.url === '' || new URL(secret.url).hostname === kept.host) return {};
  return { headerValue: 'Enter the value again: it was stored for another host.' };
}

const sameRegion = (one: AlertChannel, other: AlertChannel) =>
  one.type === 'opsgenie' && other.type === 'opsgenie' && one.region === other.region;

/** What the channel posts with once a form was saved: what was entered, else what was stored for the same channel. */
export function mergedSecret(channel: AlertChannel, entered: AlertSecret, stored: AlertSecret | null): AlertSecret {
  const either = (name: keyof AlertSecret) => entered[name] || (stored?.[name] ?? '');
  if (channel.type === 'email') return noSecret;
  if (channel.type === 'opsgenie') return { ...noSecret, apiKey: either('apiKey') };
  const headerValue = channel.type === 'webhook' && channel.headerName !== '' ? either('headerValue') : '';
  return { ...noSecret, url: either('url'), headerValue };
}

/** Who is told of which incidents, and how. */
export interface Alert {
  id: string;
  /** Grows by one with each save; a save that names an older one is refused. */
  version: number;
  enabled: boolean;
  settings: AlertSettings;
  /** The host that requests go to; empty for email. All that a page sees of a webhook's URL. */
  host: string;
  /** Names what it posts with, where an edit changed that; absent: it has the rule's own id. */
  secretId?: string;
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
}
