import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** Connections of clients at a time. */
  connections: number;
  /** Milliseconds for the head of a request, from the connection or its first byte on. */
  headMs: number;
  /** Milliseconds that a connection may lie idle between two requests. */
  idleMs: number;
  /** Milliseconds from the head of a request until its answer is read: one that nobody reads would keep its session for ever. */
  answerMs: number;
}

export interface Connections {
  /** From now on each answer is the last of its connection. */
  isDraining(): boolean;
  /**
   * Has every client learn that the gateway ends, before anything is closed: a connection is closed with an answer, or after
   * it lay idle for a while. Whoever closed at once would cut the request that is on its way.
   * @param delayMs new connections are taken for at least so long
   */
  drain(delayMs: number): Promise<void>;
}

/** Milliseconds in which a client that had a connection open may still send a request on it. */
const lingerMs = 500;
/** ... while others come on new connections. */
const longestLingerMs = 5_000;

/** A connection of a client. */
interface Client {
  /** Requests at work. */
  requests: number;
  /** Of the state that it is in, by `performance.now()`. */
  since: number;
  /** It has been answered: idle, and not silent. */
  isKnown: boolean;
}

/**
 * Bounds what clients can take without a token: connections in number, and their time. Node's own limits begin with a
 * request, and so never end a connection on which nothing comes.
 */
export function watchConnections(server: Server, limits: ConnectionLimits): Connections {
  const clients = new Map<Socket, Client>();
  let isDraining = false;
  /** When the last request came, or draining began. */
  let cameAt = 0;

  const limitOf = ({ requests, isKnown }: Client) => {
    if (requests > 0) return limits.answerMs;
    return isKnown ? limits.idleMs : limits.headMs;
  };
  const sweeper = setInterval(
    () => {
      const now = performance.now();
      for (const [socket, client] of clients) if (now - client.since > limitOf(client)) socket.destroy();
    },
    Math.max(20, Math.min(5_000, limits.headMs / 2)),
  );
  sweeper.unref();
  server.once('close', () => clearInterval(sweeper));

  /** Whoever waits longest without a request makes room, silent ones first: a flood of them must not keep clients out. */
  function makeRoom(): void {
    const waiting = [...clients].filter(([, { requests }]) => requests === 0);
    const silent = waiting.filter(([, { isKnown }]) => !isKnown);
    const [oldest] = (silent.length > 0 ? silent : waiting).sort(([, a], [, b]) => a.since - b.since);
    oldest?.[0].destroy();
  }

  server.on('connection', (socket: Socket) => {
    if (clients.size >= limits.connections) makeRoom();
    if (clients.size - countDestroyed(clients) >= limits.connections) {
      socket.destroy();
      return;
    }
    clients.set(socket, { requests: 0, since: performance.now(), isKnown: false });
    socket.once('close', () => clients.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    cameAt = performance.now();
    const client = clients.get(request.socket);
    if (client === undefined) return;
    client.requests += 1;
    client.since = performance.now();
    response.once('close', () => {
      client.requests -= 1;
      client.since = performance.now();
      client.isKnown = true;
    });
  });

  return {
    isDraining: () => isDraining,
    async drain(delayMs) {
      isDraining = true;
      cameAt = performance.now();
      const from = performance.now() + delayMs;
      const mustLinger = () =>
        clients.size > 0 && performance.now() < Math.min(from + longestLingerMs, cameAt + lingerMs);
      while (performance.now() < from || mustLinger()) await new Promise((resolve) => setTimeout(resolve, 20));
      // Right after the system was asked for new connections: one that waits there would be cut.
      await new Promise((resolve) => setImmediate(resolve));
      server.close();
    },
  };
}

/** Destroyed sockets are told of, and leave the map, a moment later. */
const countDestroyed = (clients: ReadonlyMap<Socket, Client>) =>
  [...clients.keys()].filter((socket) => socket.destroyed).length;
