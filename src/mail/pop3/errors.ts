import { AppError } from '../../domain/app-error';
import { pop3Ports } from '../../domain/connection';
import type { CheckStepName } from '../../domain/ports';
import { cutText, singleLine } from '../../domain/text';
import { certificateProblem } from '../certificate-problem';
import { accountDisabled, meaningOfRefusal, saysAccountDisabled } from '../sign-in-refusals';
import { slowAdvice } from '../slow-advice';
import { hostUnreachable } from '../unreachable';

/** Where an error happened. `step` is undefined in a signed-in session. */
export interface Place {
  step: CheckStepName | undefined;
  host: string;
  port: number;
}

/** The server's own words as plain text of at most 200 characters. */
export const serverWords = (text: string) => cutText(singleLine(text), 200) || undefined;

/** A failure of the socket or of TLS. */
export function socketError(thrown: Error, place: Place): AppError {
  const code = String(Reflect.get(thrown, 'code') ?? '');
  const options = { step: place.step, cause: thrown };
  const certificate = certificateProblem(code);
  if (certificate !== undefined) return new AppError(certificate.code, 'access', certificate.message, options);
  if (place.step === 'connect') return hostUnreachable(place.host, place.port, thrown);
  if (place.step === 'tls' && (code === 'EPROTO' || code.startsWith('ERR_SSL'))) {
    return new AppError(
      'tls-failed',
      'access',
      `Port ${place.port} of the mail server does not speak TLS 1.2 or newer. Check port and encryption: SSL/TLS is usually port 995, STARTTLS port 110.`,
      options,
    );
  }
  return connectionLost(place, thrown);
}

export const connectionLost = ({ step }: Pick<Place, 'step'>, cause?: unknown) =>
  new AppError('connection-lost', 'transient', 'The mail server ended the connection. It is tried again.', {
    step,
    cause,
    uncertain: step === undefined,
  });

const waits: Partial<Record<CheckStepName, string>> = {
  lookup: 'The name of the mail server could not be looked up',
  tls: 'The mail server did not set up encryption',
  'sign-in': 'The mail server did not finish the sign-in',
  count: 'The mail server did not count the messages',
};

export function timedOut(place: Place): AppError {
  // The guard makes a refused address look like a filtered one, so this text has to be the same.
  if (place.step === 'connect') return hostUnreachable(place.host, place.port);
  const what = (place.step && waits[place.step]) ?? 'The mail server did not answer';
  const message = `${what} in time. ${slowAdvice(place.step, pop3Ports)}`;
  return new AppError('timeout', 'transient', message, { step: place.step, uncertain: place.step === undefined });
}

/** What came is not POP3. Nothing of it is used. */
export const serverBroken = (what: string, step: CheckStepName | undefined, words = '') =>
  new AppError(
    'server-broken',
    'transient',
    `The mail server does not answer as POP3 servers do: ${what}. ${step === 'connect' || step === 'tls' ? 'Check service provider, host and port. ' : ''}It is tried again.`,
    {
      step,
      detail: serverWords(words),
    },
  );

export const starttlsInjection = () =>
  new AppError(
    'starttls-injection',
    'access',
    'Somebody between us and the mail server interferes with the encryption. Nothing was sent. Use SSL/TLS instead of STARTTLS.',
    { step: 'tls' },
  );

export const starttlsMissing = (words = '') =>
  new AppError(
    'starttls-missing',
    'access',
    'The mail server offers no STARTTLS on this port, so the password was not sent. Use SSL/TLS, usually on port 995.',
    { step: 'tls', detail: serverWords(words) },
  );

export const plaintextForbidden = () =>
  new AppError(
    'plaintext-refused',
    'access',
    'This gateway does not send passwords and mail in clear. Choose SSL/TLS or STARTTLS.',
    { step: 'connect' },
  );

export const forbiddenCharacters = () =>
  new AppError(
    'forbidden-characters',
    'access',
    'The user name or the password holds a line break or another control character, which can not be sent. Enter it again.',
    { step: 'sign-in' },
  );

/** The response code of a negative reply (RFC 2449 §8), such as `AUTH`; empty if there is none. */
export const responseCode = (words: string) => /^\[([^\]]*)\]/.exec(words)?.[1]?.toUpperCase() ?? '';

/**
 * A refused sign-in. `[IN-USE]`, `[LOGIN-DELAY]` (RFC 2449 §8.1) and `[SYS/TEMP]` (RFC 3206 §4) pass by themselves. Who
 * announces AUTH-RESP-CODE marks wrong credentials with `[AUTH]` (RFC 3206 §6): another refusal is not about them.
 */
export function signInRefused(words: string, marksWrongCredentials: boolean, byToken: boolean): AppError {
  const code = responseCode(words);
  const options = { step: 'sign-in', detail: serverWords(words) };
  if (saysAccountDisabled(words)) return new AppError('account-disabled', 'access', accountDisabled, options);
  if (code === 'SYS/PERM') {
    return new AppError(
      'mailbox-unavailable',
      'access',
      'The mail server says that this mailbox can not be used. Ask who runs the server.',
      options,
    );
  }
  const meaning = meaningOfRefusal(words);
  const isOfCredentials = meaning === 'account' || (meaning === 'password' && !marksWrongCredentials);
  if (code === 'AUTH' || (code === '' && isOfCredentials)) {
    return new AppError(
      'sign-in-failed',
      'access',
      byToken
        ? 'The mail server refused the access token. Authorize the connection again, and check that POP3 is allowed for the mailbox.'
        : 'The mail server refused user name and password. Check both; some providers want an app password, or POP3 to be allowed for the account.',
      options,
    );
  }
  return new AppError(
    'sign-in-unavailable',
    'transient',
    'The mailbox can not be opened right now: another program uses it, or the server has trouble or wants us to wait. It is tried again.',
    options,
  );
}

/** A negative reply where none was to be expected. */
export const serverRefused = (words: string, step?: CheckStepName) =>
  new AppError('server-refused', 'transient', 'The mail server refused a command. It is tried again.', {
    step,
    detail: serverWords(words),
  });
