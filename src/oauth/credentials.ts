import { randomUUID } from 'node:crypto';
import { AppError } from '../domain/app-error';
import type { Credential, CredentialSettings } from '../domain/credential';
import { newSecretId, refuseTakenName, secretIdOf } from '../domain/entity';
import type { ClientSecrets, Credentials, TokenCaches } from '../domain/oauth-ports';
import type { SecretChanges } from '../domain/ports';
import { changingSecret } from '../domain/secret-change';

export interface CredentialDeps {
  credentials: Credentials;
  clientSecrets: ClientSecrets;
  tokenCaches: TokenCaches;
  secretChanges: SecretChanges;
  /** The address of the OAuth web trigger. */
  callbackUrl(): Promise<string>;
  /** Epoch milliseconds. */
  now(): number;
}

export async function createCredential(
  deps: CredentialDeps,
  settings: CredentialSettings,
  clientSecret: string,
): Promise<Credential> {
  await refuseTakenName(deps.credentials, 'credential', settings.name, null);
  const now = deps.now();
  const id = randomUUID();
  const callbackUrl = await deps.callbackUrl();
  const created = { id, version: 1, settings, callbackUrl, createdAt: now, updatedAt: now };
  return saveWithSecret(deps, created, clientSecret, {
    before: null,
    save: async (credential) => {
      await deps.credentials.insert(credential);
      return credential;
    },
  });
}

export async function updateCredential(
  deps: CredentialDeps,
  change: { id: string; version: number; settings: CredentialSettings; clientSecret: string },
): Promise<Credential> {
  const before = await requireCredential(deps, change.id);
  await refuseTakenName(deps.credentials, 'credential', change.settings.name, change.id);
  const { version, settings, clientSecret } = change;
  // Whoever saves it has seen on the form which address the provider has to have.
  const callbackUrl = await deps.callbackUrl();
  const after = { ...before, version, settings, callbackUrl, updatedAt: deps.now() };
  if (clientSecret === '') return deps.credentials.save(after);
  return saveWithSecret(deps, after, clientSecret, { before, save: (credential) => deps.credentials.save(credential) });
}

export async function removeCredential(deps: CredentialDeps, id: string, usedBy: readonly string[]): Promise<void> {
  const credential = await requireCredential(deps, id);
  if (usedBy.length > 0) {
    throw new AppError(
      'credential-in-use',
      'input',
      `This credential is used by ${usedBy.map((name) => `“${name}”`).join(', ')}. Choose another credential there first.`,
    );
  }
  // Not ended: a renewal under way may store the application's tokens once more.
  await deps.secretChanges.begin([secretIdOf(credential)]);
  await deps.credentials.remove(id, credential.version);
  await removeSecrets(deps, secretIdOf(credential));
}

/** First the secret, then what refers to it: a credential without one would fail at its first use. */
async function saveWithSecret(
  deps: CredentialDeps,
  credential: Credential,
  clientSecret: string,
  { before, save }: { before: Credential | null; save(credential: Credential): Promise<Credential> },
): Promise<Credential> {
  const secretId = before === null ? credential.id : newSecretId(credential.id);
  const left = before === null ? [] : [secretIdOf(before)];
  return changingSecret(deps.secretChanges, {
    secretId,
    left,
    write: () => deps.clientSecrets.set(secretId, clientSecret),
    save: () => save(before === null ? credential : { ...credential, secretId }),
    remove: (name) => removeSecrets(deps, name),
    mayReturn: before?.settings.grant === 'client-credentials',
  });
}

async function removeSecrets({ clientSecrets, tokenCaches }: CredentialDeps, secretId: string): Promise<void> {
  await Promise.all([clientSecrets.remove(secretId), tokenCaches.remove(`application-${secretId}`)]);
}

async function requireCredential(deps: CredentialDeps, id: string): Promise<Credential> {
  const found = await deps.credentials.get(id);
  if (found !== null) return found;
  throw new AppError('credential-missing', 'input', 'This OAuth2 credential no longer exists. Load the list again.');
}
