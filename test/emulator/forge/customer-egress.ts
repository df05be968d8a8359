import type { Journal } from '../journal';
import type { Product } from './forge';
import { customerEgressLimits } from './limits';

/** Egress that administrators agree to at run time (the platform's customer-managed egress). */

export interface EgressGroup {
  key: string;
  description: string;
  configured: { domain: string; type: string[] }[];
}

export interface EgressRecord {
  egress: EgressGroup[];
}

export interface CustomerEgress {
  /**
   * An operation of `permissions.egress`, as a user who has agreed to it.
   * @throws EgressRefusal
   */
  call(operation: string, payload: unknown, accountId: string | null): Promise<unknown>;
  /** Domains that functions may reach beside those of the manifest. */
  backendHosts(): string[];
  /** Who uninstalls the app takes back what was agreed to. */
  clear(): void;
  restore(record: EgressRecord): void;
  groups(): EgressGroup[];
}

/** The HTTP status that the platform refuses with. */
export class EgressRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const types = new Set([
  'FETCH_BACKEND_SIDE',
  'FETCH_CLIENT_SIDE',
  'FONTS',
  'FRAMES',
  'IMAGES',
  'MEDIA',
  'SCRIPTS',
  'STYLES',
]);

export function createCustomerEgress(parts: {
  /** `permissions.external.configurable.enabled` of the manifest. */
  enabled: boolean;
  jira: Product;
  journal: Journal;
}): CustomerEgress {
  let groups: EgressGroup[] = [];
  const save = (next: EgressGroup[]) => {
    groups = next;
    parts.journal.append({ egress: groups } satisfies EgressRecord);
  };

  const operations: Record<string, (payload: Record<string, unknown>) => unknown> = {
    get: ({ keys }) => ({
      results: structuredClone(groups.filter(({ key }) => !Array.isArray(keys) || keys.includes(key))),
    }),
    set: ({ egresses }) => {
      const given = checked(egresses);
      const next = [...groups.filter(({ key }) => !given.some((group) => group.key === key)), ...given];
      if (next.length > customerEgressLimits.groups) throw new EgressRefusal(400, 'Max egress limit exceeded');
      save(next);
      return { results: structuredClone(given) };
    },
    deleteDomain: ({ key, domain, type }) => {
      if (typeof type !== 'string' || !types.has(type)) throw new EgressRefusal(400, 'Invalid type');
      const without = (entry: EgressGroup['configured'][number]) =>
        entry.domain === domain ? { ...entry, type: entry.type.filter((one) => one !== type) } : entry;
      const next = groups.map((group) =>
        group.key === key
          ? { ...group, configured: group.configured.map(without).filter((entry) => entry.type.length > 0) }
          : group,
      );
      save(next);
    },
    deleteGroup: ({ key }) => {
      if (typeof key !== 'string') throw new EgressRefusal(400, 'Missing key');
      save(groups.filter((group) => group.key !== key));
    },
  };

  return {
    call: async (operation, payload, accountId) => {
      const run = operations[operation];
      if (run === undefined) throw new EgressRefusal(400, `No such operation: ${operation}`);
      if (!parts.enabled) throw new EgressRefusal(403, 'Customer-managed egress is not enabled for this app');
      if (operation !== 'get' && !(await isAdministrator(parts.jira, accountId))) {
        throw new EgressRefusal(403, 'Only administrators can configure egress');
      }
      return run((payload ?? {}) as Record<string, unknown>);
    },
    backendHosts: () =>
      groups.flatMap(({ configured }) =>
        configured.flatMap(({ domain, type }) => (type.includes('FETCH_BACKEND_SIDE') ? [domain] : [])),
      ),
    clear: () => save([]),
    restore: ({ egress }) => {
      groups = egress;
    },
    groups: () => groups,
  };
}

/** @throws EgressRefusal 400 for what is malformed, 422 for what contradicts itself */
function checked(egresses: unknown): EgressGroup[] {
  const malformed = new EgressRefusal(400, 'Malformed egress');
  if (!Array.isArray(egresses) || egresses.length === 0) throw malformed;
  for (const { key, description, configured } of egresses as Partial<EgressGroup>[]) {
    if (typeof key !== 'string' || key === '' || typeof description !== 'string') throw malformed;
    if (!Array.isArray(configured) || configured.length === 0) throw malformed;
    if (configured.length > customerEgressLimits.domains) throw new EgressRefusal(400, 'Max egress limit exceeded');
    for (const { domain, type } of configured) {
      if (typeof domain !== 'string' || !Array.isArray(type) || !type.every((one) => types.has(one))) throw malformed;
      if (domain !== '*' && !/^(https?:\/\/)?(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(domain)) {
        throw new EgressRefusal(422, `Invalid URL: ${domain}`);
      }
    }
    if (new Set(configured.map(({ domain }) => domain)).size < configured.length) {
      throw new EgressRefusal(422, 'Duplicate domains');
    }
  }
  const groups = egresses as EgressGroup[];
  if (new Set(groups.map(({ key }) => key)).size < groups.length) throw new EgressRefusal(422, 'Duplicate keys');
  return structuredClone(groups);
}

async function isAdministrator(jira: Product, accountId: string | null): Promise<boolean> {
  if (accountId === null) return false;
  const { status, body } = await jira.handle({
    method: 'GET',
    path: '/rest/api/3/mypermissions?permissions=ADMINISTER',
    headers: {},
    body: new Uint8Array(),
    as: { type: 'user', accountId },
  });
  if (status !== 200) return false;
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const { permissions } = JSON.parse(text) as { permissions?: { ADMINISTER?: { havePermission?: boolean } } };
  return permissions?.ADMINISTER?.havePermission === true;
}
