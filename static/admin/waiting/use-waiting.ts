import { useCallback, useEffect, useState } from 'react';
import { type Preview, previewSize } from '../../../src/domain/start';
import type { Values } from '../../../src/resolvers/contract';
import { call } from '../../shared/call';
import { type Query, useQuery } from '../../shared/use-query';

type Waiting = Values['connections.waiting'];

/** Milliseconds between two looks; the second while a try was asked for. */
const refreshMs = 10_000;
const refreshWhileAskedMs = 1_500;
/** Milliseconds that the list looks often after that. */
const patienceMs = 30_000;

/**
 * Mail that waits, of one connection or (empty) of all, with the subjects that the activity log has not: those of one
 * connection are asked of its mailbox, once, as many as a page may ask for. Without an answer they stay unknown.
 */
export function useWaiting(connectionId: string): Query<Waiting> & { onAsked: () => void } {
  const load = useCallback(
    () => call('connections.waiting', connectionId === '' ? {} : { id: connectionId }),
    [connectionId],
  );
  const [askedAt, setAskedAt] = useState<number | null>(null);
  const query = useQuery(load, askedAt === null ? refreshMs : refreshWhileAskedMs);
  const [previews, setPreviews] = useState<ReadonlyMap<string, Preview | null>>(new Map());

  useEffect(() => {
    if (askedAt === null) return;
    const timer = setTimeout(() => setAskedAt(null), patienceMs);
    return () => clearTimeout(timer);
  }, [askedAt]);

  const unknown = (query.value?.items ?? [])
    .filter(({ isHeldBack, subject, handle }) => isHeldBack && subject === null && !previews.has(handle))
    .slice(0, previewSize)
    .map(({ handle }) => handle);
  const wanted = connectionId === '' ? '' : JSON.stringify(unknown);
  useEffect(() => {
    const handles = wanted === '' ? [] : (JSON.parse(wanted) as string[]);
    if (handles.length === 0) return;
    let isGone = false;
    const keep = (found: readonly Preview[]) => {
      const byHandle = new Map(found.map((one) => [one.handle, one]));
      if (!isGone)
        setPreviews(
          (before) => new Map([...before, ...handles.map((one) => [one, byHandle.get(one) ?? null] as const)]),
        );
    };
    // A mailbox that can't be reached is said to be elsewhere on the page.
    call('connections.preview', { id: connectionId, handles }).then(keep, () => keep([]));
    return () => {
      isGone = true;
    };
  }, [connectionId, wanted]);

  const items = query.value?.items.map((one) => {
    const preview = previews.get(one.handle);
    return one.subject === null && preview ? { ...one, subject: preview.subject, from: preview.from } : one;
  });
  const value = query.value === null || items === undefined ? null : { ...query.value, items };
  return { ...query, value, onAsked: () => setAskedAt(Date.now()) };
}
