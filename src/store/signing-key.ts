import { randomBytes } from 'node:crypto';
import { kvs } from '@forge/kvs';
import { addedOnce, withStoreErrors } from './api-error';
import { keys } from './keys';

/** The installation's own key, which it makes when it is first asked for. */
export function signingKeyStore(): { get(): Promise<string> } {
  return withStoreErrors({
    get: async () => {
      const known = await kvs.getSecret<string>(keys.signingKey);
      if (known !== undefined) return known;
      const made = randomBytes(32).toString('base64url');
      const isAdded = await addedOnce(
        () => kvs.setSecret(keys.signingKey, made, { keyPolicy: 'FAIL_IF_EXISTS' }),
        () => kvs.getSecret(keys.signingKey),
      );
      // Two functions needed it for the first time at once: there is one key.
      return isAdded ? made : ((await kvs.getSecret<string>(keys.signingKey)) ?? made);
    },
  });
}
