import type { IncomingMessage } from 'node:http';
import type { Provider } from 'oidc-provider';
import { type Behaviour, createProvider, prepareAuthorization } from './provider';
import type { IdentityStore } from './store';
import type { DemoUser } from './users';

const mailScopes = [
  'https://mail.google.com/',
  ...['gmail.modify', 'gmail.readonly', 'gmail.send'].map((name) => `https://www.googleapis.com/auth/${name}`),
];
const signInScopes = ['openid', 'email', 'profile'];
export const googleScopes: readonly string[] = [...signInScopes, ...mailScopes];

/** `accounts.google.com` and `oauth2.googleapis.com`, as far as web server applications use them. */
export async function googleProvider(
  store: IdentityStore,
  users: readonly DemoUser[],
  behaviour: Behaviour,
): Promise<Provider> {
  return createProvider({
    issuer: 'https://accounts.google.com',
    store,
    users,
    behaviour,
    routes: {
      authorization: '/o/oauth2/v2/auth',
      token: '/token',
      userinfo: '/v1/userinfo',
      jwks: '/oauth2/v3/certs',
    },
    // Google has no such scope: it stands for `access_type=offline` here, see below.
    scopes: [...googleScopes, 'offline_access'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    claimsOf: ({ address, name }) => ({ email: address, email_verified: true, name }),
    extraParams: ['access_type', 'include_granted_scopes'],
    dress: async (context, body) => {
      if (typeof body.error === 'string')
        return refusal(body.error, context.oidc?.params?.grant_type === 'refresh_token', context);
      const { refresh_token: refreshToken, ...rest } = body;
      // A renewal says nothing of the refresh token, which stays the same.
      const isKept = context.oidc?.params?.grant_type === 'refresh_token' && !behaviour.rotates;
      const scope = String(body.scope ?? '')
        .split(' ')
        .filter((name) => name !== 'offline_access')
        .map((name) =>
          name === 'email' || name === 'profile' ? `https://www.googleapis.com/auth/userinfo.${name}` : name,
        )
        .join(' ');
      const isLimited = refreshToken !== undefined && behaviour.grantSeconds !== null;
      return {
        ...rest,
        scope,
        ...(isLimited && { refresh_token_expires_in: behaviour.grantSeconds }),
        ...(refreshToken === undefined || isKept ? {} : { refresh_token: refreshToken }),
      };
    },
  });
}

/** What an authorization request asks that Google does not know; empty when all is well. */
export function prepareGoogle(request: IncomingMessage): string {
  let unknown = '';
  prepareAuthorization(request, (query) => {
    const scopes = (query.get('scope') ?? '').split(' ');
    unknown = scopes.filter((scope) => !googleScopes.includes(scope)).join(' ');
    const isOffline =
      query.get('access_type') === 'offline' && (query.get('prompt') ?? '').split(' ').includes('consent');
    if (isOffline) query.set('scope', [...scopes, 'offline_access'].join(' '));
  });
  return unknown;
}

function refusal(error: string, isRenewal: boolean, context: { status: number }): Record<string, unknown> {
  if (error === 'invalid_client') {
    context.status = 401;
    return { error, error_description: 'The provided client secret is invalid.' };
  }
  return { error, error_description: isRenewal ? 'Token has been expired or revoked.' : 'Bad Request' };
}
