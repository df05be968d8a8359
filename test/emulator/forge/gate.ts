import { type Codes, recoded } from './codes';
import type { Faults } from './faults';
import type { Fault, SeenCall } from './forge';
import { type Invocation, never, outside } from './invocation';
import type { Meter } from './usage';

/** Where a call of function code leaves its invocation: faults strike here, and the dead hear no answer. */
export type Gate = (call: {
  invocation: Invocation;
  /** `<method> <target><path>[ <keys>]` */
  label: string;
  signal?: AbortSignal | null | undefined;
  effect: () => Response | Promise<Response>;
}) => Promise<Response>;

export interface GateParts {
  faults: Faults;
  meter: Meter;
  /** How long a call that suffers a `timeout` takes to fail. */
  timeoutMs: number;
  /** Whether a call ends when its caller aborts it. */
  abortSignals: boolean;
  codes: Codes;
  /** Is told of each call before anything comes of it. */
  observe: (call: SeenCall) => void;
}

export function createGate({ faults, meter, timeoutMs, abortSignals, codes, observe }: GateParts): Gate {
  return async ({ invocation, label, signal: asked, effect }) => {
    const signal = abortSignals ? asked : null;
    outside(() => observe({ functionKey: invocation.functionKey, label }));
    if (signal?.aborted) throw signal.reason;
    const whole = async (): Promise<Response> => {
      const before = faults.take(label, 'before');
      if (before) return suffer(before, invocation);
      const response = await outside(effect);
      const after = faults.take(label, 'after');
      return after ? suffer(after, invocation) : response;
    };
    const answered = async () => recoded(codes, label, await whole());
    try {
      // Its effect is not undone when the signal comes first, as on a real network: only the answer is lost.
      const response = await (signal ? Promise.race([answered(), aborted(signal)]) : answered());
      return invocation.ended === null ? response : await never();
    } catch (error) {
      if (invocation.ended !== null) return never();
      throw error;
    }
  };

  async function suffer(fault: Fault, invocation: Invocation): Promise<Response> {
    meter.fault(fault);
    if (fault.kind === 'kill') {
      invocation.end('killed');
      return never();
    }
    if (fault.kind === 'hang') return never();
    if (fault.kind === 'timeout') {
      await new Promise((resolve) => setTimeout(resolve, timeoutMs));
      return proxyError(504, 'TIMED_OUT');
    }
    return jsonResponse(fault.status ?? 500, {
      code: 'INJECTED_FAULT',
      message: 'The emulator was told to fail this call.',
    });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}

/** An answer of Forge's proxy itself; `@forge/api` turns the header into a `ProxyRequestError`. */
export function proxyError(status: number, code: string): Response {
  return jsonResponse(status, { code, message: code }, { 'forge-proxy-error': code });
}
