import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { AppError, toAppError } from '../domain/app-error';
import type { Credential, CredentialSettings } from '../domain/credential';
import { scopesOf } from '../domain/oauth-endpoints';
import type {
  Authorization,
  AuthorizationCallback,
  AuthorizationOutcome,
  AuthorizationStart,
  Authorizations,
  ClientSecrets,
  Confirmation,
  Confirmed,
  Credentials,
  TokenCaches,
} from '../domain/oauth-ports';
import type { Log } from '../domain/ports';
import { unconfirmedSlot } from './access-token';
import { confirmMinutes, signInMinutes } from './limits';
import type { OpenOAuthClient } from './oauth-client';
import { openCredential } from './open-credential';
import { refusal } from './refusal';

export interface AuthorizationDeps {
  credentials: Credentials;
  clientSecrets: ClientSecrets;
  tokenCaches: TokenCaches;
  authorizations: Authorizations;
  openClient: OpenOAuthClient;
  /** The address of the OAuth web trigger; the same one that administrators register at the provider. */
  callbackUrl(): Promise<string>;
  /** Epoch milliseconds. */
  now(): number;
  log: Log;
}

export async function beginAuthorization(
  deps: AuthorizationDeps,
  start: AuthorizationStart,
): Promise<{ authorizationId: string; url: string }> {
  const { credential, clientSecret } = await openCredential(deps, start.credentialId);
  if (credential.settings.grant === 'client-credentials') {
    throw new AppError(
      'authorization-needless',
      'input',
      'A credential with client credentials needs no sign-in. Test the connection instead.',
    );
  }
  const id = randomUUID();
  const secret = randomBytes(32).toString('base64url');
  const verifier = randomBytes(32).toString('base64url');
  const redirectUri = await deps.callbackUrl();
  const { accountId, credentialId, connectionId, use, shared } = start;
  await deps.authorizations.put({
    id,
    accountId,
    credentialId,
    connectionId,
    use,
    shared,
    stateHash: sha256(secret).toString('hex'),
    verifier,
    redirectUri,
    createdAt: deps.now(),
    outcome: { state: 'waiting' },
  });
  const client = await deps.openClient(credential.settings, clientSecret);
  const url = await client.signInUrl({
    scopes: scopesOf(credential.settings, use, shared),
    redirectUri,
    state: `${id}.${secret}`,
    challenge: sha256(verifier).toString('base64url'),
    loginHint: start.loginHint,
  });
  return { authorizationId: id, url };
}

/**
 * Anybody can call this, so all that is trusted is a state that we gave out, which is good for once. The tokens wait under the
 * authorization's own id until the administrator who began it confirms the mailbox.
 */
export async function completeAuthorization(deps: AuthorizationDeps, callback: AuthorizationCallback): Promise<void> {
  const authorization = await spendState(deps, callback.state);
  const finish = (outcome: AuthorizationOutcome, application = '') =>
    deps.authorizations.put({ ...authorization, verifier: '', outcome, application });
  try {
    const { credential, clientSecret } = await openCredential(deps, authorization.credentialId);
    const { settings } = credential;
    if (callback.error !== '') {
      throw refusal(settings.provider, 0, { error: callback.error, error_description: callback.errorDescription });
    }
    const client = await deps.openClient(settings, clientSecret);
    const { mailbox, cache, accessEndsAt } = await client.redeem({
      code: callback.code,
      verifier: authorization.verifier,
      redirectUri: authorization.redirectUri,
      scopes: scopesOf(settings, authorization.use, authorization.shared),
    });
    await deps.tokenCaches.set(unconfirmedSlot(authorization.id), cache, confirmMinutes);
    const outcome = { state: 'connected', mailbox, ...(accessEndsAt !== undefined && { accessEndsAt }) } as const;
    await finish(outcome, applicationOf(settings));
    await noteCallback(deps, credential, authorization.redirectUri);
    deps.log('info', 'authorization-connected', { authorizationId: authorization.id });
  } catch (thrown) {
    const error = toAppError(thrown);
    await finish({ state: 'failed', code: error.code, message: error.message });
    throw error;
  }
}

/**
 * The provider has sent somebody to this address, so it knows it. At the version that the credential has: a form that is open
 * can still be saved.
 */
async function noteCallback(deps: AuthorizationDeps, credential: Credential, callbackUrl: string): Promise<void> {
  if (credential.callbackUrl === callbackUrl) return;
  try {
    await deps.credentials.amend({ ...credential, callbackUrl });
  } catch (failure) {
    // Whoever saved the credential meanwhile has noted it, and the next sign-in does.
    deps.log('warn', 'callback-not-noted', { credentialId: credential.id, failure });
  }
}

async function spendState(deps: AuthorizationDeps, state: string): Promise<Authorization> {
  const [id = '', secret = ''] = state.split('.');
  const authorization = /^[0-9a-f-]{36}$/.test(id) ? await deps.authorizations.get(id) : null;
  const isValid =
    authorization !== null &&
    timingSafeEqual(sha256(secret), Buffer.from(authorization.stateHash, 'hex')) &&
    deps.now() - authorization.createdAt <= signInMinutes * 60_000;
  // Only a valid state is spent: a stranger who guesses ids must not be able to end a sign-in that is under way.
  if (isValid && (await deps.authorizations.spend(id))) return authorization;
  throw new AppError(
    'state-refused',
    'input',
    'This sign-in was not begun here, is too old, or was completed before. Authorize again.',
  );
}

export async function authorizationOutcome(
  deps: AuthorizationDeps,
  { authorizationId, accountId }: { authorizationId: string; accountId: string },
): Promise<AuthorizationOutcome> {
  const { outcome, createdAt } = await ownAuthorization(deps, authorizationId, accountId);
  if (outcome.state !== 'waiting' || deps.now() - createdAt <= signInMinutes * 60_000) return outcome;
  return {
    state: 'failed',
    code: 'sign-in-expired',
    message: `Nobody signed in within ${signInMinutes} minutes. Authorize again.`,
  };
}

export async function confirmAuthorization(deps: AuthorizationDeps, confirmation: Confirmation): Promise<Confirmed> {
  const { authorizationId, accountId, connectionId, secretId, credentialId, use, mailbox } = confirmation;
  const authorization = await ownAuthorization(deps, authorizationId, accountId);
  const { outcome } = authorization;
  const credential = await deps.credentials.get(credentialId);
  const isMeant =
    outcome.state === 'connected' &&
    outcome.mailbox === mailbox &&
    (authorization.connectionId === null || authorization.connectionId === connectionId) &&
    authorization.credentialId === credentialId &&
    authorization.use === use &&
    // Whoever edits its tenant or client id makes another application of a credential.
    credential !== null &&
    authorization.application === applicationOf(credential.settings) &&
    deps.now() - authorization.createdAt <= confirmMinutes * 60_000;
  const cache = isMeant ? await deps.tokenCaches.get(unconfirmedSlot(authorizationId)) : null;
  if (cache === null) {
    throw new AppError(
      'authorization-unconfirmed',
      'input',
      'This sign-in is not complete, is too old, or was for another mailbox, credential or connection than this one, or the credential was edited since. Authorize again.',
    );
  }
  await deps.tokenCaches.set(secretId ?? connectionId, cache, undefined);
  await Promise.all([
    deps.tokenCaches.remove(unconfirmedSlot(authorizationId)),
    deps.authorizations.remove(authorizationId),
  ]);
  return { accessEndsAt: outcome.state === 'connected' ? (outcome.accessEndsAt ?? 0) : 0 };
}

async function ownAuthorization(deps: AuthorizationDeps, id: string, accountId: string): Promise<Authorization> {
  const authorization = await deps.authorizations.get(id);
  if (authorization !== null && authorization.accountId === accountId) return authorization;
  throw new AppError('authorization-unknown', 'input', 'This sign-in is not known here. Authorize again.');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Whose tokens a credential's are: of which application, for which accounts. */
function applicationOf(settings: CredentialSettings): string {
  const place = settings.provider === 'microsoft' ? [settings.tenant, settings.cloud] : [];
  return JSON.stringify([settings.provider, settings.clientId, ...place]);
}
