import { imapPorts, microsoftImapHosts, pop3Ports } from '../../../src/domain/connection';
import { hostsOfCloud } from '../../../src/domain/oauth-endpoints';
import { microsoftSmtpHosts, smtpPorts } from '../../../src/domain/outgoing';
import type { CredentialView } from '../../../src/resolvers/views';
import { checked } from '../../shared/fields';
import { toNumber } from '../../shared/form-input';

/** The fields of a form that say how an account is reached and who opens it; a test needs no other. */
export const accountFields = [
  'provider',
  'encryption',
  'host',
  'overridesHost',
  'port',
  'username',
  'password',
  'credentialId',
  'authorizationId',
  'usesShared',
  'sharedMailbox',
  'timeoutMs',
  'privateCa',
] as const;

/** All as text, and named as in the settings where they have a field there. */
export type AccountValues = Record<(typeof accountFields)[number], string>;

const portsOf: Record<string, Record<string, number>> = { imap: imapPorts, pop3: pop3Ports, smtp: smtpPorts };
const hostsOf: Record<string, readonly string[]> = {
  'microsoft-imap': microsoftImapHosts,
  'microsoft-smtp': microsoftSmtpHosts,
};

/** The usual port of a provider and encryption; empty where there is none to choose. */
export const usualPort = ({ provider, encryption }: Pick<AccountValues, 'provider' | 'encryption'>): string =>
  String(portsOf[provider]?.[encryption] ?? '');

/** The hosts of a provider that has several; null for others. */
export const hostChoices = (provider: string) =>
  hostsOf[provider]?.map((host) => ({ value: host, label: host })) ?? null;

/** Exchange Online has other hosts in each national cloud. */
export function usualHost(provider: string, credential: CredentialView | null): string {
  const { settings } = credential ?? {};
  const { imap, smtp } = hostsOfCloud(settings?.provider === 'microsoft' ? settings.cloud : 'global');
  if (provider === 'microsoft-imap') return imap;
  return provider === 'microsoft-smtp' ? smtp : '';
}

export const newAccount = (provider: string): AccountValues => ({
  provider,
  encryption: 'tls',
  host: '',
  overridesHost: '',
  port: usualPort({ provider, encryption: 'tls' }),
  username: '',
  password: '',
  credentialId: '',
  authorizationId: '',
  usesShared: '',
  sharedMailbox: '',
  timeoutMs: '10000',
  privateCa: '',
});

export const isOAuth = ({ provider }: Pick<AccountValues, 'provider'>) => portsOf[provider] === undefined;

export const isShared = ({ usesShared }: Pick<AccountValues, 'usesShared'>) => usesShared === checked;

/** A server may take mail, but never gives any, without a sign-in. */
export const needsPassword = ({ provider, username }: AccountValues) =>
  !isOAuth({ provider }) && (provider !== 'smtp' || username.trim() !== '');

/** What settings hold of the account, by what its provider knows. */
export function accountInput(values: AccountValues): Record<string, unknown> {
  const { provider, username, encryption, host, port, privateCa, credentialId } = values;
  const common = { provider, username, timeoutMs: toNumber(values.timeoutMs) };
  if (!isOAuth(values)) return { ...common, encryption, host, port: toNumber(port), privateCa };
  const sharedMailbox = isShared(values) ? values.sharedMailbox : '';
  return {
    ...common,
    credentialId,
    ...(provider !== 'google' && { sharedMailbox }),
    ...(hostsOf[provider] !== undefined && { host }),
  };
}
