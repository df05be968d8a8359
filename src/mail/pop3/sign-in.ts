import { AppError } from '../../domain/app-error';
import { meaningOfRefusal, type Refused, signInBy } from '../sign-in-refusals';
import type { Pop3Connection, Reply } from './connection';
import { forbiddenCharacters, responseCode, signInRefused } from './errors';
import type { Capabilities, Session } from './session';
import type { Pop3Credentials, Pop3Settings } from './settings';

/** An AUTH command with an initial response may be this long (RFC 5034 §4). */
const longestCommand = 255;

/**
 * Signs in: XOAUTH2 with a token; else AUTH PLAIN where it is offered, since it alone defines an encoding; else USER and PASS, or AUTH
 * LOGIN. A server that refuses one of them is asked by another one, once.
 * @param reach opens a session; another one for a server that ends the one in which it refused a mechanism
 * @returns the session that is signed in
 */
export async function signedIn(
  { host, port, username }: Pop3Settings,
  credentials: Pop3Credentials,
  reach: () => Promise<Session>,
): Promise<Session> {
  let session = await reach();
  const secret = 'password' in credentials ? credentials.password : credentials.accessToken;
  const byToken = 'accessToken' in credentials;
  let wasRefused = false;

  async function attempt(way: Way): Promise<Refused<AppError> | null> {
    const answer = await answerTo(session.connection, way, username, secret).catch(async (thrown) => {
      if (!wasRefused || !(thrown instanceof AppError) || thrown.code !== 'connection-lost') throw thrown;
      session.connection.drop();
      session = await reach();
      session.connection.hide(secret);
      return answerTo(session.connection, way, username, secret);
    });
    if (answer.reply.status === '+OK') return null;
    wasRefused = true;
    const words = answer.reply.text;
    const marksWrongCredentials = session.capabilities.has('AUTH-RESP-CODE') && !answer.isChallenged;
    return { ofTheWay: ofTheWay(words), refusal: signInRefused(words, marksWrongCredentials, byToken) };
  }

  try {
    // Encoded, they would pass `send`; but a NUL or ^A among them moves the borders between the fields.
    if (/\p{Cc}/u.test(username + secret)) throw forbiddenCharacters();
    session.connection.hide(secret);
    const ways = byToken ? (['XOAUTH2'] as const) : passwordWays(session.capabilities);
    const refusal = await signInBy(`pop3 ${host}:${port}`, ways, attempt);
    if (refusal !== null) throw refusal;
    return session;
  } catch (thrown) {
    session.connection.drop();
    throw thrown;
  }
}

type Way = 'XOAUTH2' | 'PLAIN' | 'USER' | 'LOGIN';

/** Who answers CAPA names USER there if it takes that (RFC 2449 §6.3); some name nothing at all. */
function passwordWays(capabilities: Capabilities): Way[] {
  const mechanisms = capabilities.get('SASL')?.toUpperCase().split(' ') ?? [];
  const offered = (['PLAIN', 'LOGIN'] as const).filter((one) => mechanisms.includes(one));
  const takesUser = capabilities.has('USER') || offered.length === 0;
  return [
    ...offered.filter((one) => one === 'PLAIN'),
    ...(takesUser ? (['USER'] as const) : []),
    ...offered.filter((one) => one === 'LOGIN'),
  ];
}

/** A mailbox that is busy, or an account that somebody has to see to, is not asked for in another way. */
function ofTheWay(words: string): Refused<unknown>['ofTheWay'] {
  const code = responseCode(words);
  if ((code !== '' && code !== 'AUTH') || meaningOfRefusal(words) !== 'password') return 'no';
  const isUnknown = /unknown|unrecogni[sz]ed|unsupported|not supported|invalid command|syntax|mechanism/i.test(words);
  return code === '' && isUnknown ? 'certainly' : 'maybe';
}

async function answerTo(connection: Pop3Connection, way: Way, username: string, secret: string): Promise<Answer> {
  if (way === 'XOAUTH2') return authenticate(connection, way, `user=${username}\x01auth=Bearer ${secret}\x01\x01`);
  if (way === 'PLAIN') return authenticate(connection, way, `\0${username}\0${secret}`);
  const steps =
    way === 'USER' ? [`USER ${username}`, `PASS ${secret}`] : ['AUTH LOGIN', base64(username), base64(secret)];
  let reply: Reply = { status: '-ERR', text: '' };
  for (const [index, command] of steps.entries()) {
    const isLast = index === steps.length - 1;
    connection.send([command], isLast ? [way === 'USER' ? 'PASS [hidden]' : '[hidden]'] : [command]);
    reply = await connection.reply();
    if (!isLast && reply.status !== (way === 'USER' ? '+OK' : '+')) break;
  }
  return { reply, isChallenged: false };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

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
