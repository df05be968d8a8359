import { randomBytes, randomUUID } from 'node:crypto';
import { openJournal } from '../journal';
import type { VerifyToken } from '../provider/api-server';
import { type TokenFault, tokenFaults } from './faults';
import { googleProvider } from './google';
import { listen, readForm, type Serve } from './http';
import { microsoftProvider } from './microsoft';
import type { Behaviour } from './provider';
import { everything, serveGoogle } from './serve-google';
import { serveMicrosoft } from './serve-microsoft';
import { identityStore } from './store';
import { type TokenFacts, tokenInspector } from './token-facts';
import { type DemoUser, demoUsers } from './users';

export interface IdentityOptions {
  users?: readonly DemoUser[];
  /** Where clients, grants and tokens survive a restart; null keeps nothing. */
  file?: string | null;
  /** Ports on loopback; 0 takes free ones. */
  ports?: { google: number; microsoft: number };
}

export interface ClientRegistration {
  provider: 'google' | 'microsoft';
  redirectUris: readonly string[];
  /** What the sign-in page calls it. */
  name?: string;
  clientId?: string;
  clientSecret?: string;
  /** Microsoft: what an administrator agreed to for the application itself; default: read and send mail. */
  roles?: readonly string[];
}

export interface Identity {
  google: { url: string };
  microsoft: { url: string };
  /** Real host → where it is emulated: for the egress gate. */
  hosts: Readonly<Record<string, string>>;
  /** Where a browser finds the address that the app sends it to. */
  localUrl(url: string): string;
  /** RFC 7662, for mail servers: GET `?token=`, POST `token=` or a bearer token. */
  introspectionUrl: string;
  users: readonly DemoUser[];
  behaviour: { google: Behaviour; microsoft: Behaviour };
  /** Token requests that reached a provider, in order. */
  tokenRequests: readonly { provider: 'google' | 'microsoft'; status: number }[];
  registerClient(client: ClientRegistration): Promise<{ clientId: string; clientSecret: string }>;
  inspect(token: string): Promise<TokenFacts | null>;
  /** How a provider's mail API looks at a token: those of the other provider are unknown to it. */
  verify(provider: 'google' | 'microsoft'): VerifyToken;
  /** Ends all that an account granted, as the person can do in the account's settings. */
  revoke(address: string): void;
  /** Ends the access tokens of an account early; they can be renewed. */
  expireAccessTokens(address: string): void;
  failTokenRequests(fault: TokenFault): void;
  close(): Promise<void>;
}

const applicationRoles = ['Mail.ReadWrite', 'Mail.Send'];
const microsoftHosts = ['login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn'];

/** Google's and Microsoft's sign-in on loopback, with demo accounts that need no password. */
export async function startIdentity(options: IdentityOptions = {}): Promise<Identity> {
  const { users = demoUsers, file = null, ports = { google: 0, microsoft: 0 } } = options;
  const journal = openJournal(file);
  const behaviour: Identity['behaviour'] = {
    google: { accessTokenSeconds: 3_599, rotates: false, isStrict: false, grantSeconds: null },
    microsoft: { accessTokenSeconds: 3_599, rotates: true, isStrict: false, grantSeconds: null },
  };
  const stores = {
    google: identityStore(journal, 'google', () => !behaviour.google.isStrict),
    microsoft: identityStore(journal, 'microsoft', () => !behaviour.microsoft.isStrict),
  };
  const people = {
    google: users.filter((user) => user.provider === 'google'),
    microsoft: users.filter((user) => user.provider === 'microsoft'),
  };
  const providers = {
    google: await googleProvider(stores.google, people.google, behaviour.google),
    microsoft: await microsoftProvider(stores.microsoft, people.microsoft, behaviour.microsoft),
  };
  const faults = tokenFaults();
  const roles = new Map<string, readonly string[]>();
  const tokenRequests: { provider: 'google' | 'microsoft'; status: number }[] = [];
  const inspect = tokenInspector(providers, users);
  const google = await listen(
    serveGoogle(providers.google, stores.google, people.google, answerToken('google')),
    ports.google,
  );
  const microsoft = await listen(
    serveMicrosoft(providers.microsoft, people.microsoft, answerToken('microsoft'), inspect),
    ports.microsoft,
  );
  const hosts: Record<string, string> = {
    'accounts.google.com': google.url,
    'oauth2.googleapis.com': google.url,
    ...Object.fromEntries(microsoftHosts.map((host) => [host, microsoft.url])),
  };

  return {
    google: { url: google.url },
    microsoft: { url: microsoft.url },
    hosts,
    localUrl: (url) => {
      const { host, pathname, search } = new URL(url);
      return `${hosts[host] ?? `https://${host}`}${pathname}${search}`;
    },
    introspectionUrl: `${microsoft.url}/introspect`,
    users,
    behaviour,
    tokenRequests,
    registerClient,
    inspect,
    verify: (provider) => async (token) => {
      const facts = await inspect(token);
      if (facts?.provider !== provider) return null;
      const { user, clientId, scopes } = facts;
      if (user !== null) return { mailbox: user.address, scopes };
      return { mailbox: clientId, scopes: roles.get(clientId) ?? applicationRoles, application: true };
    },
    revoke: (address) => forget(address, everything),
    expireAccessTokens: (address) => forget(address, ['AccessToken']),
    failTokenRequests: faults.add,
    close: async () => {
      await Promise.all([google.close(), microsoft.close()]);
      journal.close();
    },
  };

  function forget(address: string, models: readonly string[]): void {
    for (const { provider, id } of users.filter((user) => user.address === address))
      stores[provider].forget(id, models);
  }

  async function registerClient(client: ClientRegistration) {
    const {
      provider,
      redirectUris,
      name = 'Letterbox',
      clientId = randomUUID(),
      clientSecret = randomBytes(24).toString('base64url'),
    } = client;
    if (client.roles !== undefined) roles.set(clientId, client.roles);
    await stores[provider].adapter('Client').upsert(
      clientId,
      {
        client_id: clientId,
        client_secret: clientSecret,
        client_name: name,
        redirect_uris: [...redirectUris],
        response_types: ['code'],
        grant_types: [
          'authorization_code',
          'refresh_token',
          ...(provider === 'microsoft' ? ['client_credentials'] : []),
        ],
        token_endpoint_auth_method: 'client_secret_post',
      },
      0,
    );
    return { clientId, clientSecret };
  }

  function answerToken(provider: 'google' | 'microsoft'): Serve {
    return async (request, response) => {
      const noted = { provider, status: 0 };
      tokenRequests.push(noted);
      response.on('finish', () => {
        noted.status = response.statusCode;
      });
      const fault = faults.take(provider);
      if (fault === undefined) return providers[provider].callback()(request, response);
      await readForm(request);
      response.writeHead(fault.status, { 'content-type': 'text/html', ...fault.headers }).end(fault.body);
    };
  }
}
