import { availableParallelism } from 'node:os';
import * as z from 'zod';

/** One setting of the gateway: its environment variable, its schema and what it is for. */
interface Setting<T> {
  name: string;
  schema: z.ZodType<T, string | undefined>;
  help: string;
}

const setting = <T>(name: string, schema: z.ZodType<T, string | undefined>, help: string): Setting<T> => ({
  name,
  schema,
  help,
});

const whole = (preset: number, min: number, max: number) =>
  z
    .string()
    .default(String(preset))
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number);
const isOn = z
  .enum(['0', '1'], 'must be 0 or 1')
  .default('0')
  .transform((text) => text === '1');
const ports = z
  .string()
  .default('25,110,143,465,587,993,995')
  .refine((text) => text === '*' || /^\d{1,5}(,\d{1,5})*$/.test(text), 'must be ports separated by commas, or *')
  .transform((text) => (text === '*' ? null : text.split(',').map(Number)));
const address = z.url('must be a URL such as https://example.com/jwks.json');

const settings = {
  host: setting('HOST', z.string().default('0.0.0.0'), 'address to listen on (0.0.0.0)'),
  port: setting('PORT', whole(8080, 0, 65_535), 'port to listen on (8080)'),
  audience: setting(
    'GATEWAY_AUDIENCE',
    z
      .string('is required: the id of your app, as manifest.yml has it')
      .regex(/^ari:cloud:ecosystem::app\/[\w-]+$/, 'must be the id of your app: ari:cloud:ecosystem::app/...'),
    'id of the app whose invocations are served: ari:cloud:ecosystem::app/...',
  ),
  issuer: setting(
    'GATEWAY_ISSUER',
    z.string().default('forge/invocation-token'),
    'issuer of invocation tokens (forge/invocation-token)',
  ),
  jwksUrl: setting(
    'GATEWAY_JWKS_URL',
    address.default('https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json'),
    "keys that sign invocation tokens (Atlassian's)",
  ),
  allowPrivate: setting('GATEWAY_ALLOW_PRIVATE', isOn, '1: mail servers may have private addresses (0)'),
  allowPlaintext: setting('GATEWAY_ALLOW_PLAINTEXT', isOn, '1: connections without encryption are allowed (0)'),
  greetingName: setting(
    'GATEWAY_EHLO_NAME',
    z
      .string()
      .default('')
      .refine(
        (name) => name === '' || /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/i.test(name),
        'must be a full domain name such as mail.example.com',
      ),
    'full domain name to greet mail servers with (the host name if it has a dot, else the domain of the From address)',
  ),
  allowRelay: setting('GATEWAY_ALLOW_RELAY', isOn, '1: mail may be sent over port 25 without a sign-in (0)'),
  ports: setting('GATEWAY_PORTS', ports, 'ports of mail servers; * for all (25,110,143,465,587,993,995)'),
  sessions: setting(
    'GATEWAY_SESSIONS',
    whole(4_000, 1, 100_000),
    'sessions with mail servers in all, of about 100 KB each (4000)',
  ),
  sessionsPerInstallation: setting(
    'GATEWAY_SESSIONS_PER_INSTALLATION',
    // One for each mailbox: with fewer, a site with a thousand of them would sign in anew for each poll.
    whole(2_000, 1, 100_000),
    'and of one installation (2000)',
  ),
  sessionIdleSeconds: setting(
    'GATEWAY_SESSION_IDLE_SECONDS',
    whole(180, 0, 1_500),
    'how long an idle session is kept (180)',
  ),
  sessionAgeSeconds: setting(
    'GATEWAY_SESSION_AGE_SECONDS',
    whole(3_600, 1, 86_400),
    'how old a session may grow (3600)',
  ),
  requests: setting(
    'GATEWAY_REQUESTS',
    whole(400, 1, 100_000),
    'requests worked on at a time (400); one installation never gets more of them than are free, so half when it is alone',
  ),
  requestsPerInstallation: setting(
    'GATEWAY_REQUESTS_PER_INSTALLATION',
    whole(200, 1, 100_000),
    'and of one installation at most, however many are free (200)',
  ),
  requestSeconds: setting('GATEWAY_REQUEST_SECONDS', whole(120, 1, 600), 'time for one request (120)'),
  answerSeconds: setting(
    'GATEWAY_ANSWER_SECONDS',
    whole(15, 1, 600),
    'time after which a call ends, and the app asks for the rest in another one (15)',
  ),
  memoryMb: setting(
    'GATEWAY_MEMORY_MB',
    whole(1_024, 64, 1_000_000),
    'mail and answers held at a time, in MB; one installation never gets more than is free (1024)',
  ),
  memoryMbPerInstallation: setting(
    'GATEWAY_MEMORY_MB_PER_INSTALLATION',
    whole(128, 16, 1_000_000),
    'and of one installation at most; by POP3 a mail takes twice its size while it comes (128)',
  ),
  threads: setting(
    'GATEWAY_THREADS',
    whole(Math.min(8, Math.max(2, availableParallelism())), 0, 64),
    'threads that talk with mail servers, among which installations are distributed (one a core, 2 to 8); 0: none, a mail server can hold up all',
  ),
  threadSeconds: setting(
    'GATEWAY_THREAD_SECONDS',
    whole(10, 1, 600),
    'a thread that does not answer for so long is ended, and its requests are tried again later (10)',
  ),
  threadHeapMb: setting(
    'GATEWAY_THREAD_HEAP_MB',
    whole(512, 64, 32_768),
    'JavaScript memory of a thread; one that needs more ends (512)',
  ),
  connections: setting(
    'GATEWAY_CONNECTIONS',
    whole(2_000, 1, 100_000),
    'connections of clients at a time; those that send nothing make room (2000)',
  ),
  headSeconds: setting(
    'GATEWAY_HEAD_SECONDS',
    whole(10, 1, 600),
    'time for the head of a request, and until a new connection sends one (10)',
  ),
  keepAliveSeconds: setting(
    'GATEWAY_KEEP_ALIVE_SECONDS',
    // Longer than a load balancer keeps its side, which else would send a request into a connection that ends.
    whole(75, 1, 3_600),
    'how long a connection of a client is kept between requests (75)',
  ),
  shutdownDelaySeconds: setting(
    'GATEWAY_SHUTDOWN_DELAY_SECONDS',
    whole(5, 0, 600),
    'time after SIGTERM in which new requests are still taken, while /readyz sends load balancers elsewhere (5)',
  ),
  drainSeconds: setting(
    'GATEWAY_DRAIN_SECONDS',
    whole(30, 1, 600),
    'time for requests at work after that, before the gateway ends all the same (30)',
  ),
  logLevel: setting(
    'LOG_LEVEL',
    z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent').default('info'),
    'debug, info, warn, error or silent (info)',
  ),
} as const;

type Settings = typeof settings;
export type GatewayConfig = { [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never };

/** The settings from the environment. @throws Error that names every variable that is missing or wrong */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): GatewayConfig {
  const shape = Object.fromEntries(Object.entries(settings).map(([key, { schema }]) => [key, schema]));
  const given = Object.fromEntries(
    Object.entries(settings).map(([key, { name }]) => [key, environment[name] || undefined]),
  );
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data as GatewayConfig;
  const nameOf = (key: PropertyKey | undefined) =>
    Object.entries(settings).find(([known]) => known === key)?.[1].name ?? String(key);
  throw new Error(parsed.error.issues.map(({ path, message }) => `${nameOf(path[0])} ${message}.`).join('\n'));
}

/** Variables that look like settings and are none: somebody may have mistyped one. */
export function unknownSettings(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set<string>(Object.values(settings).map(({ name }) => name));
  return Object.keys(environment).filter((name) => name.startsWith('GATEWAY_') && !known.has(name));
}

/** What `--help` shows. */
export function describeSettings(): string {
  const rows = Object.values(settings).map(({ name, help }) => `  ${name.padEnd(36)}${help}`);
  return [
    'Letterbox gateway: lets the app reach mail servers. Settings are environment variables:',
    '',
    ...rows,
    '',
  ].join('\n');
}
