import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import * as z from 'zod';

/** Forge invocation tokens: what a remote knows its caller by (Forge Remote essentials, "The Forge Invocation Token"). */
export interface Tokens {
  /** A token for one call to a remote; good for 25 seconds of the machine's time. */
  sign(claims: Record<string, unknown>): Promise<string>;
  jwks(): Promise<{ keys: JWK[] }>;
}

const secondsToLive = 25;
const keyShape = z.looseObject({ kty: z.literal('RSA'), kid: z.string(), n: z.string(), e: z.string(), d: z.string() });

/** The key pair is kept in `directory`, so that a remote may go on trusting it; null shares one among all of this process. */
export function createTokens(directory: string | null, audience: string): Tokens {
  const file = directory === null ? null : join(directory, 'invocation-key.json');
  // Made when it is first needed: most emulated Forges never call a remote, and a key takes a tenth of a second.
  let key: Promise<SigningKey> | null = null;
  const keyOnce = () => {
    key ??= file === null ? sharedKey() : Promise.resolve(readKey(file) ?? createKey(file));
    return key;
  };
  return {
    jwks: async () => {
      const { kty, n, e, kid } = await keyOnce();
      return { keys: [{ kty, n, e, kid, alg: 'RS256', use: 'sig' }] };
    },
    sign: async (claims) => {
      const signingKey = await keyOnce();
      // Not the emulator's clock: the remote that checks this does not know it.
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: signingKey.kid, typ: 'JWT' })
        .setIssuer('forge/invocation-token')
        .setAudience(audience)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + secondsToLive)
        .setJti(randomUUID())
        .sign(await importJWK(signingKey, 'RS256'));
    },
  };
}

let shared: Promise<SigningKey> | null = null;
function sharedKey(): Promise<SigningKey> {
  shared ??= createKey(null);
  return shared;
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
