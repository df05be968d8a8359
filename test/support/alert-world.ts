import type { AlertPorts } from '../../src/alerts/alert-ports';
import { watch } from '../../src/alerts/watch';
import { type Alert, type AlertSecret, type AlertSettings, alertSettings, noSecret } from '../../src/domain/alert';
import { emptyLedger, type Ledger } from '../../src/domain/alert-ports';
import { type Connection, connectionSettings } from '../../src/domain/connection';
import type { Credential } from '../../src/domain/credential';
import { type Cursor, freshCursor } from '../../src/domain/cursor';
import type { Entities, Entity } from '../../src/domain/entity';
import { alertTimeoutSeconds } from '../../src/domain/limits';
import type { Notice } from '../../src/domain/notice';
import type { OutgoingConnection } from '../../src/domain/outgoing';
import { memoryTroubles } from './memory-troubles';

/** Thrown where a run is killed: nothing of the run goes on after it. */
export class Killed extends Error {}

/** The world that alerts are told of and in: everything in memory, and each port call can be the last of a run. */
export interface AlertWorld {
  now: number;
  connections: Connection[];
  cursors: Map<string, Cursor>;
  credentials: Credential[];
  outgoing: OutgoingConnection[];
  troubles: ReturnType<typeof memoryTroubles>;
  alerts: Map<string, Alert>;
  /** What a list of rules that is behind has; null: it is not. */
  listedAlerts: Alert[] | null;
  ledgers: Map<string, Ledger>;
  secrets: Map<string, AlertSecret>;
  /** What got out, in order. */
  sent: Notice[];
  /** Throws before a notice gets out (`before`), or after it did. */
  sendFails: { when: 'before' | 'after'; error: Error } | null;
  /** Milliseconds that one message takes; infinite: its other side never answers. */
  sendTakes: number;
  writes: number;
  reads: number;
  /** Port calls of a run, by name. `kill` names the one that ends it; `late`: milliseconds of its time that are gone already. */
  run(options?: { kill?: { at: number; when: 'before' | 'after' }; late?: number }): Promise<string[]>;
  advance(minutes: number): void;
  addRule(settings?: Partial<AlertSettings>, change?: Partial<Alert>): Alert;
  addConnection(name?: string): Connection;
  /** The connection fails from now on. */
  fail(id: string, since?: number): void;
  recover(id: string): void;
}

export const start = Date.UTC(2026, 10, 20, 10);

export function alertWorld(): AlertWorld {
  const world: AlertWorld = {
    now: start,
    connections: [],
    cursors: new Map(),
    credentials: [],
    outgoing: [],
    troubles: memoryTroubles(),
    alerts: new Map(),
    listedAlerts: null,
    ledgers: new Map(),
    secrets: new Map(),
    sent: [],
    sendFails: null,
    sendTakes: 0,
    writes: 0,
    reads: 0,
    run: async ({ kill, late = 0 } = {}) => {
      const calls: string[] = [];
      let isDead = false;
      const call = async <T>(name: string, effect: () => T | Promise<T>): Promise<T> => {
        if (isDead) return new Promise<T>(() => {});
        calls.push(name);
        const isLast = kill?.at === calls.length - 1;
        // Two runs at once take turns at every step.
        await Promise.resolve();
        if (isLast && kill?.when === 'before') {
          isDead = true;
          throw new Killed(name);
        }
        const value = await effect();
        if (!isLast) return value;
        isDead = true;
        throw new Killed(name);
      };
      const endsAt = world.now + alertTimeoutSeconds * 1_000 - late;
      let isOver = false;
      watch(portsOf(world, call, () => endsAt - world.now)).then(
        () => {
          isOver = true;
        },
        () => {
          isOver = true;
        },
      );
      // Who is dead never answers.
      while (!isOver && !isDead) await new Promise((resolve) => setImmediate(resolve));
      return calls;
    },
    advance: (minutes) => {
      world.now += minutes * 60_000;
    },
    addRule: (settings = {}, change = {}) => {
      const full = alertSettings.parse({
        name: 'Ops',
        incidents: ['suspended', 'failing', 'quarantined', 'expiring', 'outgoing-failing'],
        channel: { type: 'slack' },
        ...settings,
      });
      const id = `a${world.alerts.size + 1}`;
      const times = { createdAt: start, updatedAt: start };
      const alert = { id, version: 1, enabled: true, settings: full, host: '', ...times, ...change };
      world.alerts.set(alert.id, alert);
      if (full.channel.type !== 'email') world.secrets.set(alert.id, noSecret);
      return alert;
    },
    addConnection: (name = `Box ${world.connections.length + 1}`) => {
      const settings = connectionSettings.parse({
        provider: 'imap',
        name,
        host: 'imap.example.com',
        port: 993,
        username: 'support@example.com',
        target: { projectId: '1', issueTypeId: '1' },
      });
      const times = { createdAt: start, updatedAt: start };
      const id = `c${world.connections.length + 1}`;
      const connection = { id, version: 1, state: 'enabled', settings, logUntil: 0, ...times } as const;
      world.connections.push({ ...connection });
      world.cursors.set(connection.id, freshCursor('["imap"]', null, 0));
      return connection;
    },
    fail: (id, since = world.now) => {
      const trouble = { code: 'unreachable', message: 'The mail server does not answer.', detail: null, step: null };
      change(id, { trouble: { ...trouble, since, failures: 3, notBefore: since } });
    },
    recover: (id) => change(id, { trouble: null }),
  };
  return world;

  function change(id: string, changed: Partial<Cursor>): void {
    const cursor = world.cursors.get(id);
    if (cursor !== undefined) world.cursors.set(id, { ...cursor, ...changed });
  }
}

type Call = <T>(name: string, effect: () => T | Promise<T>) => Promise<T>;

function portsOf(world: AlertWorld, call: Call, remainingMs: () => number): AlertPorts {
  const read = <T>(name: string, effect: () => T | Promise<T>) =>
    call(name, () => {
      world.reads += 1;
      return structuredClone(effect());
    });
  const send = (notice: Notice) =>
    call('send', () => {
      if (world.sendTakes === Number.POSITIVE_INFINITY) return new Promise<{ reply: string }>(() => {});
      world.now += world.sendTakes;
      if (world.sendFails?.when === 'before') throw world.sendFails.error;
      world.sent.push(notice);
      if (world.sendFails !== null) throw world.sendFails.error;
      return { reply: 'ok' };
    });
  const unused = () => Promise.reject(new Error('not used'));
  const entities = <T extends Entity>(name: string, all: () => T[]): Entities<T> => ({
    get: (id) => read(`${name}.get`, () => all().find((one) => one.id === id) ?? null),
    list: () => read(`${name}.list`, all),
    withName: unused,
    insert: unused,
    save: unused,
    amend: unused,
    remove: unused,
  });
  return {
    alerts: {
      ...entities('alerts', () => [...world.alerts.values()]),
      list: () => read('alerts.list', () => world.listedAlerts ?? [...world.alerts.values()]),
    },
    connections: { ...entities('connections', () => world.connections) },
    credentials: entities('credentials', () => world.credentials),
    outgoing: entities('outgoing', () => world.outgoing),
    cursors: {
      get: unused,
      getMany: (ids) => read('cursors', () => new Map([...world.cursors].filter(([id]) => ids.includes(id)))),
      put: unused,
      remove: unused,
    },
    troubles: world.troubles,
    secrets: {
      get: (id) => read('secrets', () => world.secrets.get(id) ?? null),
      set: unused,
      remove: unused,
    },
    ledgers: {
      getMany: (ids) => read('ledgers', () => new Map(ids.map((id) => [id, world.ledgers.get(id) ?? emptyLedger]))),
      put: (id, ledger) =>
        call('ledgers.put', () => {
          if ((world.ledgers.get(id)?.version ?? 0) !== ledger.version) return null;
          world.writes += 1;
          const next = { ...ledger, version: ledger.version + 1 };
          world.ledgers.set(id, structuredClone(next));
          return next;
        }),
      remove: unused,
    },
    appUrl: async () => 'https://site.test/jira/settings/apps/app/env',
    postNotice: (_channel, _secret, notice) => send(notice),
    sendMail: unused,
    remainingMs,
    log: () => {},
    now: () => world.now,
  };
}
