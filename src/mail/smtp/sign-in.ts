import type { SMTPConnectionCustomAuthHandler } from 'nodemailer/lib/smtp-connection';
import { AppError } from '../../domain/app-error';
import { meaningOfRefusal, type Refused, signInBy } from '../sign-in-refusals';
import { forbiddenCharacters } from './errors';
import { mechanismsUnknown } from './refusals';
import { readReply } from './replies';
import type { Session } from './session';
import type { SmtpCredentials, SmtpSettings } from './settings';

/**
 * Our name for `xoauth2`, of which servers know nothing. Asked for by its own name, the library falls back to the first
 * mechanism that the server offers, and sends the token as a password.
 */
export const tokenMethod = 'XOAUTH2-TOKEN';

/** XOAUTH2 (https://developers.google.com/workspace/gmail/imap/xoauth2-protocol): a token, and no way to make a new one. */
export const xoauth2: SMTPConnectionCustomAuthHandler = async ({ auth, sendCommand, resolve, reject }) => {
  const token = `user=${auth.credentials.user}\x01auth=Bearer ${auth.credentials.pass}\x01\x01`;
  let reply = await sendCommand(`AUTH XOAUTH2 ${Buffer.from(token).toString('base64')}`);
  // The reason comes as a challenge, and the server waits for an empty response before it refuses.
  if (reply.status === 334) reply = await sendCommand('');
  if (reply.status >= 200 && reply.status < 300) resolve();
  else reject('The token was refused.');
};

/** Those that the library can do with a password, in the order in which they are tried. */
const passwordMechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5'];

/**
 * Signs in by AUTH PLAIN, LOGIN or CRAM-MD5 (RFC 4954), or XOAUTH2 with a token; by none that the server did not offer.
 * @param reach opens a session; another one for a server that ends the one in which it refused a mechanism
 * @returns the session that is signed in
 * @throws AppError
 */
export async function signedIn(
  { host, port, username, timeoutMs }: SmtpSettings,
  credentials: Exclude<SmtpCredentials, { none: true }>,
  reach: () => Promise<Session>,
): Promise<Session> {
  const secret = 'password' in credentials ? credentials.password : credentials.accessToken;
  // Encoded, they would pass; but a NUL or ^A among them moves the borders between the fields.
  if (/\p{Cc}/u.test(username + secret)) throw forbiddenCharacters();
  const byToken = 'accessToken' in credentials;
  let session = await reach();
  const login = (method: string) =>
    session.wait<unknown>(timeoutMs, (done) =>
      session.connection.login(
        { method: method === 'XOAUTH2' ? tokenMethod : method, user: username, pass: secret },
        (error) => done(error),
      ),
    );
  let wasRefused = false;

  async function attempt(method: string): Promise<Refused<AppError> | null> {
    try {
      await login(method).catch(async (thrown) => {
        // Servers that end the session with a refusal take the next mechanism only in a new one.
        if (!wasRefused || !(thrown instanceof AppError) || thrown.code !== 'connection-lost') throw thrown;
        session.drop();
        session = await reach();
        await login(method);
      });
      return null;
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.step !== 'sign-in' || thrown.detail === undefined) throw thrown;
      wasRefused = true;
      return { ofTheWay: ofTheMechanism(thrown.detail), refusal: thrown };
    }
  }

  try {
    const offered = session.tap.mechanisms();
    const ways = (byToken ? ['XOAUTH2'] : passwordMechanisms).filter((one) => offered.includes(one));
    if (ways.length === 0) throw mechanismsUnknown(offered, byToken);
    const refusal = await signInBy(`smtp ${host}:${port}`, ways, attempt);
    if (refusal !== null) throw refusal;
    return session;
  } catch (thrown) {
    session.drop();
    throw thrown;
  }
}

/** Codes: RFC 4954 §4 and §6. A server that can not judge now, or says what is wrong with the account, is not asked again. */
function ofTheMechanism(words: string): Refused<unknown>['ofTheWay'] {
  const { code } = readReply(words);
  if (code < 500 || meaningOfRefusal(words) !== 'password') return 'no';
  return code <= 504 || code === 538 ? 'certainly' : 'maybe';
}
