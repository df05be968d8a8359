import { AppError } from '../domain/app-error';
import { secretIdOf } from '../domain/entity';
import type { TokenOwner } from '../domain/oauth-ports';
import type { ForgetDeps } from './forget-tokens';
import { revokeAtOnce, revokeEndMs, tokenRequestTimeoutMs } from './limits';
import { openCredential } from './open-credential';

/** Stands where tokens stood: the storage may come back with a reinstallation, which then can say what became of them. */
export const givenUp = '{"givenUp":"uninstalled"}';

/** The access was given up by us. The same code as where none was ever given: the remedy is the same. */
export function accessGivenUp(): AppError {
  const message =
    'Access was given up when Letterbox was uninstalled. Authorize the connection again, then enable it; it goes on where it stopped.';
  return new AppError('authorization-missing', 'access', message, { step: 'sign-in' });
}

/**
 * Ends all access: at the provider where that can be done, and in the store. Never throws. What hangs or fails is logged, and
 * keeps nothing else from its turn; without time left nothing more is revoked, and the tokens are forgotten all the same.
 * @param accounts each with all owners of tokens for one account of one credential: Google ends those together
 */
export async function giveUpTokens(
  deps: ForgetDeps,
  accounts: readonly (readonly TokenOwner[])[],
  remainingMs: () => number,
): Promise<void> {
  const waiting = [...accounts];
  const opened = new Map<string, ReturnType<typeof openCredential>>();
  const next = async (): Promise<void> => {
    for (let owners = waiting.shift(); owners !== undefined; owners = waiting.shift()) await giveUpAccount(owners);
  };
  const work = Promise.all([forgetApplications(), ...Array.from({ length: revokeAtOnce }, next)]);
  if ((await within(remainingMs() - revokeEndMs, work)) === late)
    deps.log('warn', 'giving-up-cut-short', { accountsLeft: waiting.length });

  async function giveUpAccount(owners: readonly TokenOwner[]): Promise<void> {
    let isRevoked = false;
    for (const owner of owners) {
      try {
        const cache = await deps.tokenCaches.get(owner.id);
        if (cache === null || cache === givenUp) continue;
        isRevoked = isRevoked || (await isRevokedAtProvider(owner, cache));
        await deps.tokenCaches.set(owner.id, givenUp, undefined);
      } catch (failure) {
        deps.log('warn', 'tokens-not-forgotten', { connectionId: owner.id, failure });
      }
    }
  }

  async function isRevokedAtProvider({ id, credentialId }: TokenOwner, cache: string): Promise<boolean> {
    const leftMs = Math.min(tokenRequestTimeoutMs, remainingMs() - 2 * revokeEndMs);
    if (leftMs <= 0) return false;
    try {
      const opening = opened.get(credentialId) ?? openCredential(deps, credentialId);
      opened.set(credentialId, opening);
      const { credential, clientSecret } = await opening;
      const client = await deps.openClient(credential.settings, clientSecret);
      // Whether the platform's fetch heeds a signal is not known.
      if ((await within(leftMs, client.revoke(cache))) !== late) return true;
      deps.log('warn', 'tokens-not-revoked', { connectionId: id, code: 'timeout' });
      return false;
    } catch (thrown) {
      const code = thrown instanceof AppError ? thrown.code : 'unexpected';
      deps.log('warn', 'tokens-not-revoked', { connectionId: id, code });
      return false;
    }
  }

  /** An application gets new tokens with its client secret, so that nobody has to authorize anything. */
  async function forgetApplications(): Promise<void> {
    try {
      const all = (await deps.credentials.list()).filter(({ settings }) => settings.grant === 'client-credentials');
      for (const credential of all) await deps.tokenCaches.remove(`application-${secretIdOf(credential)}`);
    } catch (failure) {
      deps.log('warn', 'tokens-not-forgotten', { failure });
    }
  }
}

const late = Symbol('late');

/** What `work` comes to, or `late` after so many milliseconds; it goes on all the same. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | typeof late> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), Math.max(0, milliseconds));
  });
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}
