import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SMTPConnectionCustomAuthHandler } from 'nodemailer/lib/smtp-connection';
import { forbiddenCharacters } from './errors';
import type { SmtpCredentials } from './settings';

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

/** Signs in by AUTH PLAIN or LOGIN (RFC 4954), or XOAUTH2 with a token. */
export function signIn(
  connection: SMTPConnection,
  username: string,
  credentials: Exclude<SmtpCredentials, { none: true }>,
  done: (error: unknown) => void,
): void {
  const secret = 'password' in credentials ? credentials.password : credentials.accessToken;
  // Encoded, they would pass; but a NUL or ^A among them moves the borders between the fields.
  if (/\p{Cc}/u.test(username + secret)) {
    done(forbiddenCharacters());
    return;
  }
  const method = 'accessToken' in credentials ? tokenMethod : undefined;
  connection.login({ method, user: username, pass: secret }, (error) => done(error));
}
