import { useCallback, useEffect, useRef, useState } from 'react';
import { type PageError, toPageError } from './call';

export interface Task {
  /** Names the question: one that failed is not asked again until `retry`. */
  key: string;
  /** Keeps its answer itself; the task is then not among the next ones. */
  run: () => Promise<void>;
}

/**
 * Runs tasks one after the other, always the first of those that are left: who puts another one first is served next.
 * @throws PageError `forbidden`, while rendering
 */
export function useOneByOne(tasks: readonly Task[]) {
  const [running, setRunning] = useState<string | null>(null);
  const [errors, setErrors] = useState<Readonly<Record<string, PageError>>>({});
  // Not the state: an effect may run twice before that is set.
  const isBusy = useRef(false);
  const next = tasks.find(({ key }) => errors[key] === undefined);

  useEffect(() => {
    if (next === undefined || running !== null || isBusy.current) return;
    isBusy.current = true;
    setRunning(next.key);
    next
      .run()
      .catch((thrown: unknown) => setErrors((before) => ({ ...before, [next.key]: toPageError(thrown) })))
      .finally(() => {
        isBusy.current = false;
        setRunning(null);
      });
  }, [next, running]);

  const retry = useCallback((key: string) => setErrors(({ [key]: _, ...others }) => others), []);

  for (const error of Object.values(errors)) if (error.code === 'forbidden') throw error;
  return { running, errors, retry };
}
