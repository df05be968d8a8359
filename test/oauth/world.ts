import { fileURLToPath } from 'node:url';
import { webTrigger } from '@forge/api';
import type { Credential, CredentialSettings } from '../../src/domain/credential';
import type { AuthorizationStart, OAuth, TokenOwner } from '../../src/domain/oauth-ports';
import { oauth } from '../../src/oauth/oauth';
import { authorizationStore } from '../../src/store/authorizations';
import { clientSecretStore, credentialStore } from '../../src/store/credentials';
import { secretChangeStore } from '../../src/store/secret-changes';
import { tokenCacheStore } from '../../src/store/token-caches';
import { oauthCallback } from '../../src/triggers/oauth-callback';
import { type Clock, systemClock } from '../emulator/clock';
// First: what is loaded after it stands on the emulated platform.
import { createForge } from '../emulator/forge/create-forge';
import type { Forge } from '../emulator/forge/forge';
import { type Identity, startIdentity } from '../emulator/identity/identity';
import { type SignInChoice, signIn } from '../emulator/identity/sign-in';

export interface OAuthWorld {
  forge: Forge;
  identity: Identity;
  clock: Clock;
  /** Every line that anything logged. */
  log: string[];
  /** Calls OAuth2 as the code of a function, as an administrator. */
  run<T>(fn: (oauth: OAuth) => Promise<T>): Promise<T>;
  /** Registers an application at a provider and enters it as a credential. */
  credential(draft: Draft, name?: string): Promise<Credential & { clientSecret: string }>;
  /** Begins a sign-in, clicks through it, and follows the way back; what the public page says. */
  authorize(start: AuthorizationStart, choice: SignInChoice): Promise<{ authorizationId: string; page: string }>;
  /** Authorizes and confirms. */
  connect(start: AuthorizationStart & { connectionId: string }, choice: SignInChoice): Promise<TokenOwner>;
  /** Takes the way back from the provider. */
  comeBack(url: URL): Promise<string>;
  close(): Promise<void>;
}

export type Draft =
  | { provider: 'google' }
  | {
      provider: 'microsoft';
      tenant?: string;
      grant?: 'authorization-code' | 'client-credentials';
      cloud?: 'global' | 'us-gcc-high' | 'us-dod' | 'china';
    };

export interface WorldOptions {
  /** Stands between the function and its network. */
  aroundFetch?: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch;
  /** Whether the connection of a secret is still there. */
  isInUse?: (secretId: string) => Promise<boolean>;
  /** Where further hosts are emulated. */
  hosts?: (identity: Identity) => Promise<Record<string, string>>;
}

/** OAuth2 whole: the real libraries and stores on the emulated platform, against the emulated providers. */
export async function oauthWorld(options: WorldOptions = {}): Promise<OAuthWorld> {
  // Connections are none of this world's: whoever has tokens is there, unless a test says otherwise.
  const { aroundFetch = (fetch) => fetch, isInUse = async () => true } = options;
  const clock = systemClock();
  const identity = await startIdentity();
  const log: string[] = [];
  const services = oauth({
    credentials: credentialStore(),
    clientSecrets: clientSecretStore(),
    tokenCaches: tokenCacheStore(),
    authorizations: authorizationStore(),
    secretChanges: { ...secretChangeStore([credentialStore()], clock.now), isInUse },
    fetch: aroundFetch((input, init) => fetch(input, init)),
    callbackUrl: () => webTrigger.getUrl('oauth-callback'),
    now: clock.now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, 20))),
    log: (level, event, fields) => log.push(JSON.stringify({ level, event, ...fields })),
  });
  const forge = await createForge({
    manifest: fileURLToPath(new URL('./manifest.yml', import.meta.url)),
    functions: { oauthCallback: oauthCallback(services.complete) },
    products: { jira: { handle: () => Promise.reject(new Error('not used')), scopes: () => [] } },
    remotes: {},
    directory: null,
    clock,
    hosts: { ...identity.hosts, ...(await options.hosts?.(identity)) },
    log: (line) => log.push(line),
  });
  const run = <T>(fn: (oauth: OAuth) => Promise<T>) => forge.run(() => fn(services), { accountId: 'admin' });

  const comeBack = async (url: URL): Promise<string> => {
    const query: Record<string, string[]> = {};
    for (const key of url.searchParams.keys()) query[key] = url.searchParams.getAll(key);
    const answer = await forge.webTrigger('oauth-callback', { method: 'GET', path: '/', headers: {}, query, body: '' });
    return `${answer.status} ${String(answer.body)}`;
  };

  const authorize: OAuthWorld['authorize'] = async (start, choice) => {
    const { authorizationId, url } = await run((oauth) => oauth.begin(start));
    return { authorizationId, page: await comeBack(await signIn(identity, url, choice)) };
  };

  return {
    forge,
    identity,
    clock,
    log,
    run,
    comeBack,
    authorize,
    credential: async (draft, name = `${draft.provider} ${crypto.randomUUID()}`) => {
      const callbackUrl = await forge.run(() => webTrigger.getUrl('oauth-callback'));
      const client = await identity.registerClient({ provider: draft.provider, redirectUris: [callbackUrl] });
      const common = { name, clientId: client.clientId, secretExpiresOn: '' };
      const settings: CredentialSettings =
        draft.provider === 'google'
          ? { ...common, provider: 'google', grant: 'authorization-code' }
          : {
              ...common,
              provider: 'microsoft',
              grant: draft.grant ?? 'authorization-code',
              tenant: draft.tenant ?? 'common',
              cloud: draft.cloud ?? 'global',
            };
      const credential = await run((oauth) => oauth.createCredential(settings, client.clientSecret));
      return { ...credential, clientSecret: client.clientSecret };
    },
    connect: async (start, choice) => {
      const { authorizationId } = await authorize(start, choice);
      const { accountId, connectionId, credentialId, use, shared } = start;
      await run((oauth) =>
        oauth.confirm({ authorizationId, accountId, connectionId, credentialId, use, mailbox: choice.address }),
      );
      return { id: connectionId, credentialId, use, shared };
    },
    close: async () => {
      await forge.close();
      await identity.close();
    },
  };
}

/** What an administrator begins, with everything but the credential at its usual value. */
export function startOf(credentialId: string, change: Partial<AuthorizationStart> = {}): AuthorizationStart {
  return {
    accountId: 'admin',
    credentialId,
    connectionId: null,
    use: 'graph',
    shared: false,
    loginHint: '',
    ...change,
  };
}
