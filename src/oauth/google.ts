import { CodeChallengeMethod, OAuth2Client } from 'google-auth-library/build/src/auth/oauth2client.js';
import * as z from 'zod';
import { AppError } from '../domain/app-error';
import type { GoogleSettings } from '../domain/credential';
import { googleEndpoints } from '../domain/oauth-endpoints';
import { authorizationMissing, callLibrary } from './library-errors';
import type { OAuthClient } from './oauth-client';
import { requireScopes } from './scopes';
import type { SendTokenRequest } from './token-request';

/** The library's credentials as they are stored; the id token is used once and not kept. */
const storedTokens = z.object({
  refresh_token: z.string().min(1),
  access_token: z.string().nullable().default(null),
  expiry_date: z.number().nullable().default(null),
  scope: z.string().default(''),
  token_type: z.string().nullable().default(null),
});

/** Google through google-auth-library: the client of one credential, with the function's own `fetch` beneath it. */
export function googleClient(
  settings: GoogleSettings,
  clientSecret: string,
  send: SendTokenRequest,
  now: () => number,
): OAuthClient {
  return {
    signInUrl: async (request) =>
      client(send).generateAuthUrl({
        scope: [...request.scopes, 'openid', 'email'],
        redirect_uri: request.redirectUri,
        state: request.state,
        // Only both together make Google give a refresh token, the second time too.
        access_type: 'offline',
        prompt: 'consent select_account',
        ...(request.loginHint === '' ? {} : { login_hint: request.loginHint }),
        code_challenge: request.challenge,
        code_challenge_method: CodeChallengeMethod.S256,
      }),

    redeem: ({ code, verifier, redirectUri, scopes }) =>
      callLibrary(send, async (guarded) => {
        const { tokens } = await client(guarded).getToken({ code, codeVerifier: verifier, redirect_uri: redirectUri });
        requireScopes('Google', scopes, tokens.scope?.split(' ') ?? []);
        const mailbox = addressIn(tokens.id_token, settings.clientId);
        const cache = storedTokens.safeParse(tokens);
        if (!cache.success) {
          throw new AppError(
            'refresh-token-missing',
            'access',
            'Google gave no lasting access. Remove Letterbox from the account’s third-party access at Google, then authorize again.',
            { step: 'sign-in' },
          );
        }
        return { mailbox, cache: JSON.stringify(cache.data), accessEndsAt: endOf(tokens, now()) };
      }),

    token: (slot, _scopes, rejected) =>
      callLibrary(send, async (guarded) => {
        if (slot.value === null) throw authorizationMissing();
        const stored = storedTokens.parse(JSON.parse(slot.value));
        const google = client(guarded);
        const isUsable = stored.access_token !== rejected;
        google.setCredentials(isUsable ? stored : { ...stored, access_token: null });
        // The library puts the old refresh token back over a new one after it has told us of that.
        let refreshToken = stored.refresh_token;
        google.on('tokens', (tokens) => {
          refreshToken = tokens.refresh_token ?? refreshToken;
        });
        const { token } = await google.getAccessToken();
        if (typeof token !== 'string') throw authorizationMissing();
        if (token !== stored.access_token) {
          await slot.save(
            JSON.stringify(storedTokens.parse({ ...stored, ...google.credentials, refresh_token: refreshToken })),
          );
        }
        return token;
      }),

    revoke: async (cache) => {
      const { refresh_token: token } = storedTokens.parse(JSON.parse(cache));
      // Not through the library, which puts the token into the address, and so into whatever logs addresses.
      await send({
        method: 'POST',
        url: googleEndpoints.revocation,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token }).toString(),
      });
    },
  };

  function client(through: SendTokenRequest): OAuth2Client {
    const google = new OAuth2Client({
      clientId: settings.clientId,
      clientSecret,
      endpoints: { oauth2AuthBaseUrl: googleEndpoints.authorization, oauth2TokenUrl: googleEndpoints.token },
      transporterOptions: { fetchImplementation: throughSend(through) },
    });
    google.transporter.interceptors.request.add({
      // The poll decides when to try again, within its time; three tries here would only add to the crowd at a busy server.
      resolved: async (options) => ({ ...options, retryConfig: { ...options.retryConfig, retry: 0 } }),
    });
    return google;
  }
}

/** Google says when access ends that a person gave for a limited time, and that of an application in testing (7 days). */
const timeLimit = z.object({ refresh_token_expires_in: z.number().positive() });

/** The library hands the answer's members on as they are, but does not name this one in its type. */
function endOf(tokens: object, now: number): number | undefined {
  const limit = timeLimit.safeParse(tokens);
  return limit.success ? now + limit.data.refresh_token_expires_in * 1_000 : undefined;
}

function throughSend(send: SendTokenRequest): typeof fetch {
  return async (input, init) => {
    const answer = await send({
      method: 'POST',
      url: String(input),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: String(init?.body),
      expects: 'access_token',
    });
    return Response.json(answer.body, { status: answer.status });
  };
}

const idClaims = z.object({
  iss: z.enum(['https://accounts.google.com', 'accounts.google.com']),
  aud: z.string(),
  email: z.string().min(3),
  email_verified: z.literal(true),
});

/** The address in an id token that came straight from the token endpoint (OpenID Connect Core §3.1.3.7, item 6: TLS vouches for it). */
function addressIn(idToken: string | null | undefined, clientId: string): string {
  try {
    const payload = Buffer.from(idToken?.split('.')[1] ?? '', 'base64url').toString('utf8');
    const claims = idClaims.parse(JSON.parse(payload));
    if (claims.aud === clientId) return claims.email;
  } catch {
    // Told below, in words for people.
  }
  throw new AppError('oauth-refused', 'access', 'Google did not say which mailbox was connected. Authorize again.', {
    step: 'sign-in',
  });
}
