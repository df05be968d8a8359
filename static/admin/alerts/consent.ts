import { permissions } from '@forge/bridge';
import { needsConsent } from '../../../src/domain/webhook-address';
import { call, PageError } from '../../shared/call';
import { consentTexts as texts } from './texts';

/** Hosts that manifest.yml does not list: an administrator lets the app reach them one by one (customer-managed egress). */

const key = 'alert-webhooks';
/** Of a group of the platform's. */
const mostDomains = 10;
type Entry = Parameters<typeof permissions.egress.set>[0]['egresses'][number]['configured'][number];
// The platform's enumeration, which its package exports to the server's side only.
const backend = 'FETCH_BACKEND_SIDE' as Entry['type'][number];
const domainOf = (host: string) => `https://${host}`;

async function allowed(): Promise<string[]> {
  const { results } = await permissions.egress.get({ keys: [key] });
  return results.flatMap((group) => (group.key === key ? group.configured.map(({ domain }) => domain) : []));
}

/**
 * Asks for the consent that a host needs, unless it was given before.
 * @throws PageError `host-refused`, `too-many-hosts`
 */
export async function allowHost(host: string | null): Promise<void> {
  if (host === null || !needsConsent(host)) return;
  const before = await allowed().catch((cause: unknown) => {
    throw refusal(host, cause);
  });
  if (before.includes(domainOf(host))) return;
  if (before.length >= mostDomains) {
    throw new PageError({ code: 'too-many-hosts', message: texts.tooMany(mostDomains) });
  }
  const configured = [...before, domainOf(host)].map((domain) => ({ domain, type: [backend] }));
  try {
    await permissions.egress.set({ egresses: [{ key, description: texts.description, configured }] });
  } catch (cause) {
    throw refusal(host, cause);
  }
}

const refusal = (host: string, cause: unknown) =>
  new PageError({ code: 'host-refused', message: texts.refused(host) }, cause);

/**
 * Takes consents back that no rule needs any more, or that were given for a test of a form which nobody saved. A form that is still
 * open elsewhere asks again when it is saved. Never throws: a host too many does no harm to the rules.
 */
export async function forgetUnusedHosts(): Promise<void> {
  try {
    const domains = await allowed();
    if (domains.length === 0) return;
    // Asked for afterwards: what was saved meanwhile is in use.
    const { alerts } = await call('alerts.list', {});
    const used = new Set(alerts.map(({ host }) => domainOf(host)));
    for (const domain of domains) {
      if (!used.has(domain)) await permissions.egress.deleteDomain({ key, domain, type: backend });
    }
  } catch {
    // It is shown, and can be taken back, under Connected apps.
  }
}
