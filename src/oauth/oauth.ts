import type { Authorizations, ClientSecrets, Credentials, OAuth, TokenCaches } from '../domain/oauth-ports';
import type { Log, SecretChanges } from '../domain/ports';
import { accessTokens } from './access-token';
import { authorizationOutcome, beginAuthorization, completeAuthorization, confirmAuthorization } from './authorization';
import { createCredential, removeCredential, updateCredential } from './credentials';
import { forgetTokens } from './forget-tokens';
import { giveUpTokens } from './give-up';
import { oauthClients } from './open-client';

export interface OAuthDeps {
  credentials: Credentials;
  clientSecrets: ClientSecrets;
  tokenCaches: TokenCaches;
  authorizations: Authorizations;
  secretChanges: SecretChanges;
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
    giveUp: (accounts, remainingMs) => giveUpTokens(all, accounts, remainingMs),
    createCredential: (settings, clientSecret) => createCredential(all, settings, clientSecret),
    updateCredential: (change) => updateCredential(all, change),
    removeCredential: (id, usedBy) => removeCredential(all, id, usedBy),
  };
}
