import { useCallback, useEffect, useRef, useState } from 'react';
import { type PageError, toPageError } from './call';

export interface Query<T> {
  /** The last value that came; kept while a reload runs or fails, so that the page does not flicker. */
  value: T | null;
  error: PageError | null;
  loading: boolean;
  reload: () => Promise<void>;
}

/**
 * Loads a value when the component appears, when `load` changes (wrap it in `useCallback`), and then every `refreshMs`
 * milliseconds while the page is visible.
 * @throws PageError `forbidden`, while rendering
 */
export function useQuery<T>(load: () => Promise<T>, refreshMs?: number): Query<T> {
  const [state, setState] = useState<Omit<Query<T>, 'reload'>>({ value: null, error: null, loading: true });
  const latest = useRef(0);

  const reload = useCallback(async () => {
    // Answers may overtake each other; only the last question counts.
    latest.current += 1;
    const question = latest.current;
    setState((before) => ({ ...before, loading: true }));
    try {
      const value = await load();
      if (question === latest.current) setState({ value, error: null, loading: false });
    } catch (thrown) {
      if (question === latest.current) {
        setState((before) => ({ value: before.value, error: toPageError(thrown), loading: false }));
      }
    }
  }, [load]);

  useEffect(() => {
    void reload();
    return () => {
      latest.current += 1;
    };
  }, [reload]);

  useEffect(() => {
    if (refreshMs === undefined) return;
    const refresh = () => {
      if (document.visibilityState === 'visible') void reload();
    };
    const timer = setInterval(refresh, refreshMs);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [reload, refreshMs]);

  // Who may not ask this may not ask the rest either: the page's error boundary says so in place of all of it.
  if (state.error?.code === 'forbidden') throw state.error;
  return { ...state, reload };
}
