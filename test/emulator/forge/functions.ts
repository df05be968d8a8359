import { type Invocation, InvocationEnded, type Platform, runInvocation } from './invocation';
import { functionLimits } from './limits';
import type { Manifest } from './manifest';
import type { Meter } from './usage';

/** Which function runs, for which module, on whose behalf. */
export interface Call {
  functionKey: string;
  moduleKey: string;
  accountId: string | null;
  lineage: string | null;
  /** The handler's arguments. */
  args: readonly unknown[];
}

/** Runs functions of the app, under their limits, and meters them. */
export interface Functions {
  /** The handler's value. @throws InvocationEnded, and what the handler throws. `onStart` learns of the invocation. */
  call(call: Call, onStart?: (invocation: Invocation) => void): Promise<unknown>;
  /** Runs `body` as if it were a function of the app. */
  run<T>(body: () => T | Promise<T>, accountId: string | null, timeoutSeconds: number): Promise<T>;
  /** Ends all that runs, and starts nothing more. */
  stop(): void;
}

export function createFunctions(settings: {
  manifest: Manifest;
  /** What the app's entry exports. */
  exports: Readonly<Record<string, unknown>>;
  meter: Meter;
  platform: Platform;
  log: (line: string) => void;
  /** Without an installation nothing runs. */
  isInstalled: () => boolean;
}): Functions {
  const { manifest, meter, platform, log } = settings;
  const living = new Set<Invocation>();
  let stopped = false;

  const metered = async <T>(
    call: Omit<Call, 'args'> & { timeoutSeconds: number },
    body: () => T | Promise<T>,
    onStart: (invocation: Invocation) => void = () => undefined,
  ): Promise<T> => {
    if (stopped || !settings.isInstalled()) throw new InvocationEnded('killed', call.functionKey);
    const startedAt = performance.now();
    let invocation: Invocation | null = null;
    let failed = true;
    try {
      const value = await runInvocation(
        { ...call, platform, timeoutMs: call.timeoutSeconds * 1_000 },
        body,
        (fresh) => {
          invocation = fresh;
          living.add(fresh);
          onStart(fresh);
        },
      );
      failed = false;
      return value;
    } catch (error) {
      if (!stopped)
        log(`[${call.functionKey}] ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      throw error;
    } finally {
      if (invocation) living.delete(invocation);
      meter.invocation(call.functionKey, performance.now() - startedAt, manifest.memoryMB, failed);
    }
  };

  return {
    call: (call, onStart) => {
      const declared = manifest.functions.get(call.functionKey);
      const timeoutSeconds = declared?.timeoutSeconds ?? functionLimits.defaultSeconds;
      return metered(
        { ...call, timeoutSeconds },
        () => {
          if (!declared) throw new Error(`The manifest has no function ${call.functionKey}.`);
          const handler = settings.exports[declared.exportName];
          if (typeof handler !== 'function')
            throw new Error(`The app's entry exports no function ${declared.exportName}.`);
          if (sizeOf(call.args[0]) > functionLimits.payloadBytes) throw new Error('The payload is larger than 5 MB.');
          const value: unknown = Reflect.apply(handler, undefined, [...call.args]);
          return value;
        },
        onStart,
      );
    },
    run: (body, accountId, timeoutSeconds) =>
      metered({ functionKey: 'run', moduleKey: 'run', accountId, lineage: null, timeoutSeconds }, body),
    stop: () => {
      stopped = true;
      for (const invocation of living) invocation.end('killed');
    },
  };
}

/** Bytes as JSON. */
export function sizeOf(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value) ?? '');
}
