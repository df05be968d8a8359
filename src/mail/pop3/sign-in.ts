import type { Pop3Connection, Reply } from './connection';
import { forbiddenCharacters, signInRefused } from './errors';
import type { Capabilities } from './session';
import type { Pop3Credentials } from './settings';

/** An AUTH command with an initial response may be this long (RFC 5034 §4). */
const longestCommand = 255;

/** Signs in: XOAUTH2 with a token; else AUTH PLAIN where offered, since it alone defines an encoding; else USER and PASS. */
export async function signIn(
  connection: Pop3Connection,
  capabilities: Capabilities,
  username: string,
  credentials: Pop3Credentials,
): Promise<void> {
  const mechanisms = capabilities.get('SASL')?.toUpperCase().split(' ') ?? [];
  const secret = 'password' in credentials ? credentials.password : credentials.accessToken;
  // Encoded, they would pass `send`; but a NUL or ^A among them moves the borders between the fields.
  if (/\p{Cc}/u.test(username + secret)) throw forbiddenCharacters();
  connection.hide(secret);
  let reply: Reply;
  let isChallenged = false;
  if ('accessToken' in credentials) {
    ({ reply, isChallenged } = await authenticate(
      connection,
      'XOAUTH2',
      `user=${username}\x01auth=Bearer ${secret}\x01\x01`,
    ));
  } else if (mechanisms.includes('PLAIN')) {
    ({ reply, isChallenged } = await authenticate(connection, 'PLAIN', `\0${username}\0${secret}`));
  } else {
    connection.send([`USER ${username}`]);
    reply = await connection.reply();
    if (reply.status === '+OK') {
      connection.send([`PASS ${secret}`], ['PASS [hidden]']);
      reply = await connection.reply();
    }
  }
  if (reply.status === '+OK') return;
  const marksWrongCredentials = capabilities.has('AUTH-RESP-CODE') && !isChallenged;
  throw signInRefused(reply.text, marksWrongCredentials, 'accessToken' in credentials);
}

interface Answer {
  reply: Reply;
  /** XOAUTH2 tells why a token is refused as a challenge, and waits for an empty response before it refuses. */
  isChallenged: boolean;
}

/** RFC 5034 §4. */
async function authenticate(connection: Pop3Connection, mechanism: string, response: string): Promise<Answer> {
  const encoded = Buffer.from(response).toString('base64');
  const command = `AUTH ${mechanism}`;
  const fits = command.length + 1 + encoded.length + 2 <= longestCommand;
  connection.send([fits ? `${command} ${encoded}` : command], [`${command} [hidden]`]);
  let reply = await connection.reply();
  if (!fits && reply.status === '+') {
    connection.send([encoded], ['[hidden]']);
    reply = await connection.reply();
  }
  if (reply.status !== '+') return { reply, isChallenged: false };
  const why = Buffer.from(reply.text, 'base64').toString('utf8');
  connection.send(['']);
  const refusal = await connection.reply();
  return { reply: refusal.text === '' ? { ...refusal, text: why } : refusal, isChallenged: true };
}
