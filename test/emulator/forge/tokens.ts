import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { z } from 'zod';

/** Forge invocation tokens: what a remote knows its caller by (Forge Remote essentials, "The Forge Invocation Token"). */
export interface Tokens {
  /** A token for one call to a remote; good for 25 seconds of the machine's time. */
  sign(claims: Record<string, unknown>): Promise<string>;
  jwks(): { keys: JWK[] };
}

const secondsToLive = 25;
const keyShape = z.looseObject({ kty: z.literal('RSA'), kid: z.string(), n: z.string(), e: z.string(), d: z.string() });

/** The key pair is kept in `directory`, so that a remote may go on trusting it; null makes a fresh one. */
export async function createTokens(directory: string | null, audience: string): Promise<Tokens> {
  const file = directory === null ? null : join(directory, 'invocation-key.json');
  const key = (file !== null && readKey(file)) || (await createKey(file));
  const { kty, n, e, kid } = key;
  const signingKey = await importJWK(key, 'RS256');
  return {
    jwks: () => ({ keys: [{ kty, n, e, kid, alg: 'RS256', use: 'sig' }] }),
    sign: (claims) => {
      // Not the emulator's clock: the remote that checks this does not know it.
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .setIssuer('forge/invocation-token')
        .setAudience(audience)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + secondsToLive)
        .setJti(randomUUID())
        .sign(signingKey);
    },
  };
}

type SigningKey = z.infer<typeof keyShape>;

function readKey(file: string): SigningKey | null {
  if (!existsSync(file)) return null;
  try {
    return keyShape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Cut off while it was written: nobody has a token of it yet.
    return null;
  }
}

async function createKey(file: string | null): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = keyShape.parse({ ...(await exportJWK(privateKey)), kid: `forge/invocation-token/${randomUUID()}` });
  if (file !== null) writeFileSync(file, JSON.stringify(key), { mode: 0o600 });
  return key;
}
