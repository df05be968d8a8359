import { AppError } from '../domain/app-error';
import type { Mailer, MailerAccess, OpenMailer } from '../domain/mailer';
import { hostsOfCloud, mailerUse } from '../domain/oauth-endpoints';
import type { AccessToken, Credentials, TokenOwner } from '../domain/oauth-ports';
import type { OutgoingSettings } from '../domain/outgoing';
import type { Secrets } from '../domain/ports';
import type { PostToGateway } from './gateway-client';
import { gatewayMailer } from './gateway-mailer';
import { gmailMailer } from './gmail/gmail-mailer';
import { graphMailer } from './graph/graph-mailer';
import type { HttpDeps } from './http';
import { tokenSource } from './token-source';

export interface OpenMailerDeps {
  gateway: PostToGateway;
  /** Passwords by connection. */
  secrets: Secrets;
  credentials: Credentials;
  accessToken: AccessToken;
  fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  now(): number;
}

type OAuthOutgoing = Exclude<OutgoingSettings, { provider: 'smtp' }>;

/** Chooses the adapter that sends: over HTTPS from here, or by SMTP through the gateway. */
export function mailerOpener(deps: OpenMailerDeps): OpenMailer {
  return async (settings, access) => {
    const { log } = access;
    switch (settings.provider) {
      case 'smtp': {
        const credentials =
          settings.username === '' ? { none: true as const } : { password: await passwordOf(deps.secrets, access) };
        return gatewayMailer(deps.gateway, settings, credentials, { log });
      }
      case 'microsoft-smtp': {
        const accessToken = await deps.accessToken(ownerOf(settings, access));
        return gatewayMailer(deps.gateway, settings, { accessToken }, { log });
      }
      case 'google':
        return gmailMailer(settings, httpDeps(deps, settings, access));
      case 'microsoft-graph':
        return graph(deps, settings, access);
    }
  };
}

async function graph(
  deps: OpenMailerDeps,
  settings: Extract<OutgoingSettings, { provider: 'microsoft-graph' }>,
  access: MailerAccess,
): Promise<Mailer> {
  const credential = await deps.credentials.get(settings.credentialId);
  if (credential?.settings.provider !== 'microsoft') {
    const message = 'The OAuth2 credential of this connection is gone. Edit the connection and choose another one.';
    throw new AppError('credential-missing', 'access', message, { field: 'settings.credentialId', step: 'sign-in' });
  }
  const { cloud, grant } = credential.settings;
  const application = grant === 'client-credentials';
  // An application has no mailbox of its own: it names the one it means.
  const address = settings.sharedMailbox || (application ? settings.username : '');
  const sender = {
    mailbox: address || 'me',
    application,
    host: hostsOfCloud(cloud).graph,
    timeoutMs: settings.timeoutMs,
  };
  return graphMailer(sender, httpDeps(deps, settings, access));
}

function ownerOf(settings: OAuthOutgoing, { connectionId, authorizationId }: MailerAccess): TokenOwner {
  const common = {
    credentialId: settings.credentialId,
    use: mailerUse[settings.provider],
    shared: 'sharedMailbox' in settings && settings.sharedMailbox !== '',
  };
  if (authorizationId !== undefined) return { ...common, id: authorizationId, unconfirmed: true };
  return { ...common, id: connectionId ?? `draft:${settings.credentialId}` };
}

function httpDeps(
  { accessToken, fetch, now }: OpenMailerDeps,
  settings: OAuthOutgoing,
  access: MailerAccess,
): HttpDeps {
  return { fetch, now, getAccessToken: tokenSource(accessToken, ownerOf(settings, access)) };
}

async function passwordOf(secrets: Secrets, access: MailerAccess): Promise<string> {
  const password = access.password || (access.connectionId === null ? null : await secrets.get(access.connectionId));
  if (password) return password;
  const message = 'No password is stored. Edit the connection and enter it.';
  throw new AppError('password-missing', 'access', message, { field: 'password', step: 'sign-in' });
}
