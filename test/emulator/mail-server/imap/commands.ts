import { type Call, type Command, type Connection, Refusal, selectedOf, tellChanges, textOf } from './connection';
import { fetch } from './fetch';
import { append, close, create, examine, list, lsub, remove, rename, select, status, subscribe } from './folders';
import { copy, expunge, move, store } from './messages';
import { search } from './search';
import type { Token } from './wire';

const capabilities = ({ secure, account, opensByToken }: Connection) =>
  [
    'IMAP4rev1 LITERAL+ ID NAMESPACE UIDPLUS MOVE IDLE UNSELECT CHILDREN SPECIAL-USE',
    ...(account === null ? ['SASL-IR AUTH=PLAIN'] : []),
    ...(account === null && opensByToken !== null ? ['AUTH=XOAUTH2'] : []),
    ...(secure ? [] : ['STARTTLS']),
  ].join(' ');

const capability: Command = ({ connection }) => {
  connection.untagged(`CAPABILITY ${capabilities(connection)}`);
  return 'CAPABILITY completed';
};

const logout: Command = ({ connection }) => {
  connection.untagged('BYE See you');
  return 'LOGOUT completed';
};

const startTls: Command = ({ connection }) => {
  if (connection.secure) throw new Refusal('BAD', 'TLS is already on');
  return 'Begin TLS negotiation now';
};

const login: Command = (call) => signIn(call, utf8(call.args[0]), utf8(call.args[1]));

/** RFC 4616, with or without the initial response of RFC 4959. */
const authenticate: Command = async (call) => {
  const mechanism = textOf(call.args[0]).toUpperCase();
  const isByToken = mechanism === 'XOAUTH2' && call.connection.opensByToken !== null;
  if (mechanism !== 'PLAIN' && !isByToken) throw new Refusal('NO', 'That mechanism is not known here');
  const initial = call.args[1] === undefined ? await call.connection.ask('') : [textOf(call.args[1])];
  const response = Buffer.from(String(initial?.[0] ?? ''), 'base64').toString('utf8');
  if (isByToken) return signInByToken(call, response);
  const [, name = '', password = ''] = response.split('\0');
  return signIn(call, name, password);
};

/** XOAUTH2 explains a refusal in a challenge, which the client answers with an empty line. */
async function signInByToken({ connection }: Call, response: string): Promise<string> {
  const [user = '', auth = ''] = response.split('\u0001');
  const name = user.replace(/^user=/, '');
  const token = auth.replace(/^auth=Bearer /i, '');
  const account = name.toLowerCase();
  if (connection.account !== null) throw new Refusal('BAD', 'Already logged in');
  if (!(await connection.opensByToken?.(account, token))) {
    await connection.ask(Buffer.from('{"status":"401","schemes":"bearer"}').toString('base64'));
    throw new Refusal('NO', '[AUTHENTICATIONFAILED] The access token does not open this mailbox');
  }
  connection.account = account;
  return `[CAPABILITY ${capabilities(connection)}] Logged in`;
}

function signIn({ connection }: Call, name: string, password: string): string {
  if (connection.account !== null) throw new Refusal('BAD', 'Already logged in');
  connection.account = connection.signIn(name, password);
  if (connection.account === null) throw new Refusal('NO', '[AUTHENTICATIONFAILED] Wrong user name or password');
  return `[CAPABILITY ${capabilities(connection)}] Logged in`;
}

const utf8 = (token: Token | undefined): string => {
  const text = textOf(token);
  return token?.type === 'string' ? token.bytes.toString('utf8') : text;
};

const id: Command = ({ connection }) => {
  connection.untagged('ID ("name" "Letterbox mail server")');
  return 'ID completed';
};

const namespace: Command = ({ connection }) => {
  connection.untagged('NAMESPACE (("" "/")) NIL NIL');
  return 'NAMESPACE completed';
};

/** RFC 2177: tells of changes as they happen, until the client says DONE. */
const idle: Command = async ({ connection }) => {
  const stop = connection.store.onChange(() => tellChanges(connection, true));
  try {
    const done = await connection.ask('idling');
    if (done !== null && String(done[0]).toUpperCase() !== 'DONE') throw new Refusal('BAD', 'DONE was expected');
  } finally {
    stop();
  }
  return 'IDLE terminated';
};

const unselect: Command = ({ connection }) => {
  selectedOf(connection);
  connection.selected = null;
  return 'UNSELECT completed';
};

const nothing =
  (text: string): Command =>
  () =>
    text;

/** Commands that work on messages come with and without UID. */
const both = (name: string, command: Command): [string, Command][] => [
  [name, command],
  [`UID ${name}`, command],
];

export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['CAPABILITY', capability],
  ['NOOP', nothing('NOOP completed')],
  ['CHECK', nothing('CHECK completed')],
  ['LOGOUT', logout],
  ['STARTTLS', startTls],
  ['LOGIN', login],
  ['AUTHENTICATE', authenticate],
  ['ID', id],
  ['NAMESPACE', namespace],
  ['IDLE', idle],
  ['UNSELECT', unselect],
  ['LIST', list],
  ['LSUB', lsub],
  ['SUBSCRIBE', subscribe],
  ['UNSUBSCRIBE', subscribe],
  ['CREATE', create],
  ['DELETE', remove],
  ['RENAME', rename],
  ['STATUS', status],
  ['SELECT', select],
  ['EXAMINE', examine],
  ['APPEND', append],
  ['CLOSE', close],
  ...both('EXPUNGE', expunge),
  ...both('SEARCH', search),
  ...both('FETCH', fetch),
  ...both('STORE', store),
  ...both('COPY', copy),
  ...both('MOVE', move),
]);
