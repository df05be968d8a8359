/** Where an app may send its reader. */
export interface Target {
  url?: string;
  /** One of the bridge's own targets; `issue` is the only one here. */
  target?: string;
  issueKey?: string;
}

/** Hosts of the world outside that are on this machine: name → where. */
export type Hosts = Readonly<Record<string, string>>;

export function navigate({ type, ...target }: Target & { type?: string }, hosts: Hosts): void {
  const href = destination(target, hosts);
  if (type === 'new-tab') window.open(href, '_blank', 'noopener');
  else window.location.href = href;
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
