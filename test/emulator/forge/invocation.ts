import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** Where `__forge_fetch__` is to go; as the `@forge/*` packages send it. */
export interface CallMeta {
  type: string;
  provider?: string;
  remote?: string;
  accountId?: string;
}

export interface CallInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  signal?: AbortSignal | null;
}

/** What an invocation's code meets through the globals; one for each emulated Forge. */
export interface Platform {
  runtime(invocation: Invocation): unknown;
  call(invocation: Invocation, meta: CallMeta, path: string, init: CallInit): Promise<Response>;
  fetch(invocation: Invocation, input: string | URL | Request, init?: RequestInit): Promise<Response>;
  log(invocation: Invocation, line: string): void;
  /** Epoch milliseconds. */
  now(): number;
  /** By how much the timers of function code are faster than time. */
  readonly timerSpeed: number;
}

export type End = 'finished' | 'timeout' | 'killed';

/** One run of one function. */
export interface Invocation {
  readonly id: string;
  readonly platform: Platform;
  readonly functionKey: string;
  readonly moduleKey: string;
  readonly accountId: string | null;
  /** What triggered it all; events that it pushes carry it on. */
  readonly lineage: string;
  readonly timeoutMs: number;
  /** `performance.now()` */
  readonly startedAt: number;
  /** Set when it is over. From then on none of its calls reaches anything, and none settles. */
  ended: End | null;
  egressRequests: number;
  logLines: number;
  logBytes: number;
  end(how: End): void;
}

/** An invocation that the platform ended by force. */
export class InvocationEnded extends Error {
  readonly how: End;
  constructor(how: End, functionKey: string) {
    super(
      how === 'timeout' ? `The function ${functionKey} timed out.` : `The invocation of ${functionKey} was killed.`,
    );
    this.name = 'InvocationEnded';
    this.how = how;
  }
}

const current = new AsyncLocalStorage<Invocation | null>();

export function currentInvocation(): Invocation | null {
  return current.getStore() ?? null;
}

/** Runs the emulator's own work on behalf of an invocation: with the network as the machine has it. */
export function outside<T>(work: () => T): T {
  return current.run(null, work);
}

/** A call of a dead invocation: nobody will ever hear of it. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

export type InvocationSettings = Pick<
  Invocation,
  'platform' | 'functionKey' | 'moduleKey' | 'accountId' | 'timeoutMs'
> & {
  lineage: string | null;
};

/** Runs `body` as an invocation. @throws InvocationEnded when it took too long or was killed, and what `body` throws. */
export async function runInvocation<T>(
  settings: InvocationSettings,
  body: (invocation: Invocation) => T | Promise<T>,
  onStart: (invocation: Invocation) => void = () => undefined,
): Promise<T> {
  const id = randomUUID();
  let rejectDeath: (error: Error) => void = () => undefined;
  const death = new Promise<never>((_resolve, reject) => {
    rejectDeath = reject;
  });
  const invocation: Invocation = {
    ...settings,
    id,
    lineage: settings.lineage ?? id,
    startedAt: performance.now(),
    ended: null,
    egressRequests: 0,
    logLines: 0,
    logBytes: 0,
    end: (how) => {
      if (invocation.ended !== null) return;
      invocation.ended = how;
      if (how !== 'finished') rejectDeath(new InvocationEnded(how, settings.functionKey));
    },
  };
  onStart(invocation);
  const timer = setTimeout(() => invocation.end('timeout'), settings.timeoutMs);
  try {
    return await Promise.race([current.run(invocation, async () => body(invocation)), death]);
  } finally {
    clearTimeout(timer);
    // What it left running behind is frozen on the platform; here it loses its connections.
    invocation.end('finished');
  }
}

export function remainingMs(invocation: Invocation): number {
  return Math.max(0, invocation.timeoutMs - (performance.now() - invocation.startedAt));
}
