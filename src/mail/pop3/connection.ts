import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { domainToASCII } from 'node:url';
import { type AppError, toAppError } from '../../domain/app-error';
import type { CheckStepName } from '../../domain/ports';
import { type Meter, meter, uncounted } from '../held-memory';
import { type AddLine, bytesInstead, spokenLine } from '../protocol-log';
import {
  connectionLost,
  forbiddenCharacters,
  type Place,
  plaintextForbidden,
  serverBroken,
  socketError,
  starttlsInjection,
  timedOut,
} from './errors';
import { InputBuffer } from './input-buffer';
import { pop3Limits } from './limits';
import type { Pop3Deps, Pop3Settings } from './settings';

/** Told of each step as it begins. */
export type OnStep = (step: CheckStepName) => void;

/** A reply's first line: `+OK`, `-ERR` or `+` (RFC 1939 §3, RFC 5034 §4), and the text after it. */
export interface Reply {
  status: '+OK' | '-ERR' | '+';
  text: string;
}

/**
 * The bytes between a POP3 server and us. Each wait for the server counts against the budget of its step and of the whole
 * call, so that neither a silent server nor one that sends a byte a second holds us; time that our caller takes is free.
 */
export class Pop3Connection {
  #socket: Socket;
  #failure: AppError | null = null;
  #wake: (() => void) | null = null;
  #stepMs: number;
  #callMs: number;
  readonly #input = new InputBuffer();
  readonly #held: Meter;
  readonly #settings: Pop3Settings;
  readonly #place: Place;
  readonly #log: AddLine;
  readonly #secrets: string[] = [];
  readonly #onData = (chunk: Buffer) => this.#append(chunk);

  private constructor(settings: Pop3Settings, socket: Socket, deps: Pop3Deps) {
    const { callMs = pop3Limits.callMs, log, memory = uncounted } = deps;
    this.#settings = settings;
    this.#held = meter(memory);
    this.#log = log ?? (() => {});
    this.#place = { step: 'connect', host: settings.host, port: settings.port };
    this.#stepMs = settings.timeoutMs;
    this.#callMs = callMs;
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Connects to a checked address, with TLS if the settings say `tls`. @throws AppError with the step that failed */
  static async open(settings: Pop3Settings, deps: Pop3Deps, onStep: OnStep): Promise<Pop3Connection> {
    if (settings.encryption === 'none' && !deps.allowPlaintext) throw plaintextForbidden();
    onStep('lookup');
    const host = hostOf(settings);
    const resolved = await lookedUp(deps.resolve(host, settings.port), settings);
    const addresses = resolved.map((address) => ({ address, family: isIP(address) }));
    onStep('connect');
    const socket = connect({
      host,
      port: settings.port,
      autoSelectFamily: true,
      // Only addresses that were checked are connected to; a second lookup could give others (DNS rebinding).
      lookup: (_host, options, answer) => {
        if (options.all) answer(null, addresses);
        else answer(null, addresses[0]?.address ?? '', addresses[0]?.family);
      },
    });
    const connection = new Pop3Connection(settings, socket, deps);
    await connection.#until('connect');
    // Not the addresses that were found: which of them are forbidden must not be told.
    connection.note(`Connected to ${settings.host}, port ${settings.port}.`);
    if (settings.encryption === 'tls') {
      onStep('tls');
      await connection.startTls();
    }
    return connection;
  }

  get isUsable(): boolean {
    return this.#failure === null;
  }

  /** The TLS socket, for a report; null while nothing is encrypted. */
  get secured(): TLSSocket | null {
    return this.#socket instanceof TLSSocket ? this.#socket : null;
  }

  /** Starts the time of a new call; milliseconds. */
  beginCall(milliseconds: number): void {
    this.#callMs = milliseconds;
    this.beginStep(undefined);
  }

  /** Milliseconds that are left of the call. */
  get leftMs(): number {
    return this.#callMs;
  }

  /** Starts the time of a step. */
  beginStep(step: CheckStepName | undefined): void {
    this.#place.step = step;
    this.expect(0);
  }

  /** Starts the time of an answer within the step: the timeout of the settings, and what so many bytes take on a slow line. */
  expect(bytes: number): void {
    this.#stepMs = this.#settings.timeoutMs + (bytes / pop3Limits.slowestBytesPerSecond) * 1_000;
  }

  /**
   * Turns the connection into one over TLS 1.2 or later, with the certificate checked against the host name.
   * @throws AppError `starttls-injection` when anything came after the reply to STLS: somebody put it there in clear, to be
   * taken for the server's words under TLS (CVE-2011-0411).
   */
  async startTls(): Promise<void> {
    this.beginStep('tls');
    const plain = this.#socket;
    if (this.#input.length > 0 || plain.readableLength > 0) throw this.#fail(starttlsInjection());
    plain.off('data', this.#onData);
    const host = hostOf(this.#settings);
    const { privateCa } = this.#settings;
    const socket = connectTls({
      socket: plain,
      host,
      // Server name indication has no addresses (RFC 6066 §3).
      servername: isIP(host) === 0 ? host.replace(/\.$/, '') : '',
      minVersion: 'TLSv1.2',
      ...(privateCa === '' ? {} : { ca: privateCa }),
    });
    this.#socket = socket;
    this.#listen(socket);
    await this.#until('secureConnect');
    this.note('The connection is encrypted, and the certificate is trusted.');
  }

  /** Tells the protocol what is not said on the line. */
  note(text: string): void {
    this.#log(`# ${text}`);
  }

  /** From here on a reply that quotes the secret is shown without it. */
  hide(secret: string): void {
    this.#secrets.push(secret);
  }

  /**
   * Sends commands, each on its line. @throws AppError `forbidden-characters` for one that would be two lines.
   * @param shown what the protocol shows in their place
   */
  send(commands: readonly string[], shown: readonly string[] = commands): void {
    if (commands.some((command) => /[\r\n\0]/.test(command))) throw forbiddenCharacters();
    for (const command of shown) this.#log(() => spokenLine('C', command, this.#secrets));
    if (this.#failure === null) this.#socket.write(commands.map((command) => `${command}\r\n`).join(''));
  }

  /** @throws AppError `server-broken` for a line that is no reply. */
  async reply(): Promise<Reply> {
    let line = this.#input.line();
    while (line === undefined) {
      await this.#more();
      line = this.#input.line();
    }
    if (line === null) throw this.#broken('a line is too long, or does not end with CRLF');
    const match = /^(\+OK|-ERR|\+)(?: (.*)|)$/is.exec(line);
    if (match === null) throw this.#broken('a line is no reply', line);
    this.#show([line]);
    const status = match[1]?.toUpperCase();
    return { status: status === '+OK' || status === '-ERR' ? status : '+', text: match[2] ?? '' };
  }

  /**
   * The lines after a reply, dot-unstuffed. When they are more than `limit` bytes, the connection is dropped: null.
   * @param isShown whether the protocol shows the lines, or only how many bytes they are
   */
  async block(limit: number, isShown = false): Promise<Buffer | null> {
    let block = this.#input.block(limit);
    while (block === undefined) {
      await this.#more();
      block = this.#input.block(limit);
    }
    this.#held.set(this.#input.length);
    if (block === null) this.note(`The server sent more than ${limit.toLocaleString('en')} bytes.`);
    else if (isShown) this.#show(block.toString('latin1').trimEnd().split('\r\n'));
    else this.#show([bytesInstead(block.length)]);
    if (block === null) this.drop();
    return block;
  }

  drop(): void {
    this.#fail(connectionLost(this.#place));
  }

  #show(lines: readonly string[]): void {
    for (const line of lines) this.#log(() => spokenLine('S', line, this.#secrets));
  }

  #listen(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('data', this.#onData);
    socket.on('error', (error) => this.#fail(socketError(error, this.#place)));
    socket.on('close', () => this.#fail(connectionLost(this.#place)));
  }

  #broken(what: string, words = ''): AppError {
    return this.#fail(serverBroken(what, this.#place.step, words));
  }

  #fail(error: AppError): AppError {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#input.clear();
    this.#held.set(0);
    this.#wake?.();
    return this.#failure;
  }

  #append(chunk: Buffer): void {
    if (this.#failure !== null) return;
    this.#input.append(chunk);
    try {
      this.#held.set(this.#input.length);
    } catch (thrown) {
      this.#fail(toAppError(thrown));
    }
    if (this.#wake !== null) this.#wake();
    else if (this.#input.length > pop3Limits.readAheadBytes) this.#socket.pause();
  }

  /** Waits until more has been received. */
  async #more(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    this.#socket.resume();
    await this.#wait();
    if (this.#failure !== null) throw this.#failure;
  }

  async #until(event: 'connect' | 'secureConnect'): Promise<void> {
    let happened = false;
    this.#socket.once(event, () => {
      happened = true;
      this.#wake?.();
    });
    while (!happened) {
      await this.#wait();
      if (this.#failure !== null) throw this.#failure;
    }
  }

  async #wait(): Promise<void> {
    if (this.#failure !== null) return;
    const begun = performance.now();
    const leftMs = Math.max(0, Math.min(this.#stepMs, this.#callMs));
    const timer = setTimeout(() => this.#fail(timedOut(this.#place)), leftMs);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    clearTimeout(timer);
    this.#wake = null;
    const waitedMs = performance.now() - begun;
    this.#stepMs -= waitedMs;
    this.#callMs -= waitedMs;
  }
}

async function lookedUp(work: Promise<string[]>, { host, port, timeoutMs }: Pop3Settings): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut({ step: 'lookup', host, port })), timeoutMs);
  });
  return await Promise.race([work, expiry]).finally(() => clearTimeout(timer));
}

/** The host as certificates name it: no brackets around an IPv6 address, international names in ASCII. */
function hostOf({ host }: Pop3Settings): string {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare.includes(':') ? bare : domainToASCII(bare) || bare;
}
