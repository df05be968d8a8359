/** Races work against a time; `onExpiry` makes the error, and ends whatever is still waited for. */
export type Within = <T>(ms: number, work: Promise<T>, onExpiry: () => Error) => Promise<T>;

/**
 * One budget for a whole call. Each wait has its own limit, and all of them together at most `callMs`, so that neither a
 * silent server nor one that sends a byte a second holds us. The time between waits, when our caller works, is free.
 */
export function callBudget(callMs: number): Within {
  let leftMs = callMs;
  return async (ms, work, onExpiry) => {
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const expiry = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(onExpiry()), Math.max(0, Math.min(ms, leftMs)));
    });
    try {
      return await Promise.race([work, expiry]);
    } finally {
      clearTimeout(timer);
      leftMs -= performance.now() - startedAt;
    }
  };
}
