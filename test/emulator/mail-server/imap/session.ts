import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { MailStore } from '../mail-store';
import { commands } from './commands';
import { type Connection, Refusal, tellChanges } from './connection';
import { type CommandPart, commandReader, tokensOf } from './wire';

export interface SessionOptions {
  store: MailStore;
  signIn(name: string, password: string): string | null;
  /** Whether an access token opens an account; null when only passwords do. */
  opensByToken: ((account: string, token: string) => Promise<boolean>) | null;
  secureContext: SecureContext;
}

/** Serves one client until it leaves. */
export async function serveImap(
  client: Socket,
  secure: boolean,
  { store, signIn, opensByToken, secureContext }: SessionOptions,
): Promise<void> {
  let socket = client;
  let closed = false;
  let queue: CommandPart[][] = [];
  let wake: (() => void) | null = null;
  const stir = () => {
    wake?.();
    wake = null;
  };
  const close = () => {
    closed = true;
    stir();
  };
  const send = (...parts: (string | Uint8Array)[]) => {
    if (closed) return;
    socket.cork();
    for (const part of parts) socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
    socket.uncork();
  };
  const reader = commandReader(
    (parts) => {
      queue.push(parts);
      stir();
    },
    () => send('+ OK\r\n'),
    () => {
      send('* BYE Too much\r\n');
      socket.end();
    },
  );
  const listen = () => {
    socket.on('data', reader.feed);
    socket.on('close', close);
    socket.on('error', close);
  };
  const next = async (): Promise<CommandPart[] | null> => {
    while (queue.length === 0 && !closed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return queue.shift() ?? null;
  };

  const connection: Connection = {
    store,
    signIn,
    opensByToken,
    secureContext,
    secure,
    account: null,
    selected: null,
    untagged: (...parts) => send('* ', ...parts, '\r\n'),
    ask: (text) => {
      send(`+ ${text}\r\n`);
      return next();
    },
    drained: async () => {
      while (!closed && socket.writableNeedDrain) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          socket.once('drain', stir);
        });
      }
    },
    startTls: async () => {
      socket.removeAllListeners('data');
      // What was sent along with STARTTLS came in clear; carried over it would be obeyed as if it had not.
      reader.reset();
      queue = [];
      socket = new TLSSocket(client, { isServer: true, secureContext });
      listen();
      connection.secure = true;
    },
    end: () => socket.end(),
  };

  // An answer is several small writes: the second would wait for the client to acknowledge the first, 40 ms each time.
  client.setNoDelay(true);
  listen();
  connection.untagged('OK Letterbox mail server ready');
  for (let parts = await next(); parts !== null; parts = await next()) await answer(connection, send, parts);
}

async function answer(connection: Connection, send: (text: string) => void, parts: CommandPart[]): Promise<void> {
  const [tag, first, ...rest] = tokensOf(parts) ?? [];
  if (tag?.type !== 'atom' || first?.type !== 'atom') return send('* BAD What was sent is no command\r\n');
  const byUid = first.text.toUpperCase() === 'UID';
  const word = byUid ? rest.shift() : first;
  const name = word?.type === 'atom' ? word.text.toUpperCase() : '';
  const command = commands.get(byUid ? `UID ${name}` : name);
  if (command === undefined) return send(`${tag.text} BAD Unknown command\r\n`);
  try {
    const text = await command({ connection, args: rest, byUid });
    tellChanges(connection, byUid || !['FETCH', 'STORE', 'SEARCH'].includes(name));
    send(`${tag.text} OK ${text}\r\n`);
    if (name === 'LOGOUT') connection.end();
    // Only now, since the answer to STARTTLS itself still goes out in clear.
    if (name === 'STARTTLS') await connection.startTls();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    send(`${tag.text} ${error.status} ${error.message}\r\n`);
  }
}
