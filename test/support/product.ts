import assert from 'node:assert/strict';
import { connect as connectTo, createServer, type Socket } from 'node:net';
import { refusedAgainMs } from '../../src/domain/suspension';
import type { FunctionName, Payload, StartChoice, Values } from '../../src/resolvers/contract';
import type { ConnectionView } from '../../src/resolvers/views';
import type { Forge } from '../emulator/forge/forge';
import type { Jira } from '../emulator/jira/jira';
import { type LocalHostOptions, startLocalHost } from '../emulator/local/local-host';
import type { Providers } from '../emulator/local/providers';
import type { MailServer } from '../emulator/mail-server/mail-server';
import { appCalls, enableFrom } from './app-calls';
import type { Dovecot } from './dovecot';

/** The unmodified app on the emulator, with a real gateway, for mailboxes of a real server. */
export interface Product {
  forge: Forge;
  jira: Jira;
  /** Google's and Microsoft's stand-ins. */
  providers: Providers;
  /** The embedded mail server. */
  mail: MailServer;
  gatewayUrl: string;
  /** Registers today's callback URL for the demo applications. */
  registerCallback(): Promise<void>;
  /** Calls a resolver as the administrator. @throws when it is refused */
  call<K extends FunctionName>(name: K, payload: Payload<K>): Promise<Values[K]>;
  /** Creates a connection, enables it, and lets the poll that follows run. */
  open(settings: Record<string, unknown>, access: Access, start?: ConnectOptions['start']): Promise<ConnectionView>;
  /** The same for a user of Dovecot, or of another server. */
  connect(dovecot: Pick<Dovecot, 'ports' | 'ca'>, user: string, options?: ConnectOptions): Promise<ConnectionView>;
  /** Polls a connection now, and waits for it. */
  poll(id: string): Promise<void>;
  /** Polls a connection to which access is refused, and lets ten minutes pass, in which it is tried twice more. */
  pollUntilSuspended(id: string): Promise<void>;
  /** Runs the planner, and the polls that it finds due in the next five minutes. */
  duePolls(): Promise<void>;
  /** Summaries of the issues of SUP, in the order of their keys. */
  summaries(): string[];
  close(): Promise<void>;
}

/** How a connection signs in. */
export type Access = { password: string } | { authorizationId: string };

export interface ConnectOptions {
  settings?: Record<string, unknown>;
  port?: number;
  start?: 'now' | 'unread' | 'everything' | StartChoice;
  password?: string;
}

/** Nothing runs by itself: polls run when they are asked for. */
export async function startProduct(
  options: Pick<
    LocalHostOptions,
    | 'port'
    | 'searchLagMs'
    | 'platform'
    | 'gatewaySettings'
    | 'gateway'
    | 'say'
    | 'standIns'
    | 'hosts'
    | 'functions'
    | 'clock'
    | 'observe'
    | 'inFrontOfJira'
  > = {},
): Promise<Product> {
  const host = await startLocalHost({ directory: null, start: false, ...options });
  const { forge, jira, providers, mail, gatewayUrl, registerCallback } = host;

  const { call } = appCalls(() => forge);
  const open: Product['open'] = async (settings, access, start = 'everything') => {
    const { id } = await call('connections.create', {
      settings: {
        target: { projectId: '10000', issueTypeId: '10001' },
        ...settings,
      } as Payload<'connections.create'>['settings'],
      ...access,
    });
    const enabled = await enableFrom(call, id, typeof start === 'string' ? { from: start } : start);
    await forge.drain();
    return enabled;
  };
  return {
    forge,
    jira,
    providers,
    mail,
    gatewayUrl,
    registerCallback,
    call,
    open,
    connect: (dovecot, user, { settings = {}, port, start = 'everything', password = 'secret' } = {}) =>
      open(
        {
          provider: 'imap',
          name: `Mailbox ${user}`,
          host: 'localhost',
          port: port ?? dovecot.ports.imaps,
          username: user,
          privateCa: dovecot.ca,
          ...settings,
        },
        { password },
        start,
      ),
    poll: async (id) => {
      await call('connections.poll', { id });
      await forge.drain();
    },
    pollUntilSuspended: async (id) => {
      await call('connections.poll', { id });
      await forge.drain();
      for (let round = 2; round <= 3; round += 1) await forge.advance(refusedAgainMs / 1_000);
    },
    duePolls: async () => void (await forge.trigger('plan-polls')),
    summaries: () => jira.state.all().map((issue) => issue.summary),
    close: host.close,
  };
}

/**
 * A way to a server that counts round trips: how often the client had to wait for an answer before it went on.
 */
export async function countingProxy(
  target: number,
): Promise<{ port: number; roundTrips(): number; close(): Promise<void> }> {
  let trips = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectTo(target, '127.0.0.1');
    sockets.add(client).add(upstream);
    let isAsking = false;
    client.on('data', (data) => {
      if (!isAsking) trips += 1;
      isAsking = true;
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      isAsking = false;
      client.write(data);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    port: address.port,
    roundTrips: () => trips,
    close: () => {
      // Sessions that lie idle in the gateway's pool would keep it open for minutes.
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
