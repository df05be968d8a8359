import * as z from 'zod';
import type { Clock } from '../clock';
import type { Delivery } from './dispatcher';
import type { Forge, InvokeResult } from './forge';
import { type Functions, sizeOf } from './functions';
import type { Identity } from './installation';
import { InvocationEnded } from './invocation';
import { functionLimits, queueLimits } from './limits';
import type { Manifest } from './manifest';
import type { StoredEvent } from './queue-store';

interface Parts {
  manifest: Manifest;
  identity: Identity;
  functions: Functions;
}

const envelope = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.unknown() }),
]);
const hasOk = z.looseObject({ ok: z.boolean() });

/** Calls a resolver as the page's bridge does. */
export function pageCall({ manifest, identity, functions }: Parts): Forge['invoke'] {
  return async ({ module, functionKey, payload, accountId, extension }) => {
    const page = manifest.pages.get(module);
    if (!page) return refused(`The manifest has no module ${module} with a resolver.`);
    if (sizeOf(payload) > functionLimits.invokeRequestBytes)
      return refused('The payload of an invoke is larger than 500 KB.');
    const context = {
      ...identity.pageContext,
      moduleKey: module,
      localId: `${identity.contextAri}/${module}`,
      accountType: accountId === null ? 'anonymous' : 'licensed',
      extension: { type: page.type, ...extension },
    };
    const principal = accountId === null ? undefined : { accountId };
    try {
      const value = await functions.call({
        functionKey: page.functionKey,
        moduleKey: module,
        accountId,
        lineage: null,
        args: [
          { call: { functionKey, payload: copy(payload) }, context },
          { ...identity.installContext, principal },
        ],
      });
      if (sizeOf(value) > functionLimits.invokeResponseBytes)
        return refused('The answer to an invoke is larger than 5 MB.');
      return asResult(copy(value));
    } catch (error) {
      return refused(error instanceof Error ? error.message : String(error));
    }
  };
}

/** The app's own result envelope is passed through, whatever else it holds. */
function asResult(value: unknown): InvokeResult {
  if (!hasOk.safeParse(value).success) return { ok: true, value };
  const result = envelope.safeParse(value);
  return result.success ? result.data : { ok: true, value };
}

const refused = (message: string): InvokeResult => ({ ok: false, error: { message } });
const copy = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

const triggerAnswer = z.object({ statusCode: z.number().int().min(100).max(599) });

/** Runs the function of a scheduled trigger; a failure is logged and metered, and not retried. */
export function triggerCall({ manifest, identity, functions, log }: Parts & { log: (line: string) => void }) {
  return async (key: string): Promise<string> => {
    let lineage = '';
    const request = { context: { cloudId: identity.cloudId, moduleKey: key }, contextToken: 'opaque' };
    try {
      const value = await functions.call(
        {
          functionKey: manifest.triggers.get(key)?.functionKey ?? '',
          moduleKey: key,
          accountId: null,
          lineage: null,
          args: [request, identity.installContext],
        },
        (invocation) => {
          lineage = invocation.lineage;
        },
      );
      const answer = triggerAnswer.safeParse(value);
      if (!answer.success) log(`Scheduled trigger ${key} returned no {statusCode}: 424 Failed dependency.`);
      else if (answer.data.statusCode >= 500) log(`Scheduled trigger ${key} returned ${answer.data.statusCode}.`);
    } catch {
      // Logged and metered where it failed.
    }
    return lineage;
  };
}

/** Runs what the app has to do before it is uninstalled. What it returns, and whether it fails, changes nothing. */
export function uninstallCall({ manifest, identity, functions }: Parts) {
  return async (): Promise<void> => {
    for (const [key, functionKey] of manifest.preUninstall) {
      const request = { context: { cloudId: identity.cloudId, moduleKey: key }, contextToken: 'opaque' };
      const call = { functionKey, moduleKey: key, accountId: null, chain: 0, lineage: null };
      try {
        await functions.call({ ...call, args: [request, identity.installContext] });
      } catch {
        // Logged and metered where it failed.
      }
    }
  };
}

const retryRequest = z.object({
  _retry: z.literal(true),
  retryOptions: z.object({
    retryAfter: z.number().optional(),
    retryReason: z.string().optional(),
    retryData: z.unknown().optional(),
  }),
});

/** A kill stands for the one other way in which work ends its run. */
const endReasons = {
  timeout: 'FUNCTION_TIME_OUT',
  killed: 'FUNCTION_OUT_OF_MEMORY',
  finished: 'FUNCTION_RUNTIME_ERROR',
};

/** Delivers an event to its consumer. */
export function consumerCall({ manifest, identity, functions, clock }: Parts & { clock: Clock }) {
  return async (event: StoredEvent): Promise<Delivery> => {
    const consumer = manifest.consumers.get(event.queueName);
    // The app was deployed without it since.
    if (!consumer) return { outcome: 'failed', reason: 'FUNCTION_PLATFORM_UNKNOWN_ERROR' };
    try {
      const value = await functions.call({
        functionKey: consumer.functionKey,
        moduleKey: consumer.key,
        accountId: null,
        lineage: event.lineage,
        args: [asyncEvent(event, clock), identity.installContext],
      });
      const request = retryRequest.safeParse(value);
      if (!request.success) return { outcome: 'delivered' };
      const { retryAfter = 1, retryReason = 'FUNCTION_RETRY_REQUEST', retryData = null } = request.data.retryOptions;
      if (sizeOf(retryData) > queueLimits.retryDataBytes)
        return { outcome: 'failed', reason: 'FUNCTION_RETRY_DATA_TOO_LARGE' };
      return { outcome: 'retry', afterSeconds: Math.max(1, retryAfter), reason: retryReason, data: retryData };
    } catch (error) {
      return {
        outcome: 'failed',
        reason: error instanceof InvocationEnded ? endReasons[error.how] : 'FUNCTION_RUNTIME_ERROR',
      };
    }
  };
}

function asyncEvent({ id, jobId, queueName, body, concurrency, enqueuedAt, retryContext }: StoredEvent, clock: Clock) {
  const retentionWindow = {
    startTime: new Date(enqueuedAt).toISOString(),
    remainingTimeMs: enqueuedAt + queueLimits.retentionMs - clock.now(),
  };
  return {
    queueName,
    jobId,
    eventId: id,
    body: structuredClone(body),
    ...(concurrency === null ? {} : { concurrency }),
    ...(retryContext === null ? {} : { retryContext: { ...retryContext, retentionWindow } }),
  };
}
