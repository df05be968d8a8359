import { createServer } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface TokenClaims {
  installationId?: string;
  audience?: string;
  issuer?: string;
  /** Seconds from now; null: never. */
  expiresIn?: number | null;
  key?: CryptoKey;
}

/** Signs invocation tokens as Forge does, and publishes the key. */
export interface TokenIssuer {
  jwksUrl: string;
  audience: string;
  issuer: string;
  token(claims?: TokenClaims): Promise<string>;
  stop(): Promise<void>;
}

export async function startTokenIssuer(): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'RS256', use: 'sig' };
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [jwk] }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const audience = 'ari:cloud:ecosystem::app/0f5a2b6c';
  const issuer = 'forge/invocation-token';

  return {
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    audience,
    issuer,
    token(claims = {}) {
      const { expiresIn = 25 } = claims;
      const token = new SignJWT({
        app: { installationId: claims.installationId ?? 'ari:cloud:ecosystem::installation/one' },
      })
        .setProtectedHeader({ alg: 'RS256', kid: 'test' })
        .setIssuer(claims.issuer ?? issuer)
        .setAudience(claims.audience ?? audience)
        .setIssuedAt();
      if (expiresIn !== null) token.setExpirationTime(Math.floor(Date.now() / 1_000) + expiresIn);
      return token.sign(claims.key ?? privateKey);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
