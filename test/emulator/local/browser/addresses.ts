import { question } from './question';

/** Where an app may send its reader. */
export interface Target {
  url?: string;
  /** One of the bridge's own targets; `issue` is the only one here. */
  target?: string;
  issueKey?: string;
}

/** Hosts of the world outside that are on this machine: name → where. */
export type Hosts = Readonly<Record<string, string>>;

/**
 * Goes where the app sends its reader. Other sites open in a new tab, whatever the app asked for, and only if the person agrees
 * to leave (FORGE.md §5).
 * @throws Error when they do not
 */
export async function navigate({ type, ...target }: Target & { type?: string }, hosts: Hosts): Promise<void> {
  const href = destination(target, hosts);
  const outside = otherSite(target);
  if (outside !== null && !(await question("You're leaving Jira", [`This app leads to ${outside}.`], 'Continue')))
    throw new Error('The person chose not to leave.');
  if (outside !== null || type === 'new-tab') window.open(href, '_blank', 'noopener');
  else window.location.href = href;
}

/** The host that a target leads to, if it is not this site's. */
function otherSite({ url }: Target): string | null {
  if (url === undefined) return null;
  const { host } = new URL(url, window.location.href);
  return host === window.location.host ? null : host;
}

/**
 * Jira's own paths lie below /jira here.
 * @throws Error for other targets, and for addresses that would run as a script
 */
export function destination({ url, target, issueKey }: Target, hosts: Hosts): string {
  if (target === 'issue')
    return new URL(`/jira/browse/${encodeURIComponent(issueKey ?? '')}`, window.location.href).href;
  if (target !== undefined) throw new Error(`The local host has no ${target} to go to.`);
  const path = url?.startsWith('/browse/') ? `/jira${url}` : (url ?? '/');
  const found = new URL(path, window.location.href);
  if (!['http:', 'https:', 'mailto:'].includes(found.protocol)) throw new Error('Only web addresses can be opened.');
  const here = hosts[found.host];
  return here === undefined ? found.href : `${here}${found.pathname}${found.search}`;
}
