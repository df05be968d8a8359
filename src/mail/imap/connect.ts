import { Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { ImapFlow } from 'imapflow';
import { AppError } from '../../domain/app-error';
import type { CheckStepName } from '../../domain/ports';
import { meaningOfRefusal } from '../sign-in-refusals';
import { type Place, timedOut, translate } from './errors';
import { floodGate } from './flood-gate';
import { takeNamesAsTheyAre } from './folder-names';
import { type LibraryLog, libraryLog } from './library-log';
import { imapLimits } from './limits';
import { protocolTap } from './protocol-tap';
import type { Credentials, ImapDeps, ImapSettings } from './settings';

/** Told of each step of connecting that is done; milliseconds. */
export type StepObserver = (step: CheckStepName, tookMs: number) => void;

/** The steps of connecting, each with the timeout of the settings. */
function stepClock(place: Place, timeoutMs: number, observe: StepObserver) {
  let startedAt = performance.now();
  let expire: (error: AppError) => void = () => {};
  const expiry = new Promise<never>((_, reject) => {
    expire = reject;
  });
  // Raced later; until then a rejection must not end the process.
  expiry.catch(() => {});
  const start = () => setTimeout(() => expire(timedOut(place, timeoutMs)), timeoutMs);
  let timer = start();
  return {
    expiry,
    advance(next: CheckStepName) {
      if (place.step === undefined || place.step === next) return;
      observe(place.step, performance.now() - startedAt);
      place.step = next;
      startedAt = performance.now();
      clearTimeout(timer);
      timer = start();
    },
    stop: () => clearTimeout(timer),
  };
}

/** What the server offers to sign in by, and what became of the connection that asked. */
interface Offer {
  capabilities: ReadonlySet<string>;
}

/**
 * Connects and signs in. A server may announce a mechanism and refuse it, and take the same password by another one (iCloud, QQ): the
 * next one is tried, once. `way` is the one that was found before. @throws AppError with the step that failed
 */
export async function connectClient(
  settings: ImapSettings,
  credentials: Credentials,
  deps: ImapDeps,
  observe: StepObserver,
  found: { way?: string },
): Promise<{ client: ImapFlow; log: LibraryLog }> {
  const offer: Offer = { capabilities: new Set() };
  try {
    return await connectBy(settings, credentials, deps, observe, found.way, offer);
  } catch (thrown) {
    const other = found.way === undefined && 'password' in credentials ? otherWay(thrown, settings, offer) : undefined;
    if (other === undefined) throw thrown;
    try {
      const connected = await connectBy(settings, credentials, deps, observe, other, offer);
      found.way = other;
      return connected;
    } catch (again) {
      throw again instanceof AppError && again.code === 'throttled' ? again : thrown;
    }
  }
}

/** As the library names them. It takes PLAIN before LOGIN, and the command LOGIN for the names of Exchange's domains. */
function otherWay(thrown: unknown, { username }: ImapSettings, { capabilities }: Offer): string | undefined {
  if (!(thrown instanceof AppError) || thrown.code !== 'sign-in-failed') return undefined;
  // Where somebody has to see to the account, another try would only count against it.
  if (meaningOfRefusal(thrown.detail ?? '') !== 'password') return undefined;
  const isPlain = capabilities.has('AUTH=PLAIN');
  if (/[\\/]/.test(username)) return isPlain ? 'AUTH=PLAIN' : undefined;
  if (!isPlain && !capabilities.has('AUTH=LOGIN')) return undefined;
  if (!capabilities.has('LOGINDISABLED')) return 'LOGIN';
  return isPlain && capabilities.has('AUTH=LOGIN') ? 'AUTH=LOGIN' : undefined;
}

/**
 * Looks up the host, connects to an address that was checked, sets up TLS (1.2 or newer, the name verified) and signs in.
 * The client comes back even-tempered: no automatic IDLE, no compression, literals capped.
 * @throws AppError with the step that failed
 */
async function connectBy(
  settings: ImapSettings,
  credentials: Credentials,
  deps: ImapDeps,
  observe: StepObserver,
  way: string | undefined,
  offer: Offer,
): Promise<{ client: ImapFlow; log: LibraryLog }> {
  if (settings.encryption === 'none' && !deps.allowPlaintext) throw plaintextRefused();
  const place: Place = { step: 'lookup', host: bareHost(settings.host), port: settings.port, bye: undefined };
  const add = deps.log ?? (() => {});
  const tap = deps.log === undefined ? { hear() {}, isOn: () => false } : protocolTap(deps.log, credentials);
  const log = libraryLog(tap);
  const clock = stepClock(place, settings.timeoutMs, (step, tookMs) => {
    // Not the addresses that were found: which of them are forbidden must not be told.
    if (step === 'connect') add(`# Connected to ${place.host}, port ${place.port}.`);
    if (step === 'tls') add('# The connection is encrypted, and the certificate is trusted.');
    observe(step, tookMs);
  });
  let client: ImapFlow | undefined;
  try {
    const addresses = await Promise.race([deps.resolve(place.host, place.port), clock.expiry]);
    clock.advance('connect');
    client = new ImapFlow({
      ...libraryOptions(settings),
      host: place.host,
      auth: {
        user: settings.username,
        ...('password' in credentials ? { pass: credentials.password } : credentials),
        ...(way === undefined ? {} : { loginMethod: way }),
      },
      tls: tlsOptions(settings, addresses, () => clock.advance('sign-in')),
      logger: log.logger,
    });
    // Without a listener an error between commands would end the process.
    client.on('error', () => {});
    const connected = client.connect();
    const socket: unknown = Reflect.get(client, 'socket');
    if (socket instanceof Socket) {
      socket.once('connect', () => clock.advance(settings.encryption === 'none' ? 'sign-in' : 'tls'));
    }
    const flood = floodGate(client, imapLimits.answerBytes, log.ends);
    await log.ends.race(Promise.race([connected, clock.expiry])).finally(flood.stop);
    if (settings.encryption !== 'none' && !client.secureConnection) throw plaintextRefused();
    // An open door proves nothing about the password, and whoever holds it open could be anybody (RFC 3501 §7.1.4). The
    // library keeps the text of an OK greeting, not of PREAUTH.
    if (client.greeting === undefined) throw preauthRefused();
    clock.advance('folder');
    takeNamesAsTheyAre(client);
    return { client, log };
  } catch (thrown) {
    offer.capabilities = new Set(client?.capabilities.keys());
    client?.close();
    throw translate(thrown, { ...place, bye: client?.byeReason });
  } finally {
    clock.stop();
  }
}

const bareHost = (host: string) => host.replace(/^\[|\]$/g, '');

function libraryOptions(settings: ImapSettings) {
  // A stretch is asked for also of mail above the largest: whoever downloads it from quarantine wants all of it.
  const largest = Math.max(settings.largestMailMb * 1024 * 1024, imapLimits.stretchBytes);
  const literalBytes = largest + imapLimits.literalSlackBytes;
  return {
    port: settings.port,
    secure: settings.encryption === 'tls',
    // Only a demand is safe: when left open, a stripped STARTTLS makes the library send the password in clear.
    doSTARTTLS: settings.encryption === 'starttls',
    clientInfo: { name: 'Letterbox' },
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableCompression: true,
    disableBinary: true,
    disableIMAP4rev2: true,
    // The clock of the steps comes first; these only end what it left behind.
    connectionTimeout: 4 * settings.timeoutMs + 1_000,
    greetingTimeout: 4 * settings.timeoutMs + 1_000,
    socketTimeout: imapLimits.idleMs,
    maxLineLength: imapLimits.lineBytes,
    maxLiteralSize: literalBytes,
    maxResponseSize: literalBytes + imapLimits.lineBytes,
  };
}

function tlsOptions(settings: ImapSettings, addresses: readonly string[], onVerified: () => void): ConnectionOptions {
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(settings.privateCa === '' ? {} : { ca: settings.privateCa }),
    // A second lookup could give other addresses than those that were checked (DNS rebinding).
    lookup: (_name, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    checkServerIdentity(name, certificate) {
      const problem = checkServerIdentity(name, certificate);
      if (problem === undefined) onVerified();
      return problem;
    },
  };
}

const plaintextRefused = () =>
  new AppError(
    'plaintext-refused',
    'access',
    'This connection has no encryption, and the gateway does not send passwords in clear. Choose SSL/TLS or STARTTLS.',
    { step: 'connect' },
  );

const preauthRefused = () =>
  new AppError(
    'preauth-refused',
    'access',
    'The mail server let us in without a password, so nobody can tell whose mailbox this is. Check host and port.',
    { step: 'sign-in' },
  );
