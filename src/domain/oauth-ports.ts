import type { Credential, CredentialSettings } from './credential';
import type { Entities } from './entity';
import type { TokenUse } from './oauth-endpoints';

export type Credentials = Entities<Credential>;

/** Client secrets. Write-only for everything but the adapters that talk to the provider. */
export interface ClientSecrets {
  get(secretId: string): Promise<string | null>;
  set(secretId: string, secret: string): Promise<void>;
  remove(secretId: string): Promise<void>;
}

/** Tokens as the provider's library writes them down; opaque to all but its adapter. Write-only like `ClientSecrets`. */
export interface TokenCaches {
  get(owner: string): Promise<string | null>;
  /** `minutes`: how long it is kept, for tokens that nobody has confirmed yet. */
  set(owner: string, cache: string, minutes: number | undefined): Promise<void>;
  remove(owner: string): Promise<void>;
  /** The right to renew what is stored now, named by `generation`. Exactly one of any number of callers gets it. */
  claimRenewal(owner: string, generation: string): Promise<boolean>;
  /** Gives that right back after a failure. */
  releaseRenewal(owner: string, generation: string): Promise<void>;
}

export type AuthorizationOutcome =
  | { state: 'waiting' }
  /**
   * `mailbox` is the address that the provider says was signed in; `accessEndsAt` (epoch milliseconds) is when that access ends,
   * where the provider says so.
   */
  | { state: 'connected'; mailbox: string; accessEndsAt?: number | undefined }
  | { state: 'failed'; code: string; message: string };

/** A sign-in that was begun on a page and comes back, or not, through the web trigger. */
export interface Authorization {
  id: string;
  /** The Jira account that began it; nobody else may see or confirm it. */
  accountId: string;
  credentialId: string;
  /** The connection that it is for; null when that has not been saved yet. */
  connectionId: string | null;
  use: TokenUse;
  shared: boolean;
  /** SHA-256 of the state, so that what is stored can't be used to complete it. */
  stateHash: string;
  /** PKCE (RFC 7636 §4.1). */
  verifier: string;
  redirectUri: string;
  /** Epoch milliseconds. */
  createdAt: number;
  outcome: AuthorizationOutcome;
  /** The application that its tokens are of, as its credential was when the provider sent the person back. */
  application?: string;
}

export interface Authorizations {
  get(id: string): Promise<Authorization | null>;
  put(authorization: Authorization): Promise<void>;
  /** Spends its state: true for exactly one of any number of callers, for ever. */
  spend(id: string): Promise<boolean>;
  remove(id: string): Promise<void>;
}

/** Who needs a token, and what for. */
export interface TokenOwner {
  /**
   * What a connection calls its tokens (`secretIdOf`), or, with `unconfirmed`, the id of an authorization: so a form can be
   * tested before it is saved.
   */
  id: string;
  unconfirmed?: true;
  credentialId: string;
  use: TokenUse;
  shared: boolean;
}

/**
 * A token that works now, from the store or renewed. `rejected` is one that the mail provider refused (401): it is not
 * given again.
 * @throws AppError `access`: `authorization-missing`, `authorization-expired`, `client-secret-refused`, `credential-missing`,
 * `scope-missing`, `consent-missing`; `transient`: `token-endpoint-busy`, `token-endpoint-unreachable`, `tokens-not-stored`
 */
export type AccessToken = (owner: TokenOwner, rejected?: string) => Promise<string>;

export interface AuthorizationStart {
  /** From the resolver's context, never from a payload. */
  accountId: string;
  credentialId: string;
  /** The connection to authorize; null for one that is not saved yet. */
  connectionId: string | null;
  use: TokenUse;
  shared: boolean;
  /** The mailbox's address as far as it is known; empty if not. */
  loginHint: string;
}

/** What the provider put into the callback's address. */
export interface AuthorizationCallback {
  state: string;
  /** Empty when the provider reports an error instead. */
  code: string;
  error: string;
  errorDescription: string;
}

export interface Confirmation {
  authorizationId: string;
  /** From the resolver's context, never from a payload. */
  accountId: string;
  /** The connection that gets the tokens, what it will call them (absent: by its id), and what it will use them with. */
  connectionId: string;
  secretId?: string;
  credentialId: string;
  use: TokenUse;
  /** The mailbox that the administrator saw and agreed to. */
  mailbox: string;
}

export interface Confirmed {
  /** Epoch milliseconds at which the access ends; 0 if the provider did not say. */
  accessEndsAt: number;
}

/** All that the rest of Letterbox does with OAuth2. */
export interface OAuth {
  accessToken: AccessToken;
  /** Begins a sign-in. The page opens `url` in a new tab, and asks for the outcome of `authorizationId` until there is one. */
  begin(start: AuthorizationStart): Promise<{ authorizationId: string; url: string }>;
  /**
   * Takes the provider's answer; for the web trigger, which anybody can call.
   * @throws AppError `state-refused`, and whatever went wrong; the outcome then tells the page the same.
   */
  complete(callback: AuthorizationCallback): Promise<void>;
  /** What became of a sign-in, for the account that began it. @throws AppError `authorization-unknown` */
  outcome(question: { authorizationId: string; accountId: string }): Promise<AuthorizationOutcome>;
  /**
   * Gives the tokens of a sign-in, once, to where the connection will look for them once it is saved. Until then it works with those
   * that it had; its place in the mailbox is not touched.
   * @throws AppError `authorization-unknown`, `authorization-unconfirmed`
   */
  confirm(confirmation: Confirmation): Promise<Confirmed>;
  /**
   * Ends the tokens of a connection that is deleted, or that gets another credential: at the provider where that can be done,
   * and in the store in any case. `revoke` is false while another connection uses the same mailbox and credential: Google ends
   * all tokens of an account and application together.
   */
  forget(owner: TokenOwner, revoke: boolean): Promise<void>;
  /**
   * Ends all access, in the time that is left: at the provider where that can be done, and in the store. Never throws.
   * @param accounts each with all owners of tokens for one account of one credential
   */
  giveUp(accounts: readonly (readonly TokenOwner[])[], remainingMs: () => number): Promise<void>;
  /** @throws AppError `name-taken` */
  createCredential(settings: CredentialSettings, clientSecret: string): Promise<Credential>;
  /** Replaces the settings; an empty `clientSecret` keeps the stored one. @throws AppError `credential-missing`, `name-taken`, `stale-version` */
  updateCredential(change: {
    id: string;
    version: number;
    settings: CredentialSettings;
    clientSecret: string;
  }): Promise<Credential>;
  /**
   * Removes a credential with its secret. `usedBy` names the connections that use it, which must be none.
   * @throws AppError `credential-missing`, `credential-in-use`
   */
  removeCredential(id: string, usedBy: readonly string[]): Promise<void>;
}
