import { createHash } from 'node:crypto';
import { AppError } from '../domain/app-error';
import type { Credential } from '../domain/credential';
import { secretIdOf } from '../domain/entity';
import { scopesOf } from '../domain/oauth-endpoints';
import type { AccessToken, ClientSecrets, Credentials, TokenCaches, TokenOwner } from '../domain/oauth-ports';
import type { SecretChanges } from '../domain/ports';
import { accessGivenUp, givenUp } from './give-up';
import { authorizationMissing } from './library-errors';
import { confirmMinutes, lookAgainMs, renewalMs, saveTries } from './limits';
import type { OpenOAuthClient } from './oauth-client';
import { openCredential } from './open-credential';

export interface AccessTokenDeps {
  credentials: Credentials;
  clientSecrets: ClientSecrets;
  tokenCaches: TokenCaches;
  secretChanges: Pick<SecretChanges, 'isInUse'>;
  openClient: OpenOAuthClient;
  sleep(milliseconds: number): Promise<void>;
}

/** Thrown where the request would leave, when another run renews the same tokens. */
class RenewedElsewhere extends Error {}

/**
 * Gives working tokens out of the stored caches, renewing them when they end.
 *
 * A refresh token may be good for one use only, so of all runs that find the same cache exactly one may send it. The right
 * to is claimed at the last moment, when the library is about to send, under a name made of the cache's content: a cache that
 * was renewed has another name, so no claim is ever in the way of the next renewal.
 */
export function accessTokens(deps: AccessTokenDeps): AccessToken {
  return async (owner, rejected) => {
    const { credential, clientSecret } = await openCredential(deps, owner.credentialId);
    const { settings } = credential;
    const slot = slotOf(owner, credential);
    const secretId = isApplication(credential) ? secretIdOf(credential) : owner.id;
    const scopes = scopesOf(settings, owner.use, owner.shared);
    for (let waited = 0; ; waited += lookAgainMs) {
      const value = await deps.tokenCaches.get(slot);
      if (value === givenUp) throw accessGivenUp();
      const claim = renewalClaim(slot, value, Math.floor(waited / renewalMs));
      const client = await deps.openClient(settings, clientSecret, (send) => async (request) => {
        await claim.take();
        return send(request);
      });
      let isSaved = false;
      const save = async (cache: string) => {
        await store(slot, cache, owner.unconfirmed === true ? confirmMinutes : undefined);
        isSaved = true;
        if (slot !== unconfirmedSlot(owner.id)) await requireInUse(slot, secretId);
      };
      try {
        return await client.token({ value, save }, scopes, rejected);
      } catch (thrown) {
        if (!(thrown instanceof RenewedElsewhere)) throw thrown;
      } finally {
        // Kept after a success: a run that read the old cache just before must not send it again.
        if (!isSaved) await claim.giveBack();
      }
      await deps.sleep(lookAgainMs);
    }
  };

  function renewalClaim(slot: string, value: string | null, turn: number) {
    const generation = createHash('sha256')
      .update(`${turn}:${value ?? ''}`)
      .digest('hex');
    let isOurs = false;
    return {
      take: async () => {
        // Without a cache there is no refresh token to spend twice. From the third turn on nobody waits any more: renewing
        // twice is better than never.
        isOurs ||= value === null || turn > 1 || (await deps.tokenCaches.claimRenewal(slot, generation));
        if (!isOurs) throw new RenewedElsewhere();
      },
      // A store that fails here as well only makes the next run wait for `renewalMs`.
      giveBack: async () => {
        if (isOurs && value !== null) await deps.tokenCaches.releaseRenewal(slot, generation).catch(() => {});
      },
    };
  }

  /** Whoever is deleted, or signs in otherwise, while its tokens are renewed must not get them back into the store. */
  async function requireInUse(slot: string, secretId: string): Promise<void> {
    if (await deps.secretChanges.isInUse(secretId)) return;
    await deps.tokenCaches.remove(slot);
    throw authorizationMissing();
  }

  async function store(slot: string, cache: string, minutes: number | undefined): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await deps.tokenCaches.set(slot, cache, minutes);
      } catch (thrown) {
        if (tries < saveTries) continue;
        throw new AppError(
          'tokens-not-stored',
          'transient',
          "The renewed authorization could not be stored, so it is not used. Forge's storage may be down; Letterbox tries again by itself.",
          { cause: thrown },
        );
      }
    }
  }
}

/** Where the tokens of an owner are kept. Those of an application belong to it, whichever connection asks. */
export function slotOf(owner: TokenOwner, credential: Credential): string {
  if (isApplication(credential)) return `application-${secretIdOf(credential)}`;
  return owner.unconfirmed === true ? unconfirmedSlot(owner.id) : owner.id;
}

const isApplication = ({ settings }: Credential): boolean => settings.grant === 'client-credentials';

/** A page names the sign-in that it tries: apart from the others, so that it can't name a connection, and spoil its tokens. */
export const unconfirmedSlot = (authorizationId: string): string => `sign-in-${authorizationId}`;
