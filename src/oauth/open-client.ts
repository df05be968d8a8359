import { googleClient } from './google.ts';
import { microsoftClient } from './microsoft.ts';
import type { OAuthClient, OpenOAuthClient } from './oauth-client.ts';
import { type TokenRequestDeps, tokenRequests } from './token-request.ts';

/** Opens the client of a credential's provider, over the function's own `fetch`. */
export function oauthClients(deps: TokenRequestDeps): OpenOAuthClient {
  return (settings, clientSecret, aroundSend = (send) => send): OAuthClient => {
    const send = aroundSend(tokenRequests(settings.provider, deps));
    return settings.provider === 'google'
      ? googleClient(settings, clientSecret, send)
      : microsoftClient(settings, clientSecret, send);
  };
}
