/** What work that is bounded by time is given. */
export interface TimeBound {
  /** Aborted when time is over. Nobody may rely on it: whether the platform's `fetch` heeds it is unknown. */
  signal: AbortSignal;
  /** Begins the time anew, for work that makes progress. */
  extend(): void;
}

/**
 * The result of `work`, or the error of `late` once `ms` milliseconds are over: every call to anything ends by a timer of ours. What
 * comes of the work after that is dropped, a failure too, so that work with an effect may still have it.
 * @param stop aborted by a caller that waits no longer: ends as when time is over
 */
export function inTime<T>(
  ms: number,
  late: () => Error,
  work: (bound: TimeBound) => Promise<T>,
  stop?: AbortSignal,
): Promise<T> {
  const control = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new Promise<T>((resolve, reject) => {
    const end = () => {
      const error = late();
      reject(error);
      control.abort(error);
    };
    const extend = () => {
      clearTimeout(timer);
      if (!control.signal.aborted) timer = setTimeout(end, ms);
    };
    if (stop?.aborted) return end();
    stop?.addEventListener('abort', end, { once: true, signal: control.signal });
    extend();
    work({ signal: control.signal, extend }).then(resolve, reject);
  }).finally(() => {
    clearTimeout(timer);
    // Takes the listener off `stop`, which may live longer than many calls.
    control.abort();
  });
}
