import { errors, jwtVerify } from 'jose';
import * as z from 'zod';
import type { TokenFault } from '../mail/diagnosis-wire';
import type { GatewayConfig } from './config';
import type { SigningKeys } from './signing-keys';

/** What an invocation token says about its sender. */
export interface Invocation {
  installationId: string;
}

/** Why a request is not served; the status is for HTTP. */
export class TokenRefused extends Error {
  readonly status: 401 | 503;
  readonly fault: TokenFault;
  constructor(fault: TokenFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = fault === 'keys' ? 503 : 401;
    this.fault = fault;
  }
}

const claims = z.object({ app: z.object({ installationId: z.string().min(1).max(500) }) });

export type VerifyToken = (authorization: string | undefined) => Promise<Invocation>;

/**
 * Verifies Forge's invocation token: signature (RS256) against the published keys, issuer, audience and time. The installation
 * comes from nowhere else. @throws TokenRefused
 */
export function invocationVerifier(
  { issuer, audience }: Pick<GatewayConfig, 'issuer' | 'audience'>,
  { keyOf }: SigningKeys,
): VerifyToken {
  return async (authorization) => {
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new TokenRefused('other', 'An invocation token is required.');
    try {
      const options = { issuer, audience, algorithms: ['RS256'], requiredClaims: ['exp'], clockTolerance: 5 };
      const { payload } = await jwtVerify(token, keyOf, options);
      return { installationId: claims.parse(payload).app.installationId };
    } catch (cause) {
      // The keys could not be had: that is our trouble, not the sender's.
      const isOurs =
        cause instanceof errors.JWKSTimeout ||
        cause instanceof errors.JWKSInvalid ||
        cause instanceof TypeError ||
        isPlainJoseError(cause);
      if (isOurs) throw new TokenRefused('keys', 'The keys that sign invocation tokens could not be fetched.', cause);
      throw new TokenRefused(faultOf(cause), 'The invocation token is not valid here.', cause);
    }
  };
}

/** jose reports an unexpected HTTP status of the key server by its base class. */
const isPlainJoseError = (error: unknown) => error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC';

/** Claims are looked at only once the signature is known to be Atlassian's, so that nobody else learns what was expected. */
function faultOf(cause: unknown): TokenFault {
  if (cause instanceof errors.JWTExpired) return 'time';
  if (!(cause instanceof errors.JWTClaimValidationFailed)) return 'other';
  if (cause.claim === 'aud') return 'audience';
  return cause.claim === 'nbf' || cause.claim === 'iat' ? 'time' : 'other';
}
