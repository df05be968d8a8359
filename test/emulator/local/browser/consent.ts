import { question } from './question';

/** The product's question whether an app may reach further hosts, and its answers to `permissions.egress`. */

interface Group {
  key: string;
  description: string;
  configured: { domain: string; type: string[] }[];
}

/** Asks the administrator about hosts that are new; the bridge's promise rejects when they say no. */
export async function customerEgress(operation: string, payload: unknown, accountId: string | null): Promise<unknown> {
  if (operation !== 'set') return ask(operation, payload, accountId);
  const wanted = (payload as { egresses?: Group[] }).egresses ?? [];
  const { results } = (await ask('get', {}, accountId)) as { results: Group[] };
  const known = new Set(results.flatMap(({ configured }) => configured.map(({ domain }) => domain)));
  const news = wanted
    .map((group) => ({ ...group, configured: group.configured.filter(({ domain }) => !known.has(domain)) }))
    .filter(({ configured }) => configured.length > 0);
  if (news.length > 0 && !(await agreed(news))) throw new Error('The administrator did not agree to the egress.');
  return ask('set', payload, accountId);
}

async function ask(operation: string, payload: unknown, accountId: string | null): Promise<unknown> {
  const response = await fetch('/_local/egress', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ operation, payload, accountId }),
  });
  const answer: { value?: unknown; message?: string } = await response.json();
  if (!response.ok) throw new Error(answer.message ?? 'The egress was refused.');
  return answer.value;
}

function agreed(groups: readonly Group[]): Promise<boolean> {
  const hosts = groups.map(({ description, configured }) => {
    return `${description} (${configured.map(({ domain }) => domain).join(', ')})`;
  });
  return question('Allow this app to send data to other hosts?', hosts, 'Allow');
}
