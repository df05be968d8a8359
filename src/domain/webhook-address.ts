import * as z from 'zod';

/** Addresses that people paste for alerts to be posted to. They hold a secret: whoever knows one can post there. */

/** What the app may reach without asking, as manifest.yml lists it. Any other host needs an administrator's consent. */
export const knownAlertHosts = [
  'hooks.slack.com',
  '*.api.powerplatform.com',
  '*.logic.azure.com',
  'api.opsgenie.com',
  'api.eu.opsgenie.com',
] as const;

export type WebhookKind = 'slack' | 'teams' | 'webhook';

/** Ports that Forge's proxy connects to. */
const ports = ['', '443', '8080', '8443', '8444', '7990', '8089', '8090', '8085', '8060'];
/** Names that stand for machines in somebody's own network (RFC 6761, RFC 6762, RFC 8375). */
const privateName = /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa)$/;

const hostsOf: Record<WebhookKind, { fits(host: string): boolean; message: string } | null> = {
  slack: {
    fits: (host) => host === 'hooks.slack.com' || host === 'hooks.slack-gov.com',
    message: 'Paste the webhook URL that Slack shows: it begins with https://hooks.slack.com/.',
  },
  teams: {
    // Commercial clouds, then the national ones (Power Automate's URLs of HTTP triggers).
    fits: (host) =>
      /\.(api\.powerplatform\.com|logic\.azure\.com|api\.(gov|high)\.powerplatform\.microsoft\.us|api\.appsplatform\.us|logic\.azure\.us|api\.powerplatform\.partner\.microsoftonline\.cn|logic\.azure\.cn)$/.test(
        host,
      ),
    message:
      'Paste the URL that the workflow shows: its host ends in .api.powerplatform.com or .logic.azure.com. URLs of the retired Office 365 connectors do not work any more.',
  },
  webhook: null,
};

/** A URL that alerts are posted to: HTTPS, a public name, no user name or password in it. */
export function webhookUrl(kind: WebhookKind) {
  return z
    .string()
    .trim()
    .max(2_000, 'Use at most 2,000 characters.')
    .superRefine((text, context) => {
      const problem = urlProblem(text, kind);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    });
}

function urlProblem(text: string, kind: WebhookKind): string | null {
  if (text === '') return 'Paste the webhook URL.';
  const url = parse(text);
  if (url === null || !/^https:\/\//i.test(text)) return 'Paste a whole URL that begins with https://.';
  if (url.username !== '' || url.password !== '') {
    return 'Remove the user name and password from the URL; a secret header can take their place.';
  }
  const { hostname } = url;
  // A public service has a name; a bare address, in whatever notation, is how one asks for what is inside.
  const isName = hostname.includes('.') && !/^[\d.]+$|^\[/.test(hostname) && !hostname.endsWith('.');
  if (!isName || privateName.test(hostname)) {
    return 'Use the public name of a host, such as alerts.example.com: Atlassian sends the request, and reaches no private network.';
  }
  if (!ports.includes(url.port)) return `Atlassian connects to these ports only: ${ports.slice(1).join(', ')}.`;
  const rule = hostsOf[kind];
  return rule === null || rule.fits(hostname) ? null : rule.message;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** The host of a URL that `webhookUrl` took. */
export const hostOf = (url: string): string => new URL(url).hostname;

/** Whether an administrator has to let the app reach a host, since manifest.yml does not list it. */
export function needsConsent(host: string): boolean {
  return !knownAlertHosts.some((known) => (known.startsWith('*') ? host.endsWith(known.slice(1)) : host === known));
}
