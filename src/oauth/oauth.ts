import type { Authorizations, ClientSecrets, Credentials, OAuth, TokenCaches } from '../domain/oauth-ports.ts';
import type { Log } from '../domain/ports.ts';
import { accessTokens } from './access-token.ts';
import {
  authorizationOutcome,
  beginAuthorization,
  completeAuthorization,
  confirmAuthorization,
} from './authorization.ts';
import { createCredential, removeCredential, updateCredential } from './credentials.ts';
import { forgetTokens } from './forget-tokens.ts';
import { oauthClients } from './open-client.ts';

export interface OAuthDeps {
  credentials: Credentials;
  clientSecrets: ClientSecrets;
  tokenCaches: TokenCaches;
  authorizations: Authorizations;
  /** The function's own `fetch`. */
  fetch: typeof fetch;
  /** The address of the OAuth web trigger; the same one that administrators register at the provider. */
  callbackUrl(): Promise<string>;
  /** Epoch milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  log: Log;
}

/** OAuth2 for Google and Microsoft, over the given stores. */
export function oauth(deps: OAuthDeps): OAuth {
  const all = { ...deps, openClient: oauthClients(deps) };
  return {
    accessToken: accessTokens(all),
    begin: (start) => beginAuthorization(all, start),
    complete: (callback) => completeAuthorization(all, callback),
    outcome: (question) => authorizationOutcome(all, question),
    confirm: (confirmation) => confirmAuthorization(all, confirmation),
    forget: (owner, revoke) => forgetTokens(all, owner, revoke),
    createCredential: (settings, clientSecret) => createCredential(all, settings, clientSecret),
    updateCredential: (change) => updateCredential(all, change),
    removeCredential: (id, usedBy) => removeCredential(all, id, usedBy),
  };
}
