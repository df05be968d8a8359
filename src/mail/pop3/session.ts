import type { CheckStepName } from '../../domain/ports';
import { Pop3Connection, type Reply } from './connection';
import { serverBroken, serverRefused, starttlsMissing } from './errors';
import { pop3Limits } from './limits';
import type { Pop3Credentials, Pop3Deps, Pop3Settings } from './settings';
import { signedIn } from './sign-in';

/** What a server says it can do: CAPA's first words, each with the rest of its line (RFC 2449 §5). Empty without CAPA. */
export type Capabilities = ReadonlyMap<string, string>;

/** A signed-in session: the mailbox as it was at sign-in, with message numbers that mean something only in here. */
export interface Session {
  connection: Pop3Connection;
  capabilities: Capabilities;
}

/** Connects, secures and signs in. @throws AppError with the step that failed */
export async function openSession(
  settings: Pop3Settings,
  credentials: Pop3Credentials,
  deps: Pop3Deps,
  onStep: (step: CheckStepName, connection?: Pop3Connection) => void = () => {},
): Promise<Session> {
  const session = await signedIn(settings, credentials, () => reachServer(settings, deps, onStep));
  session.connection.beginStep(undefined);
  return session;
}

/** All steps but the sign-in, at which the session stands then. */
async function reachServer(
  settings: Pop3Settings,
  deps: Pop3Deps,
  onStep: (step: CheckStepName, connection?: Pop3Connection) => void,
): Promise<Session> {
  const connection = await Pop3Connection.open(settings, deps, onStep);
  try {
    connection.beginStep('connect');
    const greeting = await connection.reply();
    if (greeting.status !== '+OK') throw serverRefused(greeting.text, 'connect');
    let capabilities = await askCapabilities(connection);
    if (settings.encryption === 'starttls') {
      onStep('tls', connection);
      await upgrade(connection, capabilities);
      // What was said in clear may be somebody else's words (RFC 2595 §4).
      capabilities = await askCapabilities(connection);
    }
    onStep('sign-in', connection);
    connection.beginStep('sign-in');
    return { connection, capabilities };
  } catch (thrown) {
    connection.drop();
    throw thrown;
  }
}

async function upgrade(connection: Pop3Connection, capabilities: Capabilities): Promise<void> {
  connection.beginStep('tls');
  if (capabilities.size > 0 && !capabilities.has('STLS')) throw starttlsMissing();
  connection.send(['STLS']);
  const reply = await connection.reply();
  if (reply.status !== '+OK') throw starttlsMissing(reply.text);
  await connection.startTls();
}

async function askCapabilities(connection: Pop3Connection): Promise<Capabilities> {
  connection.send(['CAPA']);
  const reply = await connection.reply();
  if (reply.status !== '+OK') return new Map();
  const lines = await readLines(connection, pop3Limits.lineBytes, true);
  return new Map(lines.map((line) => [line.split(' ', 1)[0]?.toUpperCase() ?? '', line.slice(line.indexOf(' ') + 1)]));
}

/** The lines of a multi-line reply. @throws AppError `server-broken` when they are more than `limit` bytes */
export async function readLines(connection: Pop3Connection, limit: number, isShown = false): Promise<string[]> {
  const block = await connection.block(limit, isShown);
  if (block === null) throw serverBroken('its list is too long', undefined);
  const text = block.toString('latin1');
  return text === '' ? [] : text.slice(0, -2).split('\r\n');
}

/** How many commands may be sent before their replies are read (RFC 2449 §6.6). */
export function windowOf({ capabilities }: Session): number {
  return capabilities.has('PIPELINING') ? pop3Limits.windowCommands : 1;
}

/** Sends commands as far ahead as the server allows; `read` gets their replies in order, and reads what follows one. */
export async function exchange<T>(
  session: Session,
  commands: readonly string[],
  read: (reply: Reply, index: number) => Promise<T>,
): Promise<T[]> {
  const { connection } = session;
  const window = windowOf(session);
  const results: T[] = [];
  for (let asked = 0; results.length < commands.length; ) {
    if (asked - results.length <= window / 2 && asked < commands.length) {
      const next = commands.slice(asked, results.length + window);
      connection.send(next);
      asked += next.length;
    }
    connection.expect(0);
    results.push(await read(await connection.reply(), results.length));
  }
  return results;
}

/** Says goodbye without waiting long; only after `settle` its answer matters (RFC 1939 §6). */
export async function quit({ connection }: Session): Promise<void> {
  connection.beginCall(pop3Limits.quitMs);
  connection.send(['QUIT']);
  await connection.reply().catch(() => {});
  connection.drop();
}
