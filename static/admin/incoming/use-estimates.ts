import { useState } from 'react';
import type { Preview, StartEstimate } from '../../../src/domain/start';
import type { StartChoice } from '../../../src/resolvers/contract';
import { call, type PageError } from '../../shared/call';
import { type Task, useOneByOne } from '../../shared/use-one-by-one';

export type Counted =
  | { state: 'waiting' }
  | { state: 'counting' }
  | { state: 'counted'; estimate: StartEstimate }
  | { state: 'failed'; error: PageError; retry: () => void };

export type Shown =
  | { state: 'loading' }
  | { state: 'shown'; previews: readonly Preview[] }
  | { state: 'failed'; error: PageError; retry: () => void };

const keyOf = (start: StartChoice): string => (start.from === 'since' ? `since ${start.since}` : start.from);
const previewKeyOf = (start: StartChoice): string => `preview ${keyOf(start)}`;

/**
 * Counts what start points mean, one after the other, since a POP3 server lets only one of us in at a time: first the chosen
 * one and what it begins with, then the others.
 */
export function useEstimates(id: string, starts: readonly StartChoice[], chosen: StartChoice | null) {
  const [estimates, setEstimates] = useState<Readonly<Record<string, StartEstimate>>>({});
  const [previews, setPreviews] = useState<Readonly<Record<string, readonly Preview[]>>>({});

  const count = (start: StartChoice): Task[] => {
    const key = keyOf(start);
    if (estimates[key] !== undefined) return [];
    const run = async () => {
      const estimate = await call('connections.estimate', { id, start });
      setEstimates((before) => ({ ...before, [key]: estimate }));
    };
    return [{ key, run }];
  };
  const show = (start: StartChoice): Task[] => {
    const key = previewKeyOf(start);
    const handles = estimates[keyOf(start)]?.first ?? [];
    if (handles.length === 0 || previews[key] !== undefined) return [];
    const run = async () => {
      const shown = await call('connections.preview', { id, handles });
      setPreviews((before) => ({ ...before, [key]: shown }));
    };
    return [{ key, run }];
  };
  const first = chosen === null ? [] : [...count(chosen), ...show(chosen)];
  const { running, errors, retry } = useOneByOne([...first, ...starts.flatMap(count)]);

  return {
    /** Counts all starts again, and shows what they begin with: mail has come, which may be among any of them. */
    recount(): void {
      setEstimates({});
      setPreviews({});
    },
    isCounting: running !== null && !running.startsWith('preview '),
    countOf(start: StartChoice): Counted {
      const key = keyOf(start);
      const [estimate, error] = [estimates[key], errors[key]];
      if (estimate !== undefined) return { state: 'counted', estimate };
      if (error !== undefined) return { state: 'failed', error, retry: () => retry(key) };
      return { state: running === key ? 'counting' : 'waiting' };
    },
    /** Null where there is nothing to be shown. */
    previewOf(start: StartChoice): Shown | null {
      const key = previewKeyOf(start);
      const [shown, error] = [previews[key], errors[key]];
      if (shown !== undefined) return { state: 'shown', previews: shown };
      if (error !== undefined) return { state: 'failed', error, retry: () => retry(key) };
      return show(start).length > 0 ? { state: 'loading' } : null;
    },
  };
}
