import { AppError, type ErrorKind } from '../../domain/app-error';
import { smtpPorts } from '../../domain/outgoing';
import type { CheckStepName } from '../../domain/ports';
import { certificateProblem } from '../certificate-problem';
import { slowAdvice } from '../slow-advice';
import { hostUnreachable } from '../unreachable';
import { type Command, largerThanAnnounced, sendRefused, signInRefused } from './refusals';
import { readReply } from './replies';

/** Where an error happened. `step` is undefined once a mail is being sent. */
export interface Place {
  step: CheckStepName | undefined;
  host: string;
  port: number;
  byToken: boolean;
  /** The whole mail is with the server, and its answer is not here: nobody knows whether it went out. */
  uncertain: boolean;
}

const fact = (thrown: unknown, name: string): unknown => Reflect.get(Object(thrown), name);
const commands: readonly Command[] = ['MAIL FROM', 'RCPT TO', 'DATA'];

/** An error of the SMTP library or of Node as one for administrators. */
export function translate(thrown: unknown, place: Place): AppError {
  if (thrown instanceof AppError) return thrown;
  const { step, host, port, uncertain } = place;
  const reply = readReply(fact(thrown, 'response'));
  // The library puts a code of its own over the one of the system.
  const code = String(fact(thrown, 'originalCode') ?? fact(thrown, 'code') ?? '');
  const command = String(fact(thrown, 'command') ?? '');
  const make = (name: string, kind: ErrorKind, message: string, at: CheckStepName | undefined = step) =>
    new AppError(name, kind, message, { step: at, detail: reply.shown || undefined, cause: thrown, uncertain });

  const certificate = certificateProblem(code);
  if (certificate !== undefined) return make(certificate.code, 'access', certificate.message, 'tls');
  const isGreeting = command === 'EHLO' || command === 'HELO';
  // 500 and 502: a server that knows no EHLO knows no STARTTLS either; other codes are about how we greet it.
  if (command === 'STARTTLS' || (isGreeting && [500, 502].includes(reply.code))) {
    return starttlsMissing(reply.shown, thrown);
  }
  if (step !== undefined && (code === 'EPROTO' || code === 'ETLS' || code.startsWith('ERR_SSL'))) {
    return make(
      'tls-failed',
      'access',
      `Port ${port} of the mail server does not speak TLS 1.2 or newer. Check port and encryption: SSL/TLS is usually port 465, STARTTLS port 587.`,
      'tls',
    );
  }
  if (command.startsWith('AUTH') && reply.code > 0) return signInRefused(reply, place.byToken, thrown);
  if (step === undefined && reply.code === 0 && code === 'EMESSAGE') return largerThanAnnounced(thrown);
  if (isGreeting && (reply.code >= 500 || (reply.code >= 400 && namesTheName.test(reply.shown))))
    return greetingRefused(reply.shown, thrown);
  const refused = commands.find((one) => one === command);
  if (refused !== undefined && reply.code > 0) return sendRefused(reply, refused, thrown);
  if (reply.code >= 400) {
    return make('server-busy', 'transient', 'The mail server does not want to talk right now. It is tried again.');
  }
  if (code === 'EPROTOCOL') {
    return make(
      'server-broken',
      'transient',
      'The mail server sent something that is not SMTP, or far too much of it. Check host and port; it is tried again.',
    );
  }
  if (step === 'connect') return hostUnreachable(host, port, thrown);
  return make(
    'connection-lost',
    'transient',
    uncertain ? lostAnswer : 'The mail server ended the connection. It is tried again.',
  );
}

const lostAnswer =
  'The connection ended before the mail server said whether it took the mail. It may have gone out, so it is not sent again by itself.';

const waits: Partial<Record<CheckStepName, string>> = {
  lookup: 'The name of the mail server could not be looked up',
  tls: 'The mail server did not set up encryption',
  'sign-in': 'The mail server did not finish the sign-in',
};

export function timedOut({ step, host, port, uncertain }: Place, ms: number): AppError {
  // The guard makes a refused address look like a filtered one, so this text has to be the same.
  if (step === 'connect') return hostUnreachable(host, port);
  const what = (step && waits[step]) ?? 'The mail server did not take the mail';
  const message = uncertain
    ? 'The mail server did not say in time whether it took the mail. It may have gone out, so it is not sent again by itself.'
    : `${what} within ${Math.round(ms)} ms. ${slowAdvice(step, smtpPorts)}`;
  return new AppError('timeout', 'transient', message, { step, uncertain });
}

export const starttlsMissing = (words = '', cause?: unknown) =>
  new AppError(
    'starttls-missing',
    'access',
    'The mail server offers no STARTTLS on this port, so neither password nor mail was sent. Use SSL/TLS, usually on port 465.',
    { step: 'tls', detail: words || undefined, cause },
  );

/** Google's relay says "421 4.7.0 Try again later, closing connection. (EHLO)". */
const namesTheName = /\b(EHLO|HELO|host ?name|domain name|FQDN|fully[ -]qualified)\b/i;

/** @param words the server's, with their code */
const greetingRefused = (words: string, cause: unknown) =>
  new AppError(
    'greeting-refused',
    words.startsWith('4') ? 'transient' : 'access',
    'The mail server does not accept the name that the gateway greets it with. Have whoever runs the gateway set GATEWAY_EHLO_NAME to its full domain name; the answer of the server may say more.',
    { step: 'connect', detail: words || undefined, cause },
  );

export const starttlsInjection = () =>
  new AppError(
    'starttls-injection',
    'access',
    'Somebody between us and the mail server interferes with the encryption. Neither password nor mail was sent. Use SSL/TLS instead of STARTTLS.',
    { step: 'tls' },
  );

export const plaintextRefused = () =>
  new AppError(
    'plaintext-refused',
    'access',
    'This connection has no encryption, and the gateway does not send passwords and mail in clear. Choose SSL/TLS or STARTTLS.',
    { step: 'connect' },
  );

/** Else whoever may use the gateway could send anything to anybody in anybody's name, from the gateway's address. */
export const signInRequired = () =>
  new AppError(
    'sign-in-required',
    'access',
    'Over port 25 the gateway sends mail only with a sign-in. Enter user name and password, usually with port 587, or have whoever runs the gateway allow it (GATEWAY_ALLOW_RELAY).',
    { step: 'sign-in' },
  );

export const forbiddenCharacters = () =>
  new AppError(
    'forbidden-characters',
    'access',
    'The user name or the password holds a line break or another control character, which can not be sent. Enter it again.',
    { step: 'sign-in' },
  );

export const addressNotSupported = () =>
  new AppError(
    'address-not-supported',
    'message',
    'An address has letters before the "@" that this mail server does not take (it lacks SMTPUTF8). Use an address with ASCII letters.',
  );
