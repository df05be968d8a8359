import { randomUUID } from 'node:crypto';
import { AppError } from '../domain/app-error';
import type { Credential, CredentialSettings } from '../domain/credential';
import type { ClientSecrets, Credentials, TokenCaches } from '../domain/oauth-ports';

export interface CredentialDeps {
  credentials: Credentials;
  clientSecrets: ClientSecrets;
  tokenCaches: TokenCaches;
  /** Epoch milliseconds. */
  now(): number;
}

export async function createCredential(
  deps: CredentialDeps,
  settings: CredentialSettings,
  clientSecret: string,
): Promise<Credential> {
  await requireFreeName(deps, settings.name, null);
  const now = deps.now();
  const credential: Credential = { id: randomUUID(), version: 1, settings, createdAt: now, updatedAt: now };
  // First the secret: a credential without one would fail at its first use.
  await deps.clientSecrets.set(credential.id, clientSecret);
  await deps.credentials.insert(credential);
  return credential;
}

export async function updateCredential(
  deps: CredentialDeps,
  change: { id: string; version: number; settings: CredentialSettings; clientSecret: string },
): Promise<Credential> {
  const stored = await requireCredential(deps, change.id);
  await requireFreeName(deps, change.settings.name, change.id);
  const saved = await deps.credentials.save({
    ...stored,
    version: change.version,
    settings: change.settings,
    updatedAt: deps.now(),
  });
  // After the version check, which may refuse all of it.
  if (change.clientSecret !== '') await deps.clientSecrets.set(change.id, change.clientSecret);
  return saved;
}

export async function removeCredential(deps: CredentialDeps, id: string, usedBy: readonly string[]): Promise<void> {
  await requireCredential(deps, id);
  if (usedBy.length > 0) {
    throw new AppError(
      'credential-in-use',
      'input',
      `This credential is used by ${usedBy.map((name) => `“${name}”`).join(', ')}. Choose another credential there first.`,
    );
  }
  await deps.credentials.remove(id);
  await Promise.all([deps.clientSecrets.remove(id), deps.tokenCaches.remove(`application-${id}`)]);
}

async function requireCredential(deps: CredentialDeps, id: string): Promise<Credential> {
  const found = await deps.credentials.get(id);
  if (found !== null) return found;
  throw new AppError('credential-missing', 'input', 'This OAuth2 credential no longer exists. Load the list again.');
}

async function requireFreeName(deps: CredentialDeps, name: string, except: string | null): Promise<void> {
  const all = await deps.credentials.list();
  if (!all.some((other) => other.id !== except && other.settings.name.toLowerCase() === name.toLowerCase())) return;
  throw new AppError('name-taken', 'input', 'Another credential has this name. Choose a different one.', {
    field: 'settings.name',
  });
}
