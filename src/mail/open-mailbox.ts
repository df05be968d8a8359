import { AppError } from '../domain/app-error';
import type { ConnectionSettings, OAuthSettings } from '../domain/connection';
import { hostsOfCloud, mailboxUse } from '../domain/oauth-endpoints';
import type { AccessToken, Credentials, TokenOwner } from '../domain/oauth-ports';
import type { Mailbox, MailboxAccess, OpenMailbox, Secrets } from '../domain/ports';
import { gatewayMailbox, type InvokeGateway } from './gateway-client';
import { gmailMailbox } from './gmail/gmail-mailbox';
import { graphMailbox } from './graph/graph-mailbox';
import type { HttpDeps } from './http';
import { tokenSource } from './token-source';

export interface OpenMailboxDeps {
  gateway: InvokeGateway;
  /** Passwords by connection. */
  secrets: Secrets;
  credentials: Credentials;
  accessToken: AccessToken;
  fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  now(): number;
}

/** Chooses the adapter that reads a mailbox: over HTTPS from here, or by IMAP or POP3 through the gateway. */
export function mailboxOpener(deps: OpenMailboxDeps): OpenMailbox {
  return async (settings, access) => {
    switch (settings.provider) {
      case 'imap':
      case 'pop3': {
        const password = await passwordOf(deps.secrets, access);
        return gatewayMailbox(deps.gateway, settings, { password });
      }
      case 'microsoft-imap': {
        const accessToken = await deps.accessToken(ownerOf(settings, access));
        return gatewayMailbox(deps.gateway, settings, { accessToken });
      }
      case 'google':
        return gmailMailbox(settings, httpDeps(deps, ownerOf(settings, access)));
      case 'microsoft-graph':
        return graph(deps, settings, access);
    }
  };
}

async function graph(
  deps: OpenMailboxDeps,
  settings: Extract<ConnectionSettings, { provider: 'microsoft-graph' }>,
  access: MailboxAccess,
): Promise<Mailbox> {
  const credential = await deps.credentials.get(settings.credentialId);
  if (credential?.settings.provider !== 'microsoft') {
    const message = 'The OAuth2 credential of this connection is gone. Edit the connection and choose another one.';
    throw new AppError('credential-missing', 'access', message, { field: 'settings.credentialId', step: 'sign-in' });
  }
  const { cloud, grant } = credential.settings;
  const application = grant === 'client-credentials';
  // An application has no mailbox of its own: it names the one it means.
  const address = settings.sharedMailbox || (application ? settings.username : '');
  const { folder, timeoutMs } = settings;
  const mailbox = { folder, timeoutMs, application, mailbox: address || 'me', host: hostsOfCloud(cloud).graph };
  return graphMailbox(mailbox, httpDeps(deps, ownerOf(settings, access)));
}

function ownerOf(settings: OAuthSettings, { connectionId, authorizationId }: MailboxAccess): TokenOwner {
  const common = {
    credentialId: settings.credentialId,
    use: mailboxUse[settings.provider],
    shared: 'sharedMailbox' in settings && settings.sharedMailbox !== '',
  };
  if (authorizationId !== undefined) return { ...common, id: authorizationId, unconfirmed: true };
  return { ...common, id: connectionId ?? `draft:${settings.credentialId}` };
}

function httpDeps({ accessToken, fetch, now }: OpenMailboxDeps, owner: TokenOwner): HttpDeps {
  return { fetch, now, getAccessToken: tokenSource(accessToken, owner) };
}

async function passwordOf(secrets: Secrets, access: MailboxAccess): Promise<string> {
  const password = access.password || (access.connectionId === null ? null : await secrets.get(access.connectionId));
  if (password) return password;
  const message = 'No password is stored. Edit the connection and enter it.';
  throw new AppError('password-missing', 'access', message, { field: 'password', step: 'sign-in' });
}
