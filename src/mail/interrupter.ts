/** Ends whatever is waited for, from outside. */
export interface Interrupter {
  /** Fails what is waited for now, and whatever will be; only the first call counts. */
  interrupt(error: Error): void;
  /** The result of `work`, unless it is interrupted. */
  race<T>(work: Promise<T>): Promise<T>;
}

/**
 * Stands in for `Promise.race` against a promise that stays pending for as long as a session does: that promise would keep the result
 * of each race alive, so that a session held every mail that it ever read.
 */
export function interrupter(): Interrupter {
  const waiting = new Set<(error: Error) => void>();
  let cause: Error | null = null;
  return {
    interrupt(error) {
      if (cause !== null) return;
      cause = error;
      for (const fail of waiting) fail(error);
      waiting.clear();
    },
    race: (work) =>
      new Promise((resolve, reject) => {
        // Also where nobody waits for it any more: a failure of `work` must not count as unhandled.
        work.then(
          (result) => {
            waiting.delete(reject);
            resolve(result);
          },
          (error) => {
            waiting.delete(reject);
            reject(error);
          },
        );
        if (cause === null) waiting.add(reject);
        else reject(cause);
      }),
  };
}
