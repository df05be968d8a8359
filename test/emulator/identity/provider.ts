import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import type { Configuration, Provider as OpenIdProvider } from 'oidc-provider';
import { Provider } from './oidc-provider';
import type { IdentityStore } from './store';
import type { DemoUser } from './users';

/** What tests and demos may change while it runs. */
export interface Behaviour {
  accessTokenSeconds: number;
  /** Whether each renewal gives a new refresh token. */
  rotates: boolean;
  /** Whether the old refresh token then ends, and its second use revokes the whole grant (RFC 9700 §4.14.2). */
  isStrict: boolean;
  /** Seconds after which a person's consent ends, told with the tokens (Google only); null: it was given without a limit. */
  grantSeconds: number | null;
}

/** One request to the token endpoint, answered already. */
export interface TokenContext {
  status: number;
  req: IncomingMessage;
  oidc?: { route: string; params?: Record<string, unknown> };
}

export interface ProviderParts {
  issuer: string;
  store: IdentityStore;
  users: readonly DemoUser[];
  behaviour: Behaviour;
  routes: NonNullable<Configuration['routes']>;
  scopes: readonly string[];
  claims: NonNullable<Configuration['claims']>;
  claimsOf(user: DemoUser): Record<string, unknown>;
  /** Parameters of an authorization request that the interaction page wants to see. */
  extraParams: readonly string[];
  /** Rewrites an answer of the token endpoint into the provider's own words. */
  dress(context: TokenContext, body: Record<string, unknown>, key: CryptoKey): Promise<Record<string, unknown>>;
}

/** A certified OpenID provider with the addresses, claims and manners of a big one. */
export async function createProvider(parts: ProviderParts): Promise<OpenIdProvider> {
  const { store, users, behaviour } = parts;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'emulator' };
  const seconds = () => behaviour.accessTokenSeconds;
  const provider = new Provider(parts.issuer, {
    adapter: store.adapter,
    jwks: { keys: [jwk] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    routes: parts.routes,
    scopes: [...parts.scopes],
    claims: parts.claims,
    conformIdTokenClaims: false,
    extraParams: [...parts.extraParams],
    // Both check a verifier where there was a challenge, and demand none.
    pkce: { required: () => false },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, id) => {
      const user = users.find((candidate) => candidate.id === id);
      return user && { accountId: id, claims: () => ({ sub: id, ...parts.claimsOf(user) }) };
    },
    issueRefreshToken: (_context, _client, source) => source.scopes.has('offline_access'),
    rotateRefreshToken: () => behaviour.rotates,
    ttl: {
      AccessToken: seconds,
      ClientCredentials: seconds,
      AuthorizationCode: 600,
      IdToken: 3_600,
      RefreshToken: 90 * 86_400,
      Grant: 90 * 86_400,
      Interaction: 3_600,
      Session: 3_600,
    },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: false },
      clientCredentials: { enabled: true },
    },
    renderError: (context, out) => {
      context.type = 'text/plain';
      context.body = `${out.error}: ${out.error_description ?? ''}`;
    },
  });
  provider.use(async (context, next) => {
    await next();
    if (context.oidc?.route === 'token' && isObject(context.body))
      context.body = await parts.dress(context, { ...context.body }, privateKey);
  });
  return provider;
}

/** Has an authorization request always show the page, whoever signed in before and whatever it says itself. */
export function prepareAuthorization(request: IncomingMessage, change: (query: URLSearchParams) => void): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  change(url.searchParams);
  url.searchParams.set('prompt', 'consent');
  request.url = `${url.pathname}${url.search}`;
  delete request.headers.cookie;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
