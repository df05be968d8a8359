import type { Completeness } from '../../../src/domain/completeness';
import { connectionSettings } from '../../../src/domain/connection';
import type { Folder } from '../../../src/domain/ports';
import { protocolMs } from '../../../src/domain/protocol';
import type { Estimate, Preview, StartEstimate } from '../../../src/domain/start';
import { bucketsOf, type ChartPeriod, type Tally } from '../../../src/domain/tally';
import { allNew } from '../../../src/intake/start-estimate';
import type { FunctionName, Result, StartChoice, Values } from '../../../src/resolvers/contract';
import type { ActivityView, ConnectionView, ProjectItem, WaitingView } from '../../../src/resolvers/views';
import { answer, type Refusal, Refused } from './fake-answer';
import { check, goodPassword, hostOf } from './fake-mailbox';

type Settings = ConnectionView['settings'];
type Handlers = { [K in FunctionName]: (payload: never) => Values[K] };

/** The app behind the page, in memory: it checks payloads with the contract's own schemas and keeps what it was given. */
export interface FakeApp {
  /** What a test may look at and change. */
  connections: Map<string, ConnectionView>;
  passwords: Map<string, string>;
  /** What the polls of each connection came to. */
  tallies: Map<string, Tally>;
  /** The activity log, whatever it is asked for. */
  entries: ActivityView[];
  /** Epoch milliseconds back to which the first look at the log finds nothing; null: it has all entries. */
  searchedUntil: number | null;
  activityDays: number;
  calls: { name: string; payload: unknown }[];
  /** What each start point means. */
  estimates: Record<StartChoice['from'], Estimate & Partial<StartEstimate>>;
  previews: Preview[];
  folders: Folder[];
  /** Functions that fail until they are taken out again. */
  failing: Map<FunctionName, Refusal>;
  isAdministrator: boolean;
  /** Mail that waits, of whichever connection; a try takes it. */
  waiting: WaitingView[];
  /** What a poll changes of its connection. */
  pollOutcome: () => Partial<ConnectionView>;
  /** The protocol log, of whichever connection. */
  protocol: Values['connections.protocol'];
  completeness: Completeness | null;
  /** Milliseconds that each answer takes. */
  delay: number;
  /** Runs before an answer, which waits for it. */
  before: (name: string, payload: unknown) => Promise<void>;
  add: (settings?: Partial<Settings>, view?: Partial<ConnectionView>) => ConnectionView;
  invoke: (name: string, payload: unknown) => Promise<Result<unknown>>;
}

const projects: ProjectItem[] = [
  { id: '10000', key: 'SUP', name: 'Support' },
  { id: '10001', key: 'DEV', name: 'Development' },
];
const issueTypes = [
  { id: '1', name: 'Task' },
  { id: '2', name: 'Bug' },
];

/** An exact count; with handles of what it begins with, those are shown. */
export const counted = (count: number, first: string[] = []): Estimate => ({
  count,
  confidence: 'exact',
  reason: null,
  available: true,
  first,
});

export function exampleSettings(settings: Partial<Settings> = {}): Settings {
  return connectionSettings.parse({
    provider: 'imap',
    name: 'Support inbox',
    host: 'imap.example.com',
    port: 993,
    username: 'support@example.com',
    target: { projectId: '10000', issueTypeId: '1' },
    ...settings,
  });
}

export function fakeApp(): FakeApp {
  let made = 0;
  const connections: FakeApp['connections'] = new Map();
  const passwords: FakeApp['passwords'] = new Map();

  const find = (id: string, version?: number): ConnectionView => {
    const connection = connections.get(id);
    if (!connection) throw new Refused('gone', 'This connection was deleted.');
    if (version !== undefined && version !== connection.version) {
      throw new Refused('stale-version', 'Somebody else saved this connection in the meantime.');
    }
    return connection;
  };
  const put = (connection: ConnectionView, change: Partial<ConnectionView>): ConnectionView => {
    const next = { ...connection, ...change, version: connection.version + 1 };
    connections.set(next.id, next);
    return next;
  };
  const refuseTakenName = (settings: Settings, id?: string) => {
    for (const other of connections.values()) {
      if (other.id === id || other.settings.name !== settings.name) continue;
      const message = 'Another connection has this name. Choose a different one.';
      throw new Refused('name-taken', message, { 'settings.name': message });
    }
  };
  const passwordOf = ({ id, password }: { id?: string; password?: string }) =>
    password || (id && passwords.get(id)) || '';

  const app: FakeApp = {
    connections,
    passwords,
    tallies: new Map(),
    entries: [],
    searchedUntil: null,
    activityDays: 30,
    calls: [],
    estimates: {
      now: counted(0),
      unread: counted(3),
      since: counted(7),
      everything: counted(12),
      continue: counted(0),
    },
    previews: [],
    folders: [
      { path: 'INBOX', selectable: true },
      { path: 'Support/Done', selectable: true },
      { path: 'Support', selectable: false },
    ],
    failing: new Map(),
    isAdministrator: true,
    waiting: [],
    pollOutcome: () => ({ polledAt: Date.now() }),
    protocol: { until: null, lines: [], cut: false },
    completeness: null,
    delay: 0,
    before: async () => undefined,
    add: (settings, view) => {
      made += 1;
      const connection: ConnectionView = {
        id: `c${made}`,
        version: 1,
        state: 'disabled',
        status: 'disabled',
        settings: exampleSettings(settings),
        polledAt: null,
        waiting: 0,
        heldBack: 0,
        quarantined: 0,
        tryingAgain: 0,
        warning: null,
        trouble: null,
        expiries: [],
        alsoReadBy: [],
        canContinue: false,
        asked: null,
        nextPollAt: null,
        ...view,
      };
      connections.set(connection.id, connection);
      passwords.set(connection.id, goodPassword);
      return connection;
    },
    invoke: async (name, payload) => {
      app.calls.push({ name, payload });
      await new Promise((resolve) => setTimeout(resolve, app.delay));
      await app.before(name, payload);
      return answer(app, handlers, name, payload);
    },
  };

  const handlers = {
    'connections.list': () => [...connections.values()],
    'connections.get': ({ id }: { id: string }) => find(id),
    'connections.create': ({ settings, password = '' }: { settings: Settings; password?: string }) => {
      refuseTakenName(settings);
      const connection = app.add(settings);
      passwords.set(connection.id, password);
      return connection;
    },
    'connections.update': (payload: { id: string; version: number; settings: Settings; password?: string }) => {
      const connection = find(payload.id, payload.version);
      refuseTakenName(payload.settings, payload.id);
      if (!payload.password && hostOf(payload.settings) !== hostOf(connection.settings)) {
        const message = 'Enter the password again: it was stored for another server or user name.';
        throw new Refused('password-again', message, { password: message });
      }
      if (payload.password) passwords.set(payload.id, payload.password);
      const isTested = connection.state === 'enabled' && payload.settings.folder !== connection.settings.folder;
      const report = isTested ? check(payload.settings, passwordOf(payload), app.folders) : null;
      const fallen = report?.ok === false ? ({ state: 'disabled', status: 'disabled' } as const) : {};
      return { connection: put(connection, { settings: payload.settings, ...fallen }), report };
    },
    'connections.duplicate': ({ id }: { id: string }) => {
      const { settings } = find(id);
      return app.add({ ...settings, name: `${settings.name} (copy)` });
    },
    'connections.delete': ({ id, version }: { id: string; version: number }) => {
      find(id, version);
      connections.delete(id);
      return null;
    },
    'connections.test': (draft: { id?: string; settings: Settings; password?: string }) =>
      check(draft.settings, passwordOf(draft), app.folders),
    'connections.folders': (draft: { id?: string; settings: Settings; password?: string }) => {
      if (passwordOf(draft) === goodPassword) return app.folders;
      throw new Refused('sign-in-failed', 'The server refused the user name or the password. Check both.');
    },
    'connections.estimate': ({ id, start }: { id: string; start: StartChoice }): StartEstimate => {
      find(id);
      const estimate = app.estimates[start.from];
      return { ...allNew(estimate), ...estimate };
    },
    'connections.preview': ({ id, handles }: { id: string; handles: string[] }): Preview[] => {
      find(id);
      return app.previews.filter(({ handle }) => handles.includes(handle));
    },
    'connections.completeness': ({ id }: { id: string }) => {
      find(id);
      return app.completeness;
    },
    'connections.enable': ({ id, version }: { id: string; version: number }) =>
      put(find(id, version), {
        state: 'enabled',
        status: 'polling',
        polledAt: Date.now(),
        asked: { at: Date.now(), results: {} },
      }),
    'connections.disable': ({ id, version }: { id: string; version: number }) =>
      put(find(id, version), { state: 'disabled', status: 'disabled' }),
    'connections.poll': ({ id }: { id: string }) => {
      const connection = find(id);
      connections.set(id, { ...connection, asked: { at: Date.now(), results: {} }, ...app.pollOutcome() });
      return null;
    },
    'connections.waiting': ({ id }: { id?: string }) => {
      const items = app.waiting.filter(({ connectionId }) => id === undefined || connectionId === id);
      const heldBack = items.filter((one) => one.isHeldBack).length;
      return { items, heldBack, next: items.length - heldBack };
    },
    'connections.tryNow': ({ id, handle }: { id: string; handle?: string }) => {
      const isAsked = (one: WaitingView) => one.connectionId === id && (handle === undefined || one.handle === handle);
      const asked = app.waiting.filter((one) => isAsked(one) && one.mayTryNow).length;
      app.waiting = app.waiting.filter((one) => !(isAsked(one) && one.mayTryNow));
      connections.set(id, {
        ...find(id),
        asked: { at: Date.now(), results: { created: asked } },
        ...app.pollOutcome(),
      });
      return { asked, tooEarly: app.waiting.filter(isAsked).length };
    },
    'activity.charts': ({ connectionId, period }: { connectionId?: string; period: ChartPeriod }) => {
      const wanted = [...app.tallies].flatMap(([id, tally]) => ((connectionId ?? id) === id ? [tally] : []));
      return { buckets: bucketsOf(wanted, period, Date.now()) };
    },
    'activity.lastDay': () =>
      [...app.tallies].map(([connectionId, tally]) => ({
        connectionId,
        created: bucketsOf([tally], '24h', Date.now()).map(({ results }) => results.created ?? 0),
      })),
    'activity.settings': () => ({ days: app.activityDays }),
    'activity.saveSettings': ({ days }: { days: number }) => {
      app.activityDays = days;
      return { days };
    },
    'connections.log': ({ id, version, on }: { id: string; version: number; on: boolean }) => {
      find(id, version);
      app.protocol = { ...app.protocol, until: on ? Date.now() + protocolMs : null };
      return { until: app.protocol.until };
    },
    'connections.protocol': ({ id }: { id: string }) => {
      find(id);
      return app.protocol;
    },
    'connections.clearProtocol': () => {
      app.protocol = { ...app.protocol, lines: [], cut: false };
      return null;
    },
    'activity.list': ({ cursor }: { cursor?: string }) =>
      app.searchedUntil === null || cursor !== undefined
        ? { entries: app.entries, cursor: null, searchedUntil: null }
        : { entries: [], cursor: 'further back', searchedUntil: app.searchedUntil },
    'credentials.list': () => ({ credentials: [], callbackUrl: 'https://callback.example' }),
    'jira.projects': ({ query }: { query: string }) =>
      projects.filter(({ name, key }) => `${name} ${key}`.toLowerCase().includes(query.toLowerCase())),
    'jira.issueTypes': () => issueTypes,
  } satisfies Partial<Handlers>;

  return app;
}
