import { AppError } from '../domain/app-error';
import type { SendTokenRequest } from './token-request';

/**
 * Runs one call of a library whose requests go through `send`. Both libraries wrap what their network throws, and Google's
 * puts the whole request, client secret included, into its error: so the error that `send` threw is taken from where it was
 * thrown, and what a library threw by itself is only named.
 */
export async function callLibrary<T>(send: SendTokenRequest, call: (send: SendTokenRequest) => Promise<T>): Promise<T> {
  let thrownBySend: unknown;
  try {
    return await call(async (request) => {
      try {
        return await send(request);
      } catch (thrown) {
        thrownBySend = thrown;
        throw thrown;
      }
    });
  } catch (thrown) {
    if (thrownBySend !== undefined) throw thrownBySend;
    if (thrown instanceof AppError) throw thrown;
    const name = thrown instanceof Error ? thrown.name : typeof thrown;
    const code = typeof thrown === 'object' && thrown !== null && 'errorCode' in thrown ? String(thrown.errorCode) : '';
    throw new AppError(
      'oauth-library',
      'transient',
      'The sign-in could not be completed. Letterbox tries again by itself.',
      {
        cause: `${name} ${code}`.trim(),
      },
    );
  }
}

/** There is nothing in the store to get a token from. */
export function authorizationMissing(): AppError {
  return new AppError(
    'authorization-missing',
    'access',
    'This connection is not authorized yet, or its OAuth2 credential was changed. Authorize it.',
    {
      step: 'sign-in',
    },
  );
}
