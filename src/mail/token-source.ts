import type { AccessToken, TokenOwner } from '../domain/oauth-ports';

/**
 * The tokens of one owner, as an adapter to a mail provider asks for them. `forceRefresh` says that the last one was refused,
 * so one that another run has renewed meanwhile is as good as a new one.
 */
export function tokenSource(accessToken: AccessToken, owner: TokenOwner) {
  let last: string | undefined;
  return async (options?: { forceRefresh: boolean }): Promise<string> => {
    last = await accessToken(owner, options?.forceRefresh ? last : undefined);
    return last;
  };
}
