import { connect, createServer, type Socket } from 'node:net';

/** What happens to the bytes from the server: all pass, the connection ends or is reset, no more come, or one at a time. */
export type Fault = 'none' | 'cut' | 'reset' | 'stall' | 'drip';

export interface FaultProxy {
  port: number;
  /** From now on the server's bytes pass at this speed, in bytes a second; null: at any. */
  slowTo(bytesPerSecond: number | null): void;
  /** Bytes of the server that passed, on all connections. */
  passed(): number;
  /** From now on `fault` strikes after `afterBytes` more bytes of the server, on every connection. */
  inject(fault: Fault, afterBytes?: number): void;
  stop(): Promise<void>;
}

/** A TCP proxy on loopback to `port`, which can break what comes back. */
export async function faultProxy(port: number): Promise<FaultProxy> {
  let fault: Fault = 'none';
  let left = 0;
  let speed: number | null = null;
  let passed = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    keep(client);
    keep(upstream);
    client.pipe(upstream);
    upstream.once('close', () => client.end());
    client.once('close', () => upstream.destroy());
    upstream.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      if (speed !== null) {
        upstream.pause();
        setTimeout(() => upstream.resume(), (chunk.length / speed) * 1_000);
      }
      if (fault === 'none' || left >= chunk.length) {
        left -= chunk.length;
        client.write(chunk);
        return;
      }
      client.write(chunk.subarray(0, Math.max(0, left)));
      upstream.pause();
      strike(fault, client, upstream, chunk.subarray(Math.max(0, left)));
      left = 0;
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    slowTo(bytesPerSecond) {
      speed = bytesPerSecond;
    },
    passed: () => passed,
    inject(next, afterBytes = 0) {
      fault = next;
      left = afterBytes;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function strike(fault: Fault, client: Socket, upstream: Socket, rest: Buffer): void {
  if (fault === 'cut') {
    client.end();
    upstream.destroy();
  }
  if (fault === 'reset') {
    client.resetAndDestroy();
    upstream.destroy();
  }
  if (fault === 'drip') {
    let at = 0;
    const timer = setInterval(() => client.write(rest.subarray(at, ++at)), 100);
    client.once('close', () => clearInterval(timer));
  }
}
