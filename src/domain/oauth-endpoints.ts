import type { OAuthSettings } from './connection';
import type { Cloud, CredentialSettings } from './credential';
import type { OutgoingProvider } from './outgoing';

/** What a mailbox or a sender needs a token for; each use has its own scopes, and no more than it needs is asked for. */
export const tokenUses = ['gmail', 'gmail-send', 'imap', 'smtp', 'graph', 'graph-send'] as const;
export type TokenUse = (typeof tokenUses)[number];

/** What a mailbox of each provider is read with. */
export const mailboxUse = {
  google: 'gmail',
  'microsoft-imap': 'imap',
  'microsoft-graph': 'graph',
} as const satisfies Record<OAuthSettings['provider'], TokenUse>;

/** What a sender of each provider signs in with. */
export const mailerUse = {
  google: 'gmail-send',
  'microsoft-smtp': 'smtp',
  'microsoft-graph': 'graph-send',
} as const satisfies Record<Exclude<OutgoingProvider, 'smtp'>, TokenUse>;

interface CloudHosts {
  /** Signs people and applications in. */
  login: string;
  graph: string;
  /** IMAP and SMTP of Exchange Online. */
  imap: string;
  smtp: string;
  /** The name under which Exchange Online is asked for as a resource. */
  outlook: string;
}

// https://learn.microsoft.com/graph/deployments and the sign-in hosts that MSAL itself knows.
const cloudHosts = {
  global: {
    login: 'login.microsoftonline.com',
    graph: 'graph.microsoft.com',
    imap: 'outlook.office365.com',
    smtp: 'smtp.office365.com',
    outlook: 'outlook.office.com',
  },
  'us-gcc-high': {
    login: 'login.microsoftonline.us',
    graph: 'graph.microsoft.us',
    imap: 'outlook.office365.us',
    smtp: 'smtp.office365.us',
    outlook: 'outlook.office365.us',
  },
  'us-dod': {
    login: 'login.microsoftonline.us',
    graph: 'dod-graph.microsoft.us',
    imap: 'webmail.apps.mil',
    smtp: 'smtp.office365.us',
    outlook: 'webmail.apps.mil',
  },
  china: {
    login: 'login.partner.microsoftonline.cn',
    graph: 'microsoftgraph.chinacloudapi.cn',
    imap: 'partner.outlook.cn',
    smtp: 'smtp.partner.outlook.cn',
    outlook: 'partner.outlook.cn',
  },
} as const satisfies Record<Cloud, CloudHosts>;

export function hostsOfCloud(cloud: Cloud): (typeof cloudHosts)[Cloud] {
  return cloudHosts[cloud];
}

/** Google's fixed endpoints (https://accounts.google.com/.well-known/openid-configuration). */
export const googleEndpoints = {
  authorization: 'https://accounts.google.com/o/oauth2/v2/auth',
  token: 'https://oauth2.googleapis.com/token',
  revocation: 'https://oauth2.googleapis.com/revoke',
} as const;

export interface OAuthEndpoints {
  authorization: string;
  token: string;
  /** Null where the provider has none: Microsoft's tokens end by being deleted. */
  revocation: string | null;
}

/** Where a credential's people sign in and its tokens come from: derived, never typed in by anybody. */
export function endpointsOf(settings: CredentialSettings): OAuthEndpoints {
  if (settings.provider === 'google') return googleEndpoints;
  const base = `https://${hostsOfCloud(settings.cloud).login}/${settings.tenant}/oauth2/v2.0`;
  return { authorization: `${base}/authorize`, token: `${base}/token`, revocation: null };
}

/** Every host that a function asks for tokens; manifest.yml lists the same ones under `external.fetch.backend`. */
export const tokenHosts: readonly string[] = [
  ...new Set([new URL(googleEndpoints.token).host, ...Object.values(cloudHosts).map((hosts) => hosts.login)]),
];

/**
 * The scopes of a use: those of one resource only, since a Microsoft token is good for a single one. `shared` asks for the
 * mailboxes that the person was given access to, as well. Sign-in scopes (`openid`, `email`, `offline_access`) are not in it.
 */
export function scopesOf(settings: CredentialSettings, use: TokenUse, shared: boolean): string[] {
  if (settings.provider === 'google') {
    return [`https://www.googleapis.com/auth/${use === 'gmail-send' ? 'gmail.send' : 'gmail.modify'}`];
  }
  const { graph, outlook } = hostsOfCloud(settings.cloud);
  const isGraph = use === 'graph' || use === 'graph-send';
  if (settings.grant === 'client-credentials') {
    // Exchange Online knows applications under its mail host's name only.
    const resource = isGraph ? graph : outlook === 'outlook.office.com' ? 'outlook.office365.com' : outlook;
    return [`https://${resource}/.default`];
  }
  if (isGraph)
    return [`https://${graph}/${use === 'graph' ? 'Mail.ReadWrite' : 'Mail.Send'}${shared ? '.Shared' : ''}`];
  return [`https://${outlook}/${use === 'smtp' ? 'SMTP.Send' : 'IMAP.AccessAsUser.All'}`];
}
