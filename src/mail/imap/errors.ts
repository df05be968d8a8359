import { AppError, type ErrorKind } from '../../domain/app-error';
import { imapPorts } from '../../domain/connection';
import type { CheckStepName } from '../../domain/ports';
import { cutText, singleLine } from '../../domain/text';
import { accountDisabled, meaningOfRefusal, saysAccountDisabled } from '../sign-in-refusals';
import { slowAdvice } from '../slow-advice';
import { hostUnreachable } from '../unreachable';

/** Where an error happened. `step` is undefined once the folder is open. */
export interface Place {
  step: CheckStepName | undefined;
  host: string;
  port: number;
  /** What the server said when it ended the session. */
  bye: string | undefined;
}

/** The server's own words as plain text of at most 200 characters. */
export function serverWords(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  return cutText(singleLine(text), 200) || undefined;
}

/** What the IMAP library and Node tell about an error, if they do. */
function fact(thrown: unknown, name: string): unknown {
  return typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined;
}

/** The code in brackets (RFC 3501 §7.1), which the library reads for some commands only; empty without one. */
export function responseCode(error: unknown): string {
  const told = fact(error, 'serverResponseCode');
  if (typeof told === 'string') return told;
  const [first] = [fact(fact(error, 'response'), 'attributes')].flat();
  const [name] = [fact(first, 'section')].flat();
  return String(fact(name, 'value') ?? '');
}

const waits: Record<CheckStepName, string> = {
  lookup: 'The name of the mail server could not be looked up',
  connect: 'The mail server could not be reached',
  tls: 'The mail server did not set up encryption',
  'sign-in': 'The mail server did not finish the sign-in',
  folder: 'The mail server did not open the folder',
  count: 'The mail server did not count the messages',
};

export function timedOut({ step, host, port }: Place, ms: number): AppError {
  // The guard makes a refused address look like a filtered one, so this text has to be the same.
  if (step === 'connect') return hostUnreachable(host, port);
  const what = step === undefined ? 'The mail server did not answer' : waits[step];
  const message = `${what} within ${Math.round(ms)} ms. ${slowAdvice(step, imapPorts)}`;
  return new AppError('timeout', 'transient', message, { step, uncertain: step === undefined });
}

const untrusted =
  'The certificate of the mail server is not signed by an authority that is trusted. If the server uses a private authority, paste its certificate under "Private CA".';
const certificateProblems: Record<string, [code: string, message: string]> = {
  CERT_HAS_EXPIRED: [
    'certificate-expired',
    'The certificate of the mail server has expired. It has to be renewed on the server.',
  ],
  CERT_NOT_YET_VALID: [
    'certificate-expired',
    'The certificate of the mail server is not valid yet. Check the clock and the certificate of the server.',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'certificate-name',
    'The certificate of the mail server was made for another name. Enter the host name that the certificate names.',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['certificate-untrusted', untrusted],
  SELF_SIGNED_CERT_IN_CHAIN: ['certificate-untrusted', untrusted],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['certificate-untrusted', untrusted],
  UNABLE_TO_GET_ISSUER_CERT: ['certificate-untrusted', untrusted],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['certificate-untrusted', untrusted],
  CERT_SIGNATURE_FAILURE: ['certificate-untrusted', untrusted],
  CERT_UNTRUSTED: ['certificate-untrusted', untrusted],
  CERT_REVOKED: ['certificate-untrusted', untrusted],
  INVALID_CA: ['certificate-untrusted', untrusted],
};

/** Response codes that say "not now" (RFC 5530), whatever was asked. */
const notNow = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'SERVERBUG', 'CONTACTADMIN', 'OVERQUOTA']);
/** ... and those that say "never like this". */
const never = new Set(['AUTHENTICATIONFAILED', 'AUTHORIZATIONFAILED', 'EXPIRED', 'PRIVACYREQUIRED']);
// Gmail and others refuse a session too many without a response code.
const tooMany = /too many|try again|temporar|rate limit|throttl|unavailable|bandwidth limit/i;
/** Whether a refusal is about the moment, and not about what was asked for. */
export const isNotNow = (refusal: { code: string; words: string | undefined } | null): boolean =>
  refusal !== null && (notNow.has(refusal.code.toUpperCase()) || tooMany.test(refusal.words ?? ''));

/** A day: a broken number must not silence a mailbox for a year. */
const longestWaitMs = 24 * 60 * 60_000;
/** Exchange accepts the sign-in, and then, to whatever is asked, has no mailbox for it. It says the same while it has trouble itself. */
const notConnected = /authenticated but not connected/i;

/** The library's words, which come without a code: the server has no STARTTLS, or left the state in which it may be asked for. */
const noStarttls = /^(Server does not support STARTTLS|STARTTLS is not possible)/;

/** An error of the IMAP library or of Node as one for administrators. */
export function translate(thrown: unknown, place: Place): AppError {
  if (thrown instanceof AppError) return thrown;
  const { step, host, port } = place;
  const code = String(fact(thrown, 'code') ?? '');
  const said = fact(thrown, 'responseText') ?? fact(thrown, 'response');
  const detail = serverWords(said) ?? serverWords(place.bye ?? fact(thrown, 'reason'));
  const make = (name: string, kind: ErrorKind, message: string) =>
    new AppError(name, kind, message, {
      step,
      detail,
      cause: thrown,
      retryAfterMs: kind === 'transient' ? waitAsked(detail ?? '') : undefined,
      uncertain: step === undefined && kind === 'transient',
    });

  const certificate = certificateProblems[code];
  if (certificate !== undefined) return make(certificate[0], 'access', certificate[1]);
  if (code === 'STARTTLS_INJECTION') {
    return make(
      'starttls-injection',
      'access',
      'Somebody between us and the mail server interferes with the encryption. Nothing was sent. Use SSL/TLS instead of STARTTLS.',
    );
  }
  if (step === 'tls' && noStarttls.test(String(fact(thrown, 'message')))) {
    return make(
      'starttls-missing',
      'access',
      'The mail server offers no STARTTLS on this port, so the password was not sent. Use SSL/TLS, usually on port 993.',
    );
  }
  if (step === 'tls' && (code === 'EPROTO' || code.startsWith('ERR_SSL'))) {
    return make(
      'tls-failed',
      'access',
      `Port ${port} of the mail server does not speak TLS 1.2 or newer. Check port and encryption: SSL/TLS is usually port 993, STARTTLS port 143.`,
    );
  }
  if (step === 'connect' && place.bye === undefined) return hostUnreachable(host, port, thrown);

  const status = fact(thrown, 'responseStatus');
  const told = responseCode(thrown).toUpperCase();
  const busy = notNow.has(told) || (!never.has(told) && meaningOfRefusal(detail ?? '') === 'passes');
  if (notConnected.test(String(said ?? ''))) {
    return make(
      'mailbox-not-connected',
      'transient',
      'The account may sign in, but Exchange gives it no mailbox. Check that the mailbox exists and has a licence, and for a shared mailbox that the account has Full Access to it (Exchange admin center, the mailbox, Delegation, Read and manage), which can take an hour to apply. It is tried again.',
    );
  }
  if (fact(thrown, 'authenticationFailed') === true) {
    // Before `busy`: RFC 5530 lets CONTACTADMIN stand for it too.
    if (saysAccountDisabled(detail ?? '')) return make('account-disabled', 'access', accountDisabled);
    if (busy)
      return make(
        'sign-in-unavailable',
        'transient',
        'The mail server cannot sign in anybody right now. It is tried again.',
      );
    return make(
      'sign-in-failed',
      'access',
      'The mail server refused user name and password. Check both; some providers want an app password, or IMAP to be allowed for the account.',
    );
  }
  if (step === 'folder' && (status === 'NO' || status === 'BAD')) {
    if (told === 'NONEXISTENT') return folderNotFound(detail, thrown);
    if (told === 'NOPERM')
      return make(
        'folder-forbidden',
        'access',
        'The account may not read this folder. Choose another one, or have the account given access.',
      );
    return make(
      'folder-unavailable',
      'transient',
      'The mail server does not open the folder right now. It is tried again.',
    );
  }
  if (status === 'NO' || status === 'BAD')
    return make('server-refused', 'transient', 'The mail server refused a command. It is tried again.');
  if (/TooLarge$/.test(code) || /^ParserError|^Invalid|^UnexpectedTag$|^ResponseProcessingFailed$/.test(code)) {
    return make(
      'server-broken',
      'transient',
      'The mail server sent something that is not IMAP, or far more than was asked for. It is tried again.',
    );
  }
  if (/TIMEOUT$/.test(code)) return timedOut(place, Number(fact(fact(thrown, 'details'), 'greetingTimeout') ?? 0));
  return make('connection-lost', 'transient', 'The mail server ended the connection. It is tried again.');
}

const unitMs: Record<string, number> = { ms: 1, mi: 60_000, s: 1_000, h: 60 * 60_000 };

/** Milliseconds that a server's words ask to wait ("Backoff Time: 92415 milliseconds", "try again in 5 minutes"), if they do. */
function waitAsked(words: string): number | undefined {
  const asked =
    /\b(?:backoff|again|retry|wait|after)\b[^\d]{0,20}(\d{1,9}) ?(ms|milliseconds?|s|sec(?:ond)?s?|min(?:ute)?s?|h(?:our)?s?)\b/i;
  const [, count, unit = ''] = asked.exec(words) ?? [];
  if (count === undefined) return undefined;
  const name = /^mi?l?l?i?s/i.test(unit) ? 'ms' : unit.slice(0, /^m/i.test(unit) ? 2 : 1).toLowerCase();
  return Math.min(Number(count) * (unitMs[name] ?? 1_000), longestWaitMs);
}

/** The server asks us to wait `waitMs`: other commands, and other sessions of the account, would only be refused too. */
export function throttled(thrown: unknown, waitMs: number): AppError {
  const detail = serverWords(fact(thrown, 'responseText'));
  const message = 'The mail server asks us to slow down. It is tried again after the time that it names.';
  return new AppError('throttled', 'transient', message, { retryAfterMs: Math.min(waitMs, longestWaitMs), detail });
}

export function folderNotFound(detail?: string, cause?: unknown): AppError {
  const message =
    'The mail server has no such folder. Choose one of the folders it lists; levels are separated by "/".';
  return new AppError('folder-not-found', 'access', message, { step: 'folder', detail, cause });
}
