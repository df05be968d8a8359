import type Provider from 'oidc-provider';
import type { DemoUser } from './users';

/** What a token is good for. */
export interface TokenFacts {
  provider: 'google' | 'microsoft';
  clientId: string;
  /** The account that it speaks for; null for an application of its own. */
  user: DemoUser | null;
  scopes: string[];
  /** Epoch seconds. */
  expiresAt: number;
}

/** Looks a token up at both providers; null if neither gave it, or it has ended. */
export function tokenInspector(providers: Record<'google' | 'microsoft', Provider>, users: readonly DemoUser[]) {
  return async (token: string): Promise<TokenFacts | null> => {
    for (const provider of ['google', 'microsoft'] as const) {
      const { AccessToken, ClientCredentials } = providers[provider];
      const found = (await AccessToken.find(token)) ?? (await ClientCredentials.find(token));
      if (found === undefined) continue;
      const accountId = 'accountId' in found ? found.accountId : null;
      return {
        provider,
        clientId: found.clientId ?? '',
        user: users.find((user) => user.provider === provider && user.id === accountId) ?? null,
        scopes: [...found.scopes],
        expiresAt: found.exp ?? 0,
      };
    }
    return null;
  };
}
