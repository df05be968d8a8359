import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imapPorts, microsoftImapHosts } from '../../../src/domain/connection';
import { microsoftSmtpHosts, smtpPorts } from '../../../src/domain/outgoing';
import { type Clock, systemClock } from '../clock';
import { createForge, type ForgeOptions } from '../forge/create-forge';
import type { Forge, Product, SeenCall } from '../forge/forge';
import { createJira, type Jira } from '../jira/jira';
import { listenOnLoopback } from '../mail-server/loopback';
import { type MailServer, startMailServer } from '../mail-server/mail-server';
import type { SubmittedMail } from '../provider/submission';
import { readAppManifest } from './app-manifest';
import { type StandIns, startGateway } from './gateway-process';
import { buildPages, pageFiles } from './page-files';
import { type Providers, startProviders } from './providers';
import { createWebServer } from './web-server';

export interface LocalHostOptions {
  /** Of the web server; 0 picks a free one. */
  port?: number;
  ports?: { smtp: number; imap: number; imaps: number; gateway: number; smtps?: number; submission?: number };
  /** The address to listen on; by default this machine only. */
  host?: string;
  /** Where everything is kept; null keeps it in memory. */
  directory?: string | null;
  /** Forgets what the directory holds. */
  fresh?: boolean;
  /** `spawn` starts the gateway as a child process; else the URL of one that runs. */
  gateway?: 'spawn' | string;
  /** Settings of the gateway that is started: see src/gateway/config.ts. */
  gatewaySettings?: Readonly<Record<string, string>>;
  /** Further servers of the internet that the gateway finds on this machine. */
  standIns?: StandIns;
  /** Further hosts that functions find on this machine: `hooks.slack.com` → `http://127.0.0.1:4000`. */
  hosts?: Readonly<Record<string, string>>;
  /** Builds the pages when they are out of date. */
  build?: boolean;
  /** Runs triggers and events by themselves, as the platform does. */
  start?: boolean;
  /** What the app's entry exports, instead of src/index.ts. */
  functions?: Readonly<Record<string, unknown>>;
  /** Everybody's time; by default the machine's, moved by `forge.advance`. */
  clock?: Clock;
  /** Is told of each call of the app's code to storage, queue, products and hosts. */
  observe?: (call: SeenCall) => void;
  /** What the app meets in Jira's place. */
  inFrontOfJira?: (jira: Jira) => Product;
  /** Milliseconds that Jira's search lags behind. */
  searchLagMs?: number;
  /** What the platform does that nobody has seen on a real site yet. */
  platform?: Pick<
    ForgeOptions,
    'abortSignals' | 'timerSpeed' | 'remoteAnswers' | 'codes' | 'queryLagMs' | 'missingScopes'
  >;
  /** Takes what the app and the gateway have to say. */
  say?: (line: string) => void;
}

export interface LocalHost {
  /** Without a trailing slash. */
  url: string;
  forge: Forge;
  jira: Jira;
  mail: MailServer;
  /** Google's and Microsoft's stand-ins. */
  providers: Providers;
  gatewayUrl: string;
  /** Registers today's callback URL for the demo applications, as somebody does in the providers' consoles. */
  registerCallback(): Promise<void>;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const anyPorts = { smtp: 0, imap: 0, imaps: 0, gateway: 0 };

/** The unmodified app on a local Forge with a local Jira, the gateway, a mail server, Google and Microsoft. @throws Error for people when a port is taken */
export async function startLocalHost(options: LocalHostOptions = {}): Promise<LocalHost> {
  const { port = 0, ports = anyPorts, host = '127.0.0.1', directory = null, say = () => {} } = options;
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const server = createServer();
    server.on('request', notYet);
    // The port first: whoever has it may be a local host that works on the same directory.
    const web = await listenOnLoopback(server, port, host);
    closers.push(() => closeServer(server), web.close);
    const url = `http://localhost:${web.port}`;
    if (directory !== null && options.fresh) rmSync(directory, { recursive: true, force: true });
    if (directory !== null) mkdirSync(directory, { recursive: true });
    const inDirectory = (name: string) => (directory === null ? null : join(directory, name));

    const manifestFile = join(root, 'manifest.yml');
    const manifest = readAppManifest(manifestFile);
    const pages = pageFiles(root, manifest);
    const clock = options.clock ?? systemClock();
    const onSent = ({ envelope, raw }: SubmittedMail) =>
      mail.deliver({ from: envelope.from, recipients: envelope.to, raw });
    const providers = await startProviders({ directory, clock, onSent });
    closers.push(providers.close);
    const mail = await startMailServer({
      directory: inDirectory('mail'),
      ports,
      host,
      forward: providers.deliver,
      byToken: providers.exchange,
      // Exchange takes a token by the scope that it was asked for.
      verifyToken: async (token) => {
        const access = await providers.identity.verify('microsoft')(token);
        return access?.scopes.some((scope) => /(^|\/)SMTP\.Send$/.test(scope)) === true ? access.mailbox : null;
      },
    });
    closers.push(mail.close);
    const jira = createJira({
      clock,
      directory: inDirectory('jira'),
      siteUrl: `${url}/jira`,
      entityProperties: manifest.entityProperties.map(({ entityType, propertyKey, values }) => ({
        propertyKey,
        ...(entityType === undefined ? {} : { entityType }),
        values: values.map(({ path, type, searchAlias }) => ({
          path,
          type,
          ...(searchAlias === undefined ? {} : { searchAlias }),
        })),
      })),
      ...(options.searchLagMs === undefined ? {} : { searchLagMs: options.searchLagMs }),
    });
    closers.push(jira.close);

    const building = options.build ? buildPages(root, pages, say) : Promise.resolve();
    const gateway =
      options.gateway === undefined || options.gateway === 'spawn'
        ? await startGateway({
            jwksUrl: `http://127.0.0.1:${web.port}/_local/jwks`,
            audience: manifest.appAri,
            port: ports.gateway,
            say,
            settings: options.gatewaySettings ?? {},
            standIns: {
              ca: `${mail.ca}\n${options.standIns?.ca ?? ''}`,
              ports: {
                ...Object.fromEntries(
                  microsoftSmtpHosts.map((name) => [`${name}:${smtpPorts.starttls}`, mail.ports.submission]),
                ),
                ...Object.fromEntries(microsoftImapHosts.map((name) => [`${name}:${imapPorts.tls}`, mail.ports.imaps])),
                ...options.standIns?.ports,
              },
            },
          })
        : { url: options.gateway, close: async () => {} };
    closers.push(gateway.close);

    const forge = await createForge({
      manifest: manifestFile,
      // Loaded by name: the emulator's globals have to be there before the app's packages.
      functions: options.functions ?? (await import('../../../src/index')),
      products: { jira: options.inFrontOfJira?.(jira) ?? jira },
      remotes: Object.fromEntries(manifest.remotes.map((key) => [key, gateway.url])),
      directory: inDirectory('forge'),
      clock,
      log: say,
      hosts: { ...providers.hosts, ...options.hosts },
      webTriggerBaseUrl: url,
      ...(options.observe === undefined ? {} : { observe: options.observe }),
      ...options.platform,
    });
    closers.push(forge.close);
    // Like the app itself: not before the emulator's globals are there.
    const { webTrigger } = await import('@forge/api');
    const registerCallback = async () =>
      providers.registerApplications(await forge.run(() => webTrigger.getUrl('oauth-callback')));
    await registerCallback();
    await building;
    server.off('request', notYet);
    const parts = { url, forge, jira, mail, providers, manifest, pages, gatewayUrl: gateway.url, registerCallback };
    const app = await createWebServer(server, parts);
    closers.push(() => app.close());
    if (options.start ?? true) forge.start();
    return { url, forge, jira, mail, providers, gatewayUrl: gateway.url, registerCallback, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function notYet(_request: unknown, response: ServerResponse): void {
  response
    .writeHead(503, { 'retry-after': '1', 'content-type': 'text/plain' })
    .end('The local host is starting. Try again in a moment.');
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
