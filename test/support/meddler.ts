import { connect, createServer, type Socket } from 'node:net';

/** What goes wrong between a client and its server; nothing does by default. */
export interface Meddling {
  /** Speaks in the server's stead, from the first byte on. */
  instead?: (client: Socket) => void;
  /** A line of the server, with its CRLF, as the client gets it; null ends the connection in its place. */
  answer?: (line: string) => string | null;
  /** A line of the client: the answer to give instead of handing it on; undefined hands it on. What it waits for waits. */
  command?: (line: string, client: Socket) => string | undefined | Promise<string | undefined>;
}

export interface Meddler {
  port: number;
  /** From now on, on connections that are open too. */
  meddle(meddling: Meddling): void;
  /** Ends all connections. */
  hangUp(): void;
  stop(): Promise<void>;
}

/** A proxy on loopback to a server of lines (IMAP, POP3, without TLS), which changes what is said. */
export async function meddler(port: number): Promise<Meddler> {
  let meddling: Meddling = {};
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    keep(sockets, client);
    if (meddling.instead !== undefined) {
      meddling.instead(client);
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    keep(sockets, upstream);
    upstream.once('close', () => client.end());
    client.once('close', () => upstream.destroy());
    lines(client, async (line) => {
      const answer = await meddling.command?.(line, client);
      if (answer === undefined) upstream.write(line, 'latin1');
      else client.write(answer, 'latin1');
    });
    lines(upstream, async (line) => {
      const told = meddling.answer === undefined ? line : meddling.answer(line);
      if (told !== null) client.write(told, 'latin1');
      else client.destroy();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    meddle: (next) => {
      meddling = next;
    },
    hangUp,
    async stop() {
      hangUp();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => {}).once('close', () => sockets.delete(socket));
}

/** Takes lines one after the other. Mail ends in a line end as well, so that nothing stays behind. */
function lines(socket: Socket, take: (line: string) => Promise<void>): void {
  let buffered = '';
  let taken = Promise.resolve();
  socket.on('data', (chunk) => {
    const complete = `${buffered}${chunk.toString('latin1')}`.split(/(?<=\n)/);
    buffered = complete.at(-1)?.endsWith('\n') ? '' : (complete.pop() ?? '');
    for (const line of complete) taken = taken.then(() => take(line));
  });
}
