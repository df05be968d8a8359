import { interrupter } from '../interrupter';

/** Waits one after another for the same thing, such as the rows of an answer. */
export interface Waits {
  over<T>(work: Promise<T>): Promise<T>;
  stop(): void;
}

/** Begins waits of at most `ms` each; `onExpiry` makes the error, and ends whatever is still waited for. */
export type Budget = (ms: number, onExpiry: () => Error) => Waits;

/**
 * One budget for a whole call. Each wait has its own limit, and all of them together at most `callMs`, so that neither a
 * silent server nor one that sends a byte a second holds us. The time between waits, when our caller works, is free.
 */
export function callBudget(callMs: number): Budget {
  let leftMs = callMs;
  return (ms, onExpiry) => {
    const expiry = interrupter();
    const mostMs = () => Math.max(0, Math.min(ms, leftMs));
    let startedAt: number | null = null;
    let timer: NodeJS.Timeout | null = null;
    const arm = (delayMs: number) => {
      timer = setTimeout(look, delayMs);
    };
    /** One timer serves all waits: no later one can end before the time that the timer was set to. */
    function look(): void {
      timer = null;
      if (startedAt === null) return;
      const overMs = performance.now() - startedAt - mostMs();
      if (overMs >= 0) expiry.interrupt(onExpiry());
      else arm(-overMs);
    }
    return {
      async over(work) {
        startedAt = performance.now();
        if (timer === null) arm(mostMs());
        try {
          return await expiry.race(work);
        } finally {
          leftMs -= performance.now() - startedAt;
          startedAt = null;
        }
      },
      stop() {
        if (timer !== null) clearTimeout(timer);
      },
    };
  };
}
