import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { AppError } from '../../domain/app-error';
import type { CheckStepName } from '../../domain/ports';
import { type Place, plaintextRefused, signInRequired, starttlsInjection, timedOut, translate } from './errors';
import { smtpLimits } from './limits';
import { greetingName, libraryOptions, only, tlsOptions } from './options';
import { type ProtocolTap, protocolTap } from './protocol-tap';
import type { SmtpCredentials, SmtpDeps, SmtpSettings } from './settings';
import { signedIn } from './sign-in';

/** Where mail servers take mail from each other, for their own people, from anybody (RFC 5321 §4.5.4.2, RFC 6409 §3.1). */
const relayPort = 25;

/** Told of each step that is done; milliseconds. */
export type StepObserver = (step: CheckStepName, tookMs: number) => void;

/** A signed-in connection, used by one call at a time. */
export interface Session {
  readonly connection: SMTPConnection;
  readonly tap: ProtocolTap;
  /** The connection's socket, the TLS one if there is TLS. */
  socket(): unknown;
  /** False once the connection ended or was given up. */
  isUsable(): boolean;
  /** Starts work and waits for it, at most `ms`; then the session is given up. @throws AppError for the place it stands at then */
  wait<T>(ms: number, start: (done: (error: unknown, value?: T) => void) => void): Promise<T>;
  /** Where the session stands; an error names it. */
  place: Place;
  /** Says goodbye if the server is quick about it, and ends the connection. */
  quit(): Promise<void>;
  /** Ends the connection at once. */
  drop(): void;
}

/**
 * Looks up the host, connects to an address that was checked, sets up TLS (1.2 or newer, the name verified) and signs in. A
 * STARTTLS that is missing, or disturbed, ends it before any password is sent.
 * @param deadline in the time of `performance.now()`, for all steps together; each has the timeout of the settings besides
 * @param from the address that mail is to be sent from; empty if none is
 * @throws AppError with the step that failed
 */
export async function openSession(
  settings: SmtpSettings,
  credentials: SmtpCredentials,
  deps: SmtpDeps,
  deadline: number,
  from: string,
  observe: StepObserver = () => {},
): Promise<Session> {
  const startedAt = new Map<CheckStepName, number>();
  const reach = () => reachServer(settings, credentials, deps, deadline, from, observe, startedAt);
  const isOpen = settings.username === '' || 'none' in credentials;
  const session = isOpen ? await reach() : await signedIn(settings, credentials, reach);
  observe('sign-in', performance.now() - (startedAt.get('sign-in') ?? performance.now()));
  session.place.step = undefined;
  return session;
}

/** All steps but the sign-in, at which the session stands then. */
async function reachServer(
  settings: SmtpSettings,
  credentials: SmtpCredentials,
  deps: SmtpDeps,
  deadline: number,
  from: string,
  observe: StepObserver,
  entered: Map<CheckStepName, number>,
): Promise<Session> {
  if (settings.encryption === 'none' && !deps.allowPlaintext) throw plaintextRefused();
  const { encryption, port } = settings;
  const signsIn = settings.username !== '' && !('none' in credentials);
  if (port === relayPort && !signsIn && deps.allowRelay !== true) throw signInRequired();
  const host = settings.host.replace(/^\[|\]$/g, '');
  const byToken = 'accessToken' in credentials;
  const place: Place = { step: 'lookup', host, port, byToken, uncertain: false };
  let startedAt = performance.now();
  const enter = (step: CheckStepName) => {
    if (place.step === step || place.step === undefined) return;
    observe(place.step, performance.now() - startedAt);
    place.step = step;
    startedAt = performance.now();
    entered.set(step, startedAt);
  };
  let socket: Socket | undefined;
  let connection: SMTPConnection | undefined;
  let giveUp: (error: unknown) => void = () => {};

  /** Waits for one step, and gives everything up when it takes too long. */
  function wait<T>(ms: number, start: (done: (error: unknown, value?: T) => void) => void): Promise<T> {
    const leftMs = place.step === undefined ? ms : deadline - performance.now();
    const most = Math.max(0, Math.min(ms, leftMs));
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        done(timedOut(place, most));
        drop();
      }, most);
      const done = (error: unknown, value?: T) => {
        clearTimeout(timer);
        if (error) reject(translate(error, place));
        else resolve(value as T);
      };
      giveUp = done;
      start(done);
    });
  }
  function drop(): void {
    connection?.close();
    socket?.destroy();
  }

  try {
    const addresses = await wait<string[]>(settings.timeoutMs, (done) => {
      deps.resolve(host, port).then((found) => done(null, found), done);
    });
    enter('connect');
    await wait(settings.timeoutMs, (done) => {
      socket = connectTcp({ host: isIP(host) === 0 ? host : (addresses[0] ?? host), port, lookup: only(addresses) });
      socket.once('connect', () => done(null)).on('error', done);
    });
    if (encryption === 'tls') {
      enter('tls');
      await wait(settings.timeoutMs, (done) => {
        socket = connectTls({ ...tlsOptions(settings, host), ...(socket ? { socket } : {}) });
        socket.once('secureConnect', () => done(null)).on('error', done);
      });
      enter('sign-in');
    }
    const tap = protocolTap(deps.log, credentials, () => enter('tls'));
    const opened = new SMTPConnection({
      ...libraryOptions(settings, host, tap, greetingName(settings, from, deps.greetingName), byToken),
      ...(socket ? { connection: socket } : {}),
    });
    connection = opened;
    opened.on('error', (error) => giveUp(error));
    await wait(settings.timeoutMs * (encryption === 'starttls' ? 2 : 1), (done) => {
      opened.connect((error?: unknown) => done(error));
    });
    if (tap.isDisturbed()) throw starttlsInjection();
    enter('sign-in');
    return {
      connection: opened,
      tap,
      socket: () => Reflect.get(opened, '_socket'),
      isUsable: () => !opened.destroyed,
      wait,
      place,
      async quit() {
        const ended = new Promise((resolve) => opened.once('end', resolve));
        const late = new Promise((resolve) => setTimeout(resolve, smtpLimits.quitMs).unref());
        if (!opened.destroyed) {
          opened.quit();
          await Promise.race([ended, late]);
        }
        drop();
      },
      drop,
    };
  } catch (thrown) {
    drop();
    throw thrown instanceof AppError ? thrown : translate(thrown, place);
  }
}
