import type { CredentialSettings } from '../domain/credential';
import type { SendTokenRequest } from './token-request';

export interface SignInRequest {
  scopes: readonly string[];
  redirectUri: string;
  state: string;
  /** PKCE, method S256 (RFC 7636 §4.2). */
  challenge: string;
  /** The address to offer for signing in; empty if none is known. */
  loginHint: string;
}

export interface Redemption {
  code: string;
  verifier: string;
  redirectUri: string;
  scopes: readonly string[];
}

/** What a redeemed code gives: whose mailbox it is, and the library's cache with the tokens in it. */
export interface SignedIn {
  mailbox: string;
  cache: string;
  /** Epoch milliseconds at which the access ends for good, where the provider says so. */
  accessEndsAt?: number | undefined;
}

/** The library's cache as it is stored. `save` is awaited before a token that it holds is given to anybody. */
export interface CacheSlot {
  value: string | null;
  save(cache: string): Promise<void>;
}

/** One credential at its provider: the same five things of Google and of Microsoft, each done by the provider's own library. */
export interface OAuthClient {
  /** Where a person signs in and agrees. */
  signInUrl(request: SignInRequest): Promise<string>;
  /** Trades the code for tokens. @throws AppError `access`: refused, wrong tenant, scope not granted */
  redeem(redemption: Redemption): Promise<SignedIn>;
  /** A working token from the cache, or a new one; never `rejected`. @throws AppError `access`, `transient` */
  token(slot: CacheSlot, scopes: readonly string[], rejected: string | undefined): Promise<string>;
  /** Ends the tokens at the provider, where that is possible. */
  revoke(cache: string): Promise<void>;
}

/** `aroundSend` wraps each request that the client makes. */
export type OpenOAuthClient = (
  settings: CredentialSettings,
  clientSecret: string,
  aroundSend?: (send: SendTokenRequest) => SendTokenRequest,
) => Promise<OAuthClient>;
