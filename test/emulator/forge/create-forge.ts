// First: `@forge/api` keeps the fetch that it finds when it is loaded.
import './globals';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../clock';
import { openJournal } from '../journal';
import { createAccountReports } from './account-reports';
import { consumerCall, pageCall, triggerCall, uninstallCall } from './calls';
import type { Codes } from './codes';
import { createCustomerEgress } from './customer-egress';
import { createDispatcher } from './dispatcher';
import { createFaults } from './faults';
import type { Forge, Product, SeenCall } from './forge';
import { createFunctions } from './functions';
import { createGate } from './gate';
import { createIdentity, newInstallation } from './installation';
import { createKvsApi } from './kvs-api';
import { createKvsStore } from './kvs-store';
import { functionLimits } from './limits';
import { readManifest } from './manifest';
import { createPlatform } from './platform';
import { createQueryLag } from './query-lag';
import { createQueueApi } from './queue-api';
import { createQueueStore } from './queue-store';
import { createRemoteCaller, type RemoteAnswers } from './remotes';
import { createScheduler } from './scheduler';
import { restoreState, stateRecords } from './state';
import { createTokens } from './tokens';
import { createMeter } from './usage';
import { createWebTriggers } from './web-triggers';

export interface ForgeOptions {
  /** Path of manifest.yml. */
  manifest: string;
  /** What the app's entry (`src/index.ts`, or its bundle) exports. */
  functions: Readonly<Record<string, unknown>>;
  products: { jira: Product; confluence?: Product };
  /** Where `invokeRemote` really goes, by remote key; else to the manifest's `baseUrl`. */
  remotes: Readonly<Record<string, string>>;
  /** Where storage, queue, installation and signing key survive; null keeps nothing. */
  directory: string | null;
  clock: Clock;
  /** Takes what functions log, and why invocations failed. */
  log?: (line: string) => void;
  /** Forge environment variables: `process.env` until `close`. */
  variables?: Readonly<Record<string, string>>;
  /** Where requests to a host that the manifest lists really go: `graph.microsoft.com` → `http://127.0.0.1:4000`. */
  hosts?: Readonly<Record<string, string>>;
  /** What web trigger URLs begin with. */
  webTriggerBaseUrl?: string;
  /** How long a call that suffers a `timeout` fault takes to fail. */
  faultTimeoutMs?: number;
  /** How long an expired value stays readable; Forge may take 48 hours. */
  removalLagMs?: number;
  /** Is told of each call that leaves an invocation, before anything comes of it. */
  observe?: (call: SeenCall) => void;
  /** From 0 to 1, for what the platform leaves to chance. */
  random?: () => number;
  /** False: what the platform's `fetch` and product calls are given to abort them does nothing, as FORGE.md §1 fears. */
  abortSignals?: boolean;
  /** What becomes of the answers of remotes; by default bytes pass as they are, up to 5 MB. */
  remoteAnswers?: RemoteAnswers;
  /**
   * Scopes of the manifest that the administrator has not consented to yet, as after a new version that asks for more; a test may
   * change the set at any time.
   */
  missingScopes?: ReadonlySet<string>;
  /** By how much the timers of function code are faster than time, for tests of its time limits (1). */
  timerSpeed?: number;
  /** False leaves out the storage API's limits on requests a second and units a minute. */
  rateLimits?: boolean;
  /** How far queries are behind, in milliseconds (0); `FORGE_QUERY_LAG_MS` says it where nothing else is said. */
  queryLagMs?: number;
  /** `FORGE_CODES` says it for all that is started where nothing else is said. */
  codes?: Codes;
}

/** A local Forge with one installation of one app. */
export async function createForge(options: ForgeOptions): Promise<Forge> {
  const { clock, directory, log = () => undefined } = options;
  const manifest = readManifest(options.manifest);
  const scopes = () => [...manifest.scopes].filter((scope) => !options.missingScopes?.has(scope));
  const journal = openJournal(directory === null ? null : join(directory, 'forge.journal'));
  const removalLagMs = options.removalLagMs ?? 0;
  const queryLagMs = options.queryLagMs ?? Number(process.env.FORGE_QUERY_LAG_MS ?? 0);
  const lag = createQueryLag(clock, queryLagMs, removalLagMs);
  const store = createKvsStore(clock, queryLagMs === 0 ? journal : lag.follow(journal), removalLagMs);
  const events = createQueueStore(clock, journal);
  const ranAt = new Map<string, number>();
  const { jira } = options.products;
  const egress = createCustomerEgress({ enabled: manifest.configurableEgress, jira, journal });
  const state = { store, events, ranAt, egress };
  const installation = restoreState(journal.records, state) ?? newInstallation();
  if (queryLagMs !== 0) lag.begin(store.records());
  journal.compact(stateRecords(installation, state));

  const productNames = options.products.confluence ? ['jira', 'confluence'] : ['jira'];
  const identity = createIdentity(manifest, installation, productNames, scopes);
  const tokens = createTokens(directory, manifest.appAri);
  const meter = createMeter();
  const faults = createFaults();
  const accountReports = createAccountReports();
  let closed = false;
  let isInstalled = true;

  const platform = createPlatform({
    manifest,
    scopes,
    clock,
    identity,
    meter,
    log,
    timerSpeed: options.timerSpeed ?? 1,
    gate: createGate({
      faults,
      meter,
      timeoutMs: options.faultTimeoutMs ?? 20,
      abortSignals: options.abortSignals ?? true,
      codes: options.codes ?? (process.env.FORGE_CODES === 'other' ? 'other' : 'published'),
      observe: options.observe ?? (() => undefined),
    }),
    products: options.products,
    hosts: options.hosts ?? {},
    agreedHosts: egress.backendHosts,
    kvs: createKvsApi({
      store,
      queried: queryLagMs === 0 ? () => store : lag.queried,
      entities: manifest.entities,
      clock,
      meter,
      rateLimits: options.rateLimits ?? true,
    }),
    queue: createQueueApi({
      manifest,
      store: events,
      clock,
      meter,
      isRunning: (id) => dispatcher.isRunning(id),
      onPush: () => scheduler.wake(),
    }),
    accountReports,
    graphql: (body) => webTriggers.graphql(body),
    callRemote: createRemoteCaller({
      manifest,
      baseUrls: options.remotes,
      identity,
      tokens,
      meter,
      answers: options.remoteAnswers ?? {},
    }),
  });
  const functions = createFunctions({
    manifest,
    exports: options.functions,
    meter,
    platform,
    log,
    isInstalled: () => isInstalled,
  });
  const webTriggers = createWebTriggers({
    manifest,
    identity,
    functions,
    log,
    baseUrl: () => options.webTriggerBaseUrl ?? `https://${identity.installationId}.webtrigger.atlassian.app`,
  });
  const dispatcher = createDispatcher({
    clock,
    store: events,
    deliver: consumerCall({ manifest, identity, functions, clock }),
    onSettled: () => scheduler.wake(),
    random: options.random ?? Math.random,
  });
  const scheduler = createScheduler({
    clock,
    manifest,
    store: events,
    dispatcher,
    runTrigger: triggerCall({ manifest, identity, functions, log }),
    ranAt,
    noteRun: (record) => journal.append(record),
  });
  const beforeUninstall = uninstallCall({ manifest, identity, functions });
  const restoreVariables = setVariables(options.variables ?? {});

  return {
    invoke: pageCall({ manifest, identity, functions }),
    trigger: scheduler.trigger,
    webTrigger: webTriggers.handle,
    advance: scheduler.advance,
    drain: scheduler.drain,
    start: scheduler.start,
    run: (fn, { accountId = null, timeoutSeconds = functionLimits.defaultSeconds } = {}) =>
      functions.run(fn, accountId, timeoutSeconds),
    usage: meter.usage,
    forgetLimits: meter.forgetLimits,
    events: () =>
      events.events().map(({ queueName, body, dueAt, concurrency, retryContext }) => ({
        queueName,
        body,
        dueAt,
        concurrency,
        retries: retryContext?.retryCount ?? 0,
      })),
    storage: (prefix) => {
      const found: Record<string, unknown> = {};
      for (const space of store.spaces()) {
        for (const key of store.keys(space)) {
          const entry = store.get(space, key);
          const name = space.startsWith('entity/') ? `${space.slice('entity/'.length)}/${key}` : key;
          if (entry && name.startsWith(prefix)) found[name] = space === 'secret' ? '***' : structuredClone(entry.value);
        }
      }
      return found;
    },
    setFaults: faults.set,
    uninstall: async () => {
      await beforeUninstall();
      isInstalled = false;
      for (const { id } of events.events()) events.done(id, false);
      egress.clear();
    },
    accountReports,
    license: () => identity.license,
    setLicense: (license) => {
      identity.license = license;
    },
    reinstall: async () => {
      installation.installationId = randomUUID();
      journal.append({ installation });
      isInstalled = true;
    },
    jwks: tokens.jwks,
    customerEgress: egress.call,
    close: async () => {
      if (closed) return;
      closed = true;
      scheduler.stop();
      dispatcher.stop();
      functions.stop();
      journal.close();
      restoreVariables();
    },
  };
}

function setVariables(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
