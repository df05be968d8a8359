import type { IncomingMessage } from 'node:http';
import { decodeJwt, SignJWT } from 'jose';
import type { Provider } from 'oidc-provider';
import { type Behaviour, createProvider, prepareAuthorization, type TokenContext } from './provider';
import type { IdentityStore } from './store';
import { type DemoUser, tenantIdOf } from './users';

const graphScopes = [
  'Mail.Read',
  'Mail.ReadWrite',
  'Mail.ReadWrite.Shared',
  'Mail.Send',
  'Mail.Send.Shared',
  'User.Read',
];
const outlookScopes = ['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send'];
const graphHosts = [
  'graph.microsoft.com',
  'graph.microsoft.us',
  'dod-graph.microsoft.us',
  'microsoftgraph.chinacloudapi.cn',
];
const outlookHosts = [
  'outlook.office.com',
  'outlook.office365.com',
  'outlook.office365.us',
  'webmail.apps.mil',
  'partner.outlook.cn',
];
const applicationScopes = [...graphHosts, ...outlookHosts].map((host) => `https://${host}/.default`);
const delegatedScopes = [
  ...graphHosts.flatMap((host) => graphScopes.map((scope) => `https://${host}/${scope}`)),
  ...outlookHosts.flatMap((host) => outlookScopes.map((scope) => `https://${host}/${scope}`)),
  ...graphScopes,
];
const signInScopes = ['openid', 'profile', 'email', 'offline_access'];

/** `login.microsoftonline.com` (v2.0), as far as web applications use it. Served under each tenant's path. */
export async function microsoftProvider(
  store: IdentityStore,
  users: readonly DemoUser[],
  behaviour: Behaviour,
): Promise<Provider> {
  return createProvider({
    issuer: 'https://login.microsoftonline.com/common/v2.0',
    store,
    users,
    behaviour,
    routes: {
      authorization: '/oauth2/v2.0/authorize',
      token: '/oauth2/v2.0/token',
      jwks: '/discovery/v2.0/keys',
    },
    scopes: [...signInScopes, ...delegatedScopes, ...applicationScopes],
    claims: { openid: ['sub', 'tid', 'oid', 'ver'], profile: ['name', 'preferred_username'], email: ['email'] },
    claimsOf: ({ id, tenantId, name, address }) => ({
      oid: id,
      tid: tenantId,
      ver: '2.0',
      name,
      preferred_username: address,
      email: address,
    }),
    extraParams: ['client_info', 'x_tenant'],
    dress: async (context, body, key) => {
      const tenantName = tenantOf(context);
      if (typeof body.error === 'string') return refusal(context, body.error, String(body.error_description ?? ''));
      if (context.oidc?.params?.grant_type === 'client_credentials' && typeof tenantIdOf(tenantName) !== 'string') {
        context.status = 400;
        return refusal(context, 'invalid_request', 'application');
      }
      const { scope, ...rest } = body;
      const granted = String(scope ?? '')
        .split(' ')
        .filter((name) => name !== 'offline_access');
      const isPerson = typeof body.id_token === 'string';
      return {
        ...rest,
        ext_expires_in: body.expires_in,
        ...(isPerson ? { scope: granted.join(' '), ...(await personal(String(body.id_token), key)) } : {}),
      };
    },
  });
}

/** What an authorization request asks that Microsoft does not know; empty when all is well. */
export function prepareMicrosoft(request: IncomingMessage, tenantName: string): string {
  let unknown = '';
  prepareAuthorization(request, (query) => {
    const known = [...signInScopes, ...delegatedScopes];
    unknown = (query.get('scope') ?? '')
      .split(' ')
      .filter((scope) => !known.includes(scope))
      .join(' ');
    query.set('x_tenant', tenantName);
  });
  return unknown;
}

/** A tenant's OpenID metadata; its issuer tells the id of a tenant that was asked for by domain. */
export function metadata(tenantName: string): Record<string, unknown> | null {
  const tenantId = tenantIdOf(tenantName);
  if (tenantId === undefined) return null;
  const base = `https://login.microsoftonline.com/${tenantId ?? tenantName}`;
  return {
    issuer: `https://login.microsoftonline.com/${tenantId ?? '{tenantid}'}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  };
}

function tenantOf(context: TokenContext): string {
  const url = 'originalUrl' in context.req ? String(context.req.originalUrl) : '';
  return url.split('/')[1] ?? '';
}

/** The id token with the issuer of the account's own tenant, and who it is for MSAL's cache. */
async function personal(idToken: string, key: CryptoKey): Promise<Record<string, unknown>> {
  const claims = decodeJwt(idToken);
  const signed = await new SignJWT({ ...claims, iss: `https://login.microsoftonline.com/${String(claims.tid)}/v2.0` })
    .setProtectedHeader({ alg: 'RS256', kid: 'emulator' })
    .sign(key);
  const clientInfo = JSON.stringify({ uid: claims.oid, utid: claims.tid });
  return { id_token: signed, client_info: Buffer.from(clientInfo).toString('base64url') };
}

function refusal(context: TokenContext, error: string, reason: string): Record<string, unknown> {
  const isRenewal = context.oidc?.params?.grant_type === 'refresh_token';
  const [number, text] =
    error === 'invalid_client'
      ? [
          7000215,
          'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value.',
        ]
      : reason === 'application'
        ? [
            50194,
            'Application is not configured as a multi-tenant application. Usage of this endpoint is not supported.',
          ]
        : isRenewal
          ? [50173, 'The provided grant has expired due to it being revoked, a fresh auth token is needed.']
          : reason.includes('consumed')
            ? [54005, 'OAuth2 Authorization code was already redeemed, please retry with a new valid code.']
            : [9002313, 'Invalid request. Request is malformed or invalid.'];
  return {
    error,
    error_description: `AADSTS${number}: ${text} Trace ID: 00000000-0000-0000-0000-000000000000`,
    error_codes: [number],
    timestamp: new Date().toISOString(),
    trace_id: '00000000-0000-0000-0000-000000000000',
    correlation_id: '00000000-0000-0000-0000-000000000000',
  };
}
