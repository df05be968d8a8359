import type { ConnectionSettings } from '../../../src/domain/connection';
import type { OutgoingSettings } from '../../../src/domain/outgoing';
import type { CredentialView } from '../../../src/resolvers/views';
import { checked } from '../../shared/fields';
import { formTexts as texts } from './form-texts';

/** The fields of a form, of incoming or outgoing connections, that decide who signs in at Google or Microsoft. */
export type AccessValues = Record<
  'provider' | 'credentialId' | 'authorizationId' | 'username' | 'usesShared' | 'sharedMailbox',
  string
>;

type Settings = ConnectionSettings | OutgoingSettings;
type OAuthAccount = Extract<Settings, { credentialId: string }>;

/** What the values alone do not tell. */
export interface AccessContext {
  /** The stored settings; null for a connection that was never saved. */
  saved: Settings | null;
  /** Null while they are not loaded. */
  credentials: readonly CredentialView[] | null;
}

export const isShared = ({ usesShared }: AccessValues) => usesShared === checked;

export function credentialOf({ credentialId }: AccessValues, { credentials }: AccessContext): CredentialView | null {
  return credentials?.find(({ id }) => id === credentialId) ?? null;
}

/** Whether somebody signed in for what the form describes, now or before it was saved. */
export function isAuthorized(values: AccessValues, context: AccessContext): boolean {
  if (values.authorizationId !== '') return true;
  const saved = savedAccount(values, context);
  // Other people's mailboxes are a permission of their own in Graph.
  const asksMore = values.provider === 'microsoft-graph' && isShared(values) && !usedShared(saved);
  return saved !== null && saved.username !== '' && saved.username === values.username && !asksMore;
}

/** The stored settings, when the form still has their provider and credential. */
export function savedAccount({ provider, credentialId }: AccessValues, { saved }: AccessContext): OAuthAccount | null {
  if (saved === null || !('credentialId' in saved)) return null;
  return saved.provider === provider && saved.credentialId === credentialId ? saved : null;
}

const usedShared = (saved: OAuthAccount | null) =>
  saved !== null && 'sharedMailbox' in saved && saved.sharedMailbox !== '';

/** What is missing before the account can be used: field name → message. */
export function missingAccess(values: AccessValues, context: AccessContext): Record<string, string> {
  const errors: Record<string, string> = {};
  const grant = credentialOf(values, context)?.settings.grant;
  if (grant === 'client-credentials' && values.username.trim() === '') errors.username = texts.mailboxMissing;
  if (grant === 'authorization-code' && !isAuthorized(values, context)) errors.authorizationId = texts.notAuthorized;
  if (isShared(values) && values.sharedMailbox.trim() === '') errors.sharedMailbox = texts.sharedMissing;
  return errors;
}
