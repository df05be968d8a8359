import type { OAuthClient, OpenOAuthClient } from './oauth-client';
import { type TokenRequestDeps, tokenRequests } from './token-request';

/** Opens the client of a credential's provider, over the function's own `fetch`. Loads that provider's library, a third of the app's code, only now. */
export function oauthClients(deps: TokenRequestDeps): OpenOAuthClient {
  return async (settings, clientSecret, aroundSend = (send) => send): Promise<OAuthClient> => {
    const send = aroundSend(tokenRequests(settings.provider, deps));
    if (settings.provider === 'google') {
      const { googleClient } = await import('./google');
      return googleClient(settings, clientSecret, send, deps.now);
    }
    const { microsoftClient } = await import('./microsoft');
    return microsoftClient(settings, clientSecret, send);
  };
}
