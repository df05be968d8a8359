import { createServer, type Server } from 'node:net';

/** Whoever takes connections: a net, TLS or HTTP server. */
interface Listener {
  listen(options: { port: number; host: string }): unknown;
  address(): ReturnType<Server['address']>;
  once(event: 'listening' | 'error', listener: (error: Error) => void): unknown;
  off(event: 'listening' | 'error', listener: (error: Error) => void): unknown;
  emit(event: 'connection', socket: unknown): boolean;
}

export interface Listening {
  port: number;
  /** Stops taking connections on the second address; the listener itself is closed by its owner. */
  close(): void;
}

/**
 * Listens on 127.0.0.1, and on ::1 where the machine has it: "localhost" can mean either.
 * @param port 0 picks a free one
 */
export async function listenOnLoopback(listener: Listener, port: number, host = '127.0.0.1'): Promise<Listening> {
  await listening(listener, port, host);
  const address = listener.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  if (host !== '127.0.0.1') return { port: bound, close: () => {} };
  const second = createServer({ pauseOnConnect: false }, (socket) => listener.emit('connection', socket));
  // No IPv6 here, or the port is somebody else's there: the first address is enough.
  const works = await listening(second, bound, '::1').then(
    () => true,
    () => false,
  );
  return { port: bound, close: () => void (works && second.close()) };
}

function listening(listener: Listener, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      listener.off('error', failed);
      resolve();
    };
    const failed = (error: Error) => {
      listener.off('listening', done);
      reject(error);
    };
    listener.once('listening', done);
    listener.once('error', failed);
    listener.listen({ port, host });
  });
}
