import {
  ConfidentialClientApplication,
  type ICachePlugin,
  type INetworkModule,
  InteractionRequiredAuthError,
} from '@azure/msal-node';
import { AppError } from '../domain/app-error';
import type { MicrosoftSettings } from '../domain/credential';
import { hostsOfCloud } from '../domain/oauth-endpoints';
import { authorizationMissing, callLibrary } from './library-errors';
import { checkTenant } from './microsoft-tenant';
import type { CacheSlot, OAuthClient } from './oauth-client';
import { requireScopes } from './scopes';
import type { SendTokenRequest } from './token-request';

/** Microsoft Entra ID through MSAL. A new application object for each call: nothing outlives a call but the stored cache. */
export function microsoftClient(
  settings: MicrosoftSettings,
  clientSecret: string,
  send: SendTokenRequest,
): OAuthClient {
  return {
    signInUrl: (request) =>
      callLibrary(send, async (guarded) =>
        application(guarded, emptySlot()).getAuthCodeUrl({
          scopes: [...request.scopes, 'email'],
          redirectUri: request.redirectUri,
          state: request.state,
          codeChallenge: request.challenge,
          codeChallengeMethod: 'S256',
          // Without it, whoever is signed in to the browser is connected, which is seldom the mailbox that is meant.
          prompt: 'select_account',
          ...(request.loginHint === '' ? {} : { loginHint: request.loginHint }),
        }),
      ),

    redeem: ({ code, verifier, redirectUri, scopes }) =>
      callLibrary(send, async (guarded) => {
        const slot = emptySlot();
        const result = await application(guarded, slot, scopes).acquireTokenByCode({
          code,
          redirectUri,
          scopes: [...scopes],
          codeVerifier: verifier,
        });
        // Straight from the token endpoint over TLS, so its signature needs no check (OpenID Connect Core §3.1.3.7, item 6).
        const claims: Record<string, unknown> = { ...result.idTokenClaims };
        if (claims.aud !== settings.clientId) throw wrongAnswer();
        await checkTenant(settings, claims.tid, guarded);
        requireScopes('Microsoft', scopes, result.scopes);
        const mailbox = claims.preferred_username ?? claims.email;
        if (typeof mailbox !== 'string' || slot.value === null) throw wrongAnswer();
        return { mailbox, cache: slot.value };
      }),

    token: (slot, scopes, rejected) =>
      callLibrary(send, async (guarded) => {
        const msal = application(guarded, slot, scopes);
        const acquire = settings.grant === 'client-credentials' ? asApplication : asPerson;
        const { accessToken } = await acquire(msal, scopes, rejected);
        return accessToken;
      }),

    // Microsoft has no revocation endpoint: forgetting the tokens is all that can be done.
    revoke: async () => {},
  };

  function application(through: SendTokenRequest, slot: CacheSlot, scopes: readonly string[] = []) {
    const host = hostsOfCloud(settings.cloud).login;
    return new ConfidentialClientApplication({
      auth: {
        clientId: settings.clientId,
        clientSecret,
        authority: `https://${host}/${settings.tenant}`,
        // These hosts are built into MSAL, endpoints included; naming them keeps it from ever asking another host about one.
        knownAuthorities: [host],
      },
      cache: { cachePlugin: cachePlugin(slot) },
      system: { networkClient: networkModule(through, scopes), disableInternalRetries: true },
    });
  }
}

async function asPerson(msal: ConfidentialClientApplication, scopes: readonly string[], rejected: string | undefined) {
  const [account] = await msal.getTokenCache().getAllAccounts();
  if (account === undefined) throw authorizationMissing();
  const request = { account, scopes: [...scopes] };
  try {
    const result = await msal.acquireTokenSilent(request);
    return result.accessToken === rejected ? await msal.acquireTokenSilent({ ...request, forceRefresh: true }) : result;
  } catch (thrown) {
    // MSAL finds no refresh token of this client id, or one that is past its end.
    if (thrown instanceof InteractionRequiredAuthError) throw authorizationMissing();
    throw thrown;
  }
}

async function asApplication(
  msal: ConfidentialClientApplication,
  scopes: readonly string[],
  rejected: string | undefined,
) {
  const request = { scopes: [...scopes] };
  const cached = await msal.acquireTokenByClientCredential(request);
  const result =
    cached?.accessToken === rejected
      ? await msal.acquireTokenByClientCredential({ ...request, skipCache: true })
      : cached;
  if (result === null) throw wrongAnswer();
  return result;
}

function emptySlot(): CacheSlot {
  const slot: CacheSlot = {
    value: null,
    save: async (cache) => {
      slot.value = cache;
    },
  };
  return slot;
}

/** MSAL awaits `afterCacheAccess` before it gives a token away, and fails when that fails. */
function cachePlugin(slot: CacheSlot): ICachePlugin {
  let current = slot.value;
  return {
    beforeCacheAccess: async ({ tokenCache }) => {
      if (current !== null) tokenCache.deserialize(current);
    },
    afterCacheAccess: async ({ tokenCache, cacheHasChanged }) => {
      if (!cacheHasChanged) return;
      const next = tokenCache.serialize();
      await slot.save(next);
      current = next;
    },
  };
}

function networkModule(send: SendTokenRequest, scopes: readonly string[]): INetworkModule {
  return {
    // MSAL knows all that it needs; a GET would be a look-up at a host that the manifest does not list.
    sendGetRequestAsync: async () => {
      throw new AppError('oauth-library', 'bug', 'The sign-in library asked for something that it should not need.');
    },
    sendPostRequestAsync: async <T>(url: string, options?: { headers?: Record<string, string>; body?: string }) => {
      const { status, headers, body } = await send({
        method: 'POST',
        url,
        headers: options?.headers ?? {},
        body: options?.body,
        expects: 'access_token',
      });
      // The type of the answer is MSAL's to choose, and MSAL reads each member with care.
      return { status, headers, body: { ...body, ...fullScopes(body.scope, scopes) } as T };
    },
  };
}

/**
 * Microsoft may name scopes of Graph without their resource ("Mail.ReadWrite"). MSAL looks its cache up by the names that
 * we ask with, so it would find nothing and renew at each poll.
 */
function fullScopes(granted: unknown, asked: readonly string[]): { scope?: string } {
  if (typeof granted !== 'string') return {};
  const fullNames = new Map(asked.map((scope) => [scope.slice(scope.lastIndexOf('/') + 1).toLowerCase(), scope]));
  const names = granted
    .split(' ')
    .map((scope) => (scope.includes('://') ? scope : (fullNames.get(scope.toLowerCase()) ?? scope)));
  return { scope: names.join(' ') };
}

function wrongAnswer(): AppError {
  return new AppError(
    'oauth-refused',
    'access',
    "Microsoft's answer does not belong to this credential. Authorize again.",
    { step: 'sign-in' },
  );
}
