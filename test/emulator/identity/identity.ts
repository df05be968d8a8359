import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openJournal } from '../journal.ts';
import { type TokenFault, tokenFaults } from './faults.ts';
import { googleProvider, prepareGoogle } from './google.ts';
import { metadata, microsoftProvider, prepareMicrosoft } from './microsoft.ts';
import type { Behaviour } from './provider.ts';
import { handleSignIn, readText } from './sign-in-page.ts';
import { identityStore } from './store.ts';
import { type DemoUser, demoUsers, tenantIdOf } from './users.ts';

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
}

/** What a token is good for. */
export interface TokenFacts {
  provider: 'google' | 'microsoft';
  clientId: string;
  /** The account that it speaks for; null for an application of its own. */
  user: DemoUser | null;
  scopes: string[];
  /** Epoch seconds. */
  expiresAt: number;
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
  /** Ends all that an account granted, as the person can do in the account's settings. */
  revoke(address: string): void;
  /** Ends the access tokens of an account early; they can be renewed. */
  expireAccessTokens(address: string): void;
  failTokenRequests(fault: TokenFault): void;
  close(): Promise<void>;
}

/** What ends when an account takes back what it granted. */
const everything = ['Grant', 'AccessToken', 'RefreshToken', 'AuthorizationCode'];
const microsoftHosts = ['login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn'];

/** Google's and Microsoft's sign-in on loopback, with demo accounts that need no password. */
export async function startIdentity(options: IdentityOptions = {}): Promise<Identity> {
  const { users = demoUsers, file = null, ports = { google: 0, microsoft: 0 } } = options;
  const journal = openJournal(file);
  const behaviour = {
    google: { accessTokenSeconds: 3_599, rotates: false, isStrict: false },
    microsoft: { accessTokenSeconds: 3_599, rotates: true, isStrict: false },
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
  const tokenRequests: { provider: 'google' | 'microsoft'; status: number }[] = [];
  const google = await listen(serveGoogle, ports.google);
  const microsoft = await listen(serveMicrosoft, ports.microsoft);
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
    revoke: (address) => forget(address, everything),
    expireAccessTokens: (address) => forget(address, ['AccessToken']),
    failTokenRequests: faults.add,
    close: async () => {
      await Promise.all([google, microsoft].map(({ server }) => closeServer(server)));
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

  async function inspect(token: string): Promise<TokenFacts | null> {
    for (const provider of ['google', 'microsoft'] as const) {
      const { AccessToken, ClientCredentials } = providers[provider];
      const found = (await AccessToken.find(token)) ?? (await ClientCredentials.find(token));
      if (found === undefined) continue;
      const accountId = 'accountId' in found ? found.accountId : null;
      return {
        provider,
        clientId: found.clientId ?? '',
        user: people[provider].find((user) => user.id === accountId) ?? null,
        scopes: [...found.scopes],
        expiresAt: found.exp ?? 0,
      };
    }
    return null;
  }

  async function serveGoogle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    if (path.startsWith('/interaction/'))
      return handleSignIn(providers.google, people.google, 'Google', request, response);
    if (path === '/token') return answerToken('google', request, response);
    if (path === '/revoke') return revokeToken(request, response);
    const unknown = path === '/o/oauth2/v2/auth' ? prepareGoogle(request) : '';
    if (unknown !== '') return refuse(response, `invalid_scope: ${unknown}`);
    await providers.google.callback()(request, response);
  }

  /** Takes the token alone, without a client, in the form or in the address; ends everything that was granted with it. */
  async function revokeToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fromUrl = new URL(request.url ?? '/', 'http://localhost').searchParams.get('token');
    const token = fromUrl ?? new URLSearchParams(await readText(request)).get('token') ?? '';
    const { AccessToken, RefreshToken } = providers.google;
    const found = (await RefreshToken.find(token)) ?? (await AccessToken.find(token));
    if (found?.accountId === undefined)
      return json(response, { error: 'invalid_token', error_description: 'Token expired or revoked' }, 400);
    stores.google.forget(found.accountId, everything, found.clientId);
    return json(response, {});
  }

  async function serveMicrosoft(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    if (path.startsWith('/interaction/'))
      return handleSignIn(providers.microsoft, people.microsoft, 'Microsoft', request, response);
    if (path === '/introspect') return introspect(request, response);
    const tenant = path.split('/')[1] ?? '';
    if (tenantIdOf(tenant) === undefined)
      return refuse(response, `invalid_request: AADSTS90002: Tenant '${tenant}' not found.`);
    if (path.endsWith('/.well-known/openid-configuration')) return json(response, metadata(tenant));
    // The provider reads the tenant's part of the path from the difference of the two.
    Object.assign(request, { originalUrl: request.url });
    request.url = (request.url ?? '').slice(tenant.length + 1);
    if (path.endsWith('/token')) return answerToken('microsoft', request, response);
    const unknown = path.endsWith('/oauth2/v2.0/authorize') ? prepareMounted(request, tenant) : '';
    if (unknown !== '') return refuse(response, `invalid_scope: AADSTS70011: ${unknown}`);
    await providers.microsoft.callback()(request, response);
  }

  function prepareMounted(request: IncomingMessage, tenant: string): string {
    const unknown = prepareMicrosoft(request, tenant);
    Object.assign(request, { originalUrl: `/${tenant}${request.url}` });
    return unknown;
  }

  async function answerToken(
    provider: 'google' | 'microsoft',
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    response.on('finish', () => tokenRequests.push({ provider, status: response.statusCode }));
    const fault = faults.take(provider);
    if (fault === undefined) return providers[provider].callback()(request, response);
    await readText(request);
    response.writeHead(fault.status, { 'content-type': 'text/html', ...fault.headers }).end(fault.body);
  }

  async function introspect(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fromUrl = new URL(request.url ?? '/', 'http://localhost').searchParams.get('token');
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const token = fromUrl ?? bearer ?? new URLSearchParams(await readText(request)).get('token') ?? '';
    const facts = await inspect(token);
    const isForMail =
      facts?.scopes.some((scope) => /(IMAP|POP)\.AccessAsUser\.All$|^https:\/\/mail\.google\.com\/$/.test(scope)) ??
      false;
    if (!isForMail || facts?.user == null) return json(response, { active: false });
    const { address } = facts.user;
    return json(response, {
      active: true,
      username: address,
      email: address,
      scope: facts.scopes.join(' '),
      exp: facts.expiresAt,
    });
  }
}

async function listen(serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>, port: number) {
  const handle: RequestListener = (request, response) => {
    serve(request, response).catch((thrown: unknown) => {
      if (!response.headersSent) response.writeHead(400, { 'content-type': 'text/plain' });
      response.end(thrown instanceof Error ? thrown.message : 'failed');
    });
  };
  const server = createServer(handle).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function closeServer(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

function pathOf(request: IncomingMessage): string {
  return new URL(request.url ?? '/', 'http://localhost').pathname;
}

function json(response: ServerResponse, body: unknown): void {
  response
    .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}

function refuse(response: ServerResponse, message: string): void {
  response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end(message);
}
