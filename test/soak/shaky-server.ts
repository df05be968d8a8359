import { connect, createServer, type Socket } from 'node:net';

/** How a mail server fails as a whole: nobody answers, it says nothing more, or it drops whoever is connected. */
export const outages = ['refuse', 'hang', 'cut'] as const;
export type Outage = (typeof outages)[number];

/** A mail server that can fail: a way to one that does not. */
export interface ShakyServer {
  port: number;
  /** Fails like this until `heal`; a server that cuts takes new connections at once. */
  fail(outage: Outage): void;
  heal(): void;
  close(): Promise<void>;
}

export async function shakyServer(target: number): Promise<ShakyServer> {
  let outage: Outage | null = null;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    keep(client);
    if (outage === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    keep(upstream);
    const pass = (from: Socket, to: Socket) => {
      from.on('data', (chunk) => {
        if (outage !== 'hang') to.write(chunk);
      });
      from.once('close', () => to.destroy());
    };
    pass(client, upstream);
    pass(upstream, client);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    fail(next) {
      outage = next;
      if (next !== 'hang') dropAll();
    },
    heal() {
      // Sessions that were kept waiting lost bytes: they are of no use any more.
      if (outage === 'hang') dropAll();
      outage = null;
    },
    async close() {
      dropAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
