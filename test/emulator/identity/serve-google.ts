import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { prepareGoogle } from './google';
import { addressOf, answerJson, readForm, refuse, type Serve } from './http';
import { handleSignIn } from './sign-in-page';
import type { IdentityStore } from './store';
import type { DemoUser } from './users';

/** What ends when an account takes back what it granted. */
export const everything = ['Grant', 'AccessToken', 'RefreshToken', 'AuthorizationCode'];

export function serveGoogle(
  provider: Provider,
  store: IdentityStore,
  users: readonly DemoUser[],
  answerToken: Serve,
): Serve {
  return async (request, response) => {
    const { pathname } = addressOf(request);
    if (pathname.startsWith('/interaction/')) return handleSignIn(provider, users, 'Google', request, response);
    if (pathname === '/token') return answerToken(request, response);
    if (pathname === '/revoke') return revokeToken(request, response);
    const unknown = pathname === '/o/oauth2/v2/auth' ? prepareGoogle(request) : '';
    if (unknown !== '') return refuse(response, `invalid_scope: ${unknown}`);
    await provider.callback()(request, response);
  };

  /** Takes the token alone, without a client, in the form or in the address; ends everything that was granted with it. */
  async function revokeToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = addressOf(request).searchParams.get('token') ?? (await readForm(request)).get('token') ?? '';
    const found = (await provider.RefreshToken.find(token)) ?? (await provider.AccessToken.find(token));
    if (found?.accountId === undefined) {
      return answerJson(response, { error: 'invalid_token', error_description: 'Token expired or revoked' }, 400);
    }
    store.forget(found.accountId, everything, found.clientId);
    answerJson(response, {});
  }
}
