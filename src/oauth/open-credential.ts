import { AppError } from '../domain/app-error';
import type { Credential } from '../domain/credential';
import { secretIdOf } from '../domain/entity';
import type { ClientSecrets, Credentials } from '../domain/oauth-ports';

/** A credential with its client secret. @throws AppError `credential-missing` */
export async function openCredential(
  deps: { credentials: Credentials; clientSecrets: ClientSecrets },
  id: string,
): Promise<{ credential: Credential; clientSecret: string }> {
  // Where the secret is replaced between the two readings, the credential names another one by now.
  for (let missing: string | null = null; ; ) {
    const credential = await deps.credentials.get(id);
    if (credential === null || secretIdOf(credential) === missing) break;
    missing = secretIdOf(credential);
    const clientSecret = await deps.clientSecrets.get(missing);
    if (clientSecret !== null) return { credential, clientSecret };
  }
  throw new AppError(
    'credential-missing',
    'access',
    'The OAuth2 credential of this connection no longer exists. Choose another one.',
    {
      step: 'sign-in',
      field: 'settings.credentialId',
    },
  );
}
