import { AppError } from '../domain/app-error';
import type { Credential } from '../domain/credential';
import type { ClientSecrets, Credentials } from '../domain/oauth-ports';

/** A credential with its client secret. @throws AppError `credential-missing` */
export async function openCredential(
  deps: { credentials: Credentials; clientSecrets: ClientSecrets },
  id: string,
): Promise<{ credential: Credential; clientSecret: string }> {
  const [credential, clientSecret] = await Promise.all([deps.credentials.get(id), deps.clientSecrets.get(id)]);
  if (credential !== null && clientSecret !== null) return { credential, clientSecret };
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
