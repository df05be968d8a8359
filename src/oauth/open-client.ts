import { googleClient } from './google';
import { microsoftClient } from './microsoft';
import type { OAuthClient, OpenOAuthClient } from './oauth-client';
import { type TokenRequestDeps, tokenRequests } from './token-request';

/** Opens the client of a credential's provider, over the function's own `fetch`. */
export function oauthClients(deps: TokenRequestDeps): OpenOAuthClient {
  return (settings, clientSecret, aroundSend = (send) => send): OAuthClient => {
    const send = aroundSend(tokenRequests(settings.provider, deps));
    return settings.provider === 'google'
      ? googleClient(settings, clientSecret, send, deps.now)
      : microsoftClient(settings, clientSecret, send);
  };
}
