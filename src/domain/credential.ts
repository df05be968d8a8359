import * as z from 'zod';
import { entityName } from './entity';
import { requiredLine } from './fields';

/** Whose sign-in gives access: a person's (delegated), or the registered application's own (Microsoft only). */
export const grants = ['authorization-code', 'client-credentials'] as const;
export type Grant = (typeof grants)[number];

/** Microsoft's clouds; each has its own accounts, hosts and application registrations. */
export const clouds = ['global', 'us-gcc-high', 'us-dod', 'china'] as const;
export type Cloud = (typeof clouds)[number];

/** Tenant names that stand for many organisations: any account, or any work or school account. */
export const sharedTenants: readonly string[] = ['common', 'organizations'];

const tenantId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const domainName = /^(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/i;

/** Whether a tenant is written as its id, which is what an id token names; a domain name must be looked up first. */
export function isTenantId(tenant: string): boolean {
  return tenantId.test(tenant);
}

const commonFields = {
  name: entityName,
  clientId: requiredLine(255, 'the client id'),
  /** Day on which the client secret expires (YYYY-MM-DD), as the provider's console shows it; empty if it never does. */
  secretExpiresOn: z.union([z.literal(''), z.iso.date('Enter a date.')]).default(''),
};

const googleFields = {
  ...commonFields,
  provider: z.literal('google'),
  grant: z.literal('authorization-code').default('authorization-code'),
};

const microsoftFields = {
  ...commonFields,
  provider: z.literal('microsoft'),
  grant: z.enum(grants).default('authorization-code'),
  // The tenant becomes a part of the token endpoint's path: nothing but these forms may get there.
  tenant: requiredLine(253, 'the tenant')
    .toLowerCase()
    .refine(
      (tenant) => sharedTenants.includes(tenant) || tenantId.test(tenant) || domainName.test(tenant),
      'Enter "common", "organizations", the directory (tenant) id, or a domain such as example.com.',
    ),
  cloud: z.enum(clouds).default('global'),
};

/** The settings of an OAuth2 credential as a form holds them, without the client secret. One schema for page and resolver. */
export const credentialSettings = z
  .discriminatedUnion('provider', [z.strictObject(googleFields), z.strictObject(microsoftFields)])
  .superRefine((settings, context) => {
    if (settings.provider !== 'microsoft') return;
    // An application signs in as itself, so there is no account whose organisation could be meant.
    if (settings.grant === 'client-credentials' && sharedTenants.includes(settings.tenant)) {
      context.addIssue({
        code: 'custom',
        path: ['tenant'],
        message: 'Enter the directory (tenant) id or a domain: client credentials belong to one organisation.',
      });
    }
    if (settings.cloud !== 'global' && settings.tenant === 'common') {
      context.addIssue({
        code: 'custom',
        path: ['tenant'],
        message:
          'Enter "organizations", the directory (tenant) id or a domain: national clouds have no personal accounts.',
      });
    }
  });
export type CredentialSettings = z.infer<typeof credentialSettings>;
export type OAuthProviderName = CredentialSettings['provider'];
export type GoogleSettings = Extract<CredentialSettings, { provider: 'google' }>;
export type MicrosoftSettings = Extract<CredentialSettings, { provider: 'microsoft' }>;

export interface Credential {
  id: string;
  /** Grows by one with each save; a save that names an older one is refused. */
  version: number;
  settings: CredentialSettings;
  /** See `secretIdOf`. */
  secretId?: string;
  /**
   * The callback URL that the provider is taken to have: today's when the credential was saved, or when a person came back over
   * it. Absent in records of earlier versions.
   */
  callbackUrl?: string;
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
}

/**
 * The callback URL that the provider still has where `current` is another one by now, as after a reinstallation: with that, nobody
 * can sign in. Null where it is the same, is not known, or is not needed, since nobody signs in.
 */
export function formerCallbackUrl({ settings, callbackUrl }: Credential, current: string): string | null {
  if (settings.grant === 'client-credentials' || callbackUrl === undefined) return null;
  return callbackUrl === current ? null : callbackUrl;
}

/** The code of what is wrong where a provider refuses a credential's client secret, until somebody enters another one. */
export const secretRefused = 'client-secret-refused';

const dayMs = 24 * 60 * 60_000;
/** Days before its expiry from which a client secret is warned about, each time more urgently. */
export const secretExpiryDays = { notice: 30, warning: 7, urgent: 1 } as const;

export type ExpiryLevel = 'notice' | 'warning' | 'urgent' | 'expired';

export interface SecretExpiry {
  level: ExpiryLevel;
  /** Whole days until the secret stops working; negative once it has. */
  daysLeft: number;
  /** For an administrator: what happens when, and what to do. */
  message: string;
}

/** How urgent it is that something ends in so many whole days; null while there is nothing to say. */
export function expiryLevel(daysLeft: number): ExpiryLevel | null {
  if (daysLeft > secretExpiryDays.notice) return null;
  if (daysLeft < 0) return 'expired';
  return daysLeft <= secretExpiryDays.urgent ? 'urgent' : daysLeft <= secretExpiryDays.warning ? 'warning' : 'notice';
}

/** What to say about a client secret's expiry at `now` (epoch milliseconds); null while there is nothing to say. */
export function secretExpiry(settings: CredentialSettings, now: number): SecretExpiry | null {
  if (settings.secretExpiresOn === '') return null;
  const daysLeft = Math.floor(Date.parse(settings.secretExpiresOn) / dayMs) - Math.floor(now / dayMs);
  const level = expiryLevel(daysLeft);
  if (level === null) return null;
  const remedy = `Create a new secret at ${settings.provider === 'google' ? 'Google' : 'Microsoft'} and enter it in this credential; connections keep their place.`;
  if (level === 'expired') {
    return {
      level,
      daysLeft,
      message: `The client secret of “${settings.name}” expired on ${settings.secretExpiresOn}. ${remedy}`,
    };
  }
  const when = daysLeft === 0 ? 'today' : daysLeft === 1 ? 'tomorrow' : `in ${daysLeft} days`;
  return {
    level,
    daysLeft,
    message: `The client secret of “${settings.name}” expires ${when} (${settings.secretExpiresOn}). ${remedy}`,
  };
}
