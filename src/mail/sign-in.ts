import { AppError } from '../domain/app-error';
import { hostsOfCloud, type TokenUse } from '../domain/oauth-endpoints';
import type { AccessToken, Credentials, TokenOwner } from '../domain/oauth-ports';
import type { MailboxAccess, Secrets } from '../domain/ports';
import type { PostToGateway } from './gateway-client';
import type { HttpDeps } from './http';
import { tokenSource } from './token-source';

/** What opening a mailbox or a mailer needs of the world. */
export interface OpenDeps {
  gateway: PostToGateway;
  /** Passwords of connections. */
  secrets: Secrets;
  credentials: Credentials;
  accessToken: AccessToken;
  /** The function's own: through the platform's gate. */
  fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  now(): number;
}

interface OAuthAccount {
  credentialId: string;
  username: string;
  sharedMailbox?: string;
}

/** The entered password, else the stored one. @throws AppError `password-missing` */
export async function passwordOf(secrets: Secrets, access: MailboxAccess): Promise<string> {
  const secretId = access.secretId ?? access.connectionId;
  const password = access.password || (secretId === null ? null : await secrets.get(secretId));
  if (password) return password;
  const message = 'No password is stored. Edit the connection and enter it.';
  throw new AppError('password-missing', 'access', message, { field: 'password', step: 'sign-in' });
}

/** Whose tokens are used: those of a sign-in that is not confirmed yet, or the connection's. */
export function tokenOwner(
  { credentialId, sharedMailbox = '' }: OAuthAccount,
  use: TokenUse,
  { connectionId, secretId, authorizationId }: MailboxAccess,
): TokenOwner {
  const common = { credentialId, use, shared: sharedMailbox !== '' };
  if (authorizationId !== undefined) return { ...common, id: authorizationId, unconfirmed: true };
  return { ...common, id: secretId ?? connectionId ?? `draft:${credentialId}` };
}

export function httpDeps({ accessToken, fetch, now }: OpenDeps, owner: TokenOwner, { log }: MailboxAccess): HttpDeps {
  return { fetch, now, log, getAccessToken: tokenSource(accessToken, owner) };
}

/** Which mailbox of which of Microsoft's clouds Graph is asked for. @throws AppError `credential-missing` */
export async function graphAccount(
  credentials: Credentials,
  { credentialId, username, sharedMailbox = '' }: OAuthAccount,
) {
  const credential = await credentials.get(credentialId);
  if (credential?.settings.provider !== 'microsoft') {
    const message = 'The OAuth2 credential of this connection is gone. Edit the connection and choose another one.';
    throw new AppError('credential-missing', 'access', message, { field: 'settings.credentialId', step: 'sign-in' });
  }
  const { cloud, grant } = credential.settings;
  const application = grant === 'client-credentials';
  // An application has no mailbox of its own: it names the one it means.
  const address = sharedMailbox || (application ? username : '');
  return { mailbox: address || 'me', application, host: hostsOfCloud(cloud).graph };
}
