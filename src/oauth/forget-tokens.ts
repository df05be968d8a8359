import type { ClientSecrets, Credentials, TokenCaches, TokenOwner } from '../domain/oauth-ports';
import type { Log } from '../domain/ports';
import { slotOf } from './access-token';
import { givenUp } from './give-up';
import type { OpenOAuthClient } from './oauth-client';
import { openCredential } from './open-credential';

export interface ForgetDeps {
  credentials: Credentials;
  clientSecrets: ClientSecrets;
  tokenCaches: TokenCaches;
  openClient: OpenOAuthClient;
  log: Log;
}

export async function forgetTokens(deps: ForgetDeps, owner: TokenOwner, revoke: boolean): Promise<void> {
  try {
    if (revoke) await revokeAtProvider(deps, owner);
  } catch {
    // A provider that is down must not keep an administrator from deleting a connection.
    deps.log('warn', 'tokens-not-revoked', { connectionId: owner.id });
  }
  await deps.tokenCaches.remove(owner.id);
}

async function revokeAtProvider(deps: ForgetDeps, owner: TokenOwner): Promise<void> {
  const { credential, clientSecret } = await openCredential(deps, owner.credentialId);
  // An application's tokens serve other connections too.
  if (slotOf(owner, credential) !== owner.id) return;
  const cache = await deps.tokenCaches.get(owner.id);
  if (cache === null || cache === givenUp) return;
  const client = await deps.openClient(credential.settings, clientSecret);
  await client.revoke(cache);
}
