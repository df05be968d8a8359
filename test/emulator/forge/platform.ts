import type { Clock } from '../clock';
import type { AccountReports } from './account-reports';
import { createFetch, refuseStream } from './egress-fetch';
import type { Product } from './forge';
import { type Gate, jsonResponse, proxyError } from './gate';
import type { Identity } from './installation';
import { type CallInit, type CallMeta, type Invocation, outside, type Platform, remainingMs } from './invocation';
import type { KvsApi } from './kvs-api';
import { keysOf, queueOf } from './labels';
import { functionLimits } from './limits';
import type { Manifest } from './manifest';
import { callProduct } from './products';
import type { QueueApi } from './queue-api';
import type { Meter } from './usage';

export interface PlatformParts {
  manifest: Manifest;
  /** That were consented to. */
  scopes: () => string[];
  clock: Clock;
  identity: Identity;
  gate: Gate;
  meter: Meter;
  products: { jira: Product; confluence?: Product | undefined };
  hosts: Readonly<Record<string, string>>;
  agreedHosts: () => string[];
  kvs: KvsApi;
  queue: QueueApi;
  graphql: (body: string) => Response;
  accountReports: AccountReports;
  callRemote: (invocation: Invocation, key: string, path: string, request: Request) => Promise<Response>;
  log: (line: string) => void;
  timerSpeed: number;
}

/** What function code meets: `__forge_runtime__`, `__forge_fetch__`, `fetch` and the log. */
export function createPlatform(parts: PlatformParts): Platform {
  const { identity, gate, meter, products } = parts;

  const call = (invocation: Invocation, meta: CallMeta, path: string, init: CallInit): Promise<Response> => {
    refuseStream(init.body);
    const { signal, ...rest } = init;
    const request = new Request(new URL(path.replace(/^([^/])/, '/$1'), 'https://forge.invalid'), rest);
    const through = (target: string, effect: () => Response | Promise<Response>) =>
      gate({ invocation, label: `${request.method} ${target}`, signal, effect });
    const text = typeof init.body === 'string' ? init.body : '';

    if (meta.type === 'kvs') {
      if (!parts.scopes().includes('storage:app'))
        return Promise.resolve(jsonResponse(403, missingScope('storage:app')));
      return through(`kvs${path} ${keysOf(text)}`, () => parts.kvs(path, text));
    }
    if (meta.type === 'frc') {
      const key = meta.remote ?? '';
      return through(`remote:${key}${path}`, () => parts.callRemote(invocation, key, path, request));
    }
    if (meta.type === 'fpp' && (meta.remote === 'jira' || meta.remote === 'confluence')) {
      const name = meta.remote;
      return through(`${name}${path}`, () => {
        meter.egress(name);
        return callProduct({
          invocation,
          product: products[name],
          scopes: new Set(parts.scopes()),
          meta,
          path,
          request,
        });
      });
    }
    if (meta.type === 'fpp' && meta.remote === 'stargate') {
      const verb = /^\/webhook\/queue\/(publish|stats|cancel)\//.exec(path)?.[1];
      if (verb === 'publish' || verb === 'stats' || verb === 'cancel') {
        return through(`queue/${verb} ${queueOf(text)}`, () => parts.queue(invocation, verb, text));
      }
      if (path === '/app/report-accounts' && meta.provider === 'app') {
        const scope = 'report:personal-data';
        return through('atlassian/app/report-accounts', () =>
          parts.scopes().includes(scope)
            ? parts.accountReports.handle(request.method, text)
            : jsonResponse(403, missingScope(scope)),
        );
      }
      if (path === '/graphql') return through('graphql', () => parts.graphql(text));
    }
    return Promise.resolve(proxyError(404, 'NOT_EMULATED'));
  };

  return {
    call: async (invocation, meta, path, init) => call(invocation, meta, path, init),
    fetch: createFetch(parts),
    timerSpeed: parts.timerSpeed,
    runtime: (invocation) => ({
      appContext: identity.appContext(invocation.moduleKey, invocation.id),
      contextAri: identity.contextAri,
      lambdaContext: { getRemainingTimeInMillis: () => Math.floor(remainingMs(invocation)) },
      metrics: {
        counter: () => ({ incr: () => undefined }),
        timing: () => ({ measure: () => ({ stop: () => undefined }) }),
      },
      proxy: { token: '' },
      tracing: { traceId: invocation.id.replaceAll('-', ''), spanId: invocation.id.slice(0, 8) },
      aaid: invocation.accountId ?? undefined,
    }),
    // Outside, where the clock finds the machine's time and not itself.
    now: () => outside(parts.clock.now),
    log: (invocation, line) => {
      const bytes = Buffer.byteLength(line);
      const mostLines = functionLimits.logLinesPerMinute * Math.ceil(invocation.timeoutMs / 60_000);
      const dropped = invocation.logLines >= mostLines || invocation.logBytes + bytes > functionLimits.logBytes;
      meter.log(bytes, dropped);
      if (dropped) return;
      invocation.logLines += 1;
      invocation.logBytes += bytes;
      parts.log(`[${invocation.functionKey}] ${line}`);
    },
  };
}

const missingScope = (scope: string) => ({
  code: 'MISSING_SCOPE',
  message: `The manifest does not ask for the scope ${scope}.`,
});
