import type { ConnectionSettings } from '../../../src/domain/connection';
import type { OutgoingSettings } from '../../../src/domain/outgoing';
import type { CredentialView } from '../../../src/resolvers/views';
import { type AccountValues, isOAuth, isShared, needsPassword, usualHost, usualPort } from './account-values';
import { accountTexts as texts } from './texts';

type Settings = ConnectionSettings | OutgoingSettings;
type OAuthAccount = Extract<Settings, { credentialId: string }>;

/** What the values of a form alone do not tell of the access to its account. */
export interface AccessContext {
  /** The stored settings; null for a connection that was never saved. */
  saved: Settings | null;
  /** Null while they are not loaded. */
  credentials: readonly CredentialView[] | null;
}

export function credentialOf({ credentialId }: AccountValues, { credentials }: AccessContext): CredentialView | null {
  return credentials?.find(({ id }) => id === credentialId) ?? null;
}

export const hasPassword = ({ saved }: AccessContext): boolean =>
  saved !== null && !('credentialId' in saved) && saved.username !== '';

/** Whether somebody signed in for what the form describes, now or before it was saved. */
export function isAuthorized(values: AccountValues, context: AccessContext): boolean {
  if (values.authorizationId !== '') return true;
  const saved = savedAccount(values, context);
  // Other people's mailboxes are a permission of their own in Graph.
  const asksMore = values.provider === 'microsoft-graph' && isShared(values) && !usedShared(saved);
  return saved !== null && saved.username !== '' && saved.username === values.username && !asksMore;
}

/** The stored settings, when the form still has their provider and credential. */
export function savedAccount({ provider, credentialId }: AccountValues, { saved }: AccessContext): OAuthAccount | null {
  if (saved === null || !('credentialId' in saved)) return null;
  return saved.provider === provider && saved.credentialId === credentialId ? saved : null;
}

const usedShared = (saved: OAuthAccount | null) =>
  saved !== null && 'sharedMailbox' in saved && saved.sharedMailbox !== '';

/** What is missing before the account can be used: field name → message. What is stored for it need not be given again. */
export function missingAccess(values: AccountValues, context: AccessContext): Record<string, string> {
  if (!isOAuth(values)) {
    const isMissing = needsPassword(values) && values.password === '' && !hasPassword(context);
    return isMissing ? { password: texts.passwordMissing } : {};
  }
  const errors: Record<string, string> = {};
  const grant = credentialOf(values, context)?.settings.grant;
  if (grant === 'client-credentials' && values.username.trim() === '') errors.username = texts.mailboxMissing;
  if (grant === 'authorization-code' && !isAuthorized(values, context)) errors.authorizationId = texts.notAuthorized;
  if (isShared(values) && values.sharedMailbox.trim() === '') errors.sharedMailbox = texts.sharedMissing;
  return errors;
}

/** What the form may sign in with, beside what is stored. */
export function enteredAccess(values: AccountValues): { password?: string; authorizationId?: string } {
  if (!isOAuth(values)) return { password: needsPassword(values) ? values.password : '' };
  return values.authorizationId === '' ? {} : { authorizationId: values.authorizationId };
}

/** What means nothing at another provider is forgotten, a port that was edited stays, and what is stored for it comes back. */
export function changedProvider(
  values: AccountValues,
  provider: string,
  { saved }: AccessContext,
): Partial<AccountValues> {
  const next = { ...values, provider };
  const isKept = !isOAuth(values) && !isOAuth(next);
  const stored = saved !== null && saved.provider === provider && 'credentialId' in saved ? saved : null;
  return {
    provider,
    port: values.port === usualPort(values) ? usualPort(next) : values.port,
    host: isKept ? values.host : usualHost(provider, null),
    username: isKept ? values.username : (stored?.username ?? ''),
    password: isKept ? values.password : '',
    credentialId: stored?.credentialId ?? '',
    authorizationId: '',
    usesShared: '',
    sharedMailbox: '',
    overridesHost: '',
  };
}
