export interface DemoUser {
  provider: 'google' | 'microsoft';
  /** What the provider calls the account; never changes. */
  id: string;
  name: string;
  address: string;
  /** Microsoft: the organisation, or the one of all personal accounts; empty for Google. */
  tenantId: string;
}

/** Two organisations and the personal accounts, as Microsoft sees them: id, and the domain that also names it. */
export const tenants = {
  contoso: { id: 'a1c0de00-0000-4000-8000-00000c047050', domain: 'contoso.example' },
  fabrikam: { id: 'fab21ca0-0000-4000-8000-000000fab21c', domain: 'fabrikam.example' },
  personal: { id: '9188040d-6c67-4c5b-b112-36a304b66dad', domain: 'outlook.example' },
} as const;

const google = (id: string, name: string, address: string): DemoUser => ({
  provider: 'google',
  id,
  name,
  address,
  tenantId: '',
});
const microsoft = (id: string, name: string, address: string, tenantId: string): DemoUser => ({
  provider: 'microsoft',
  id: `00000000-0000-4000-8000-${id.padStart(12, '0')}`,
  name,
  address,
  tenantId,
});

/** Whoever may sign in, with a click and no password. */
export const demoUsers: readonly DemoUser[] = [
  google('108000000000000000001', 'Support Team', 'support@gmail.example'),
  google('108000000000000000002', 'Maria Gomez', 'maria@gmail.example'),
  microsoft('1', 'Support Team', 'support@contoso.example', tenants.contoso.id),
  microsoft('2', 'Maria Gomez', 'maria@contoso.example', tenants.contoso.id),
  microsoft('3', 'Lee Wong', 'lee@fabrikam.example', tenants.fabrikam.id),
  microsoft('4', 'Sam Smith', 'sam@outlook.example', tenants.personal.id),
];

/** The id of the tenant that a path names by id or domain; null for `common` and `organizations`; undefined if nobody has it. */
export function tenantIdOf(name: string): string | null | undefined {
  if (name === 'common' || name === 'organizations') return null;
  return Object.values(tenants).find((tenant) => tenant.id === name || tenant.domain === name)?.id;
}

/** Whether an account may sign in at a tenant's address. */
export function mayUse(user: DemoUser, tenantName: string): boolean {
  if (tenantName === 'organizations') return user.tenantId !== tenants.personal.id;
  const tenantId = tenantIdOf(tenantName);
  return tenantId === null || user.tenantId === tenantId;
}
