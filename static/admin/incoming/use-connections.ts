import { useEffect, useState } from 'react';
import type { ConnectionView } from '../../../src/resolvers/views';
import { call, toPageError } from '../../shared/call';
import { flag } from '../../shared/flags';
import { type Query, useQuery } from '../../shared/use-query';
import { actionTexts, listTexts } from './texts';

/** Milliseconds between two looks at the list; the second while a poll was asked for. */
const refreshMs = 10_000;
const refreshWhilePollingMs = 1_500;
/** An idle poll may leave no trace in the list: after this many milliseconds nobody waits for one any more. */
const pollPatienceMs = 20_000;

interface Poll {
  /** The connection when the poll was asked for. */
  before: ConnectionView;
  askedAt: number;
}

/** A poll that somebody asked for notes its end, also where it failed; what it took before that may be seen earlier. */
const hasRun = (before: ConnectionView, now: ConnectionView) => now.asked !== null && now.asked.at !== before.asked?.at;

/** What a poll that was asked for came to. */
function resultOf({ asked, heldBack, waiting }: ConnectionView): string {
  const { created = 0, skipped = 0, quarantined = 0, gone = 0 } = asked?.results ?? {};
  const next = waiting - heldBack;
  const texts = listTexts.polledFor;
  const parts = [
    created > 0 && texts.created(created),
    skipped > 0 && texts.skipped(skipped),
    quarantined > 0 && texts.quarantined(quarantined),
    gone > 0 && texts.gone(gone),
    heldBack > 0 && texts.heldBack(heldBack),
    next > 0 && texts.next(next),
  ].filter((part) => part !== false);
  return parts.length === 0 ? texts.nothing : `${parts.join(', ')}.`;
}

export interface Connections extends Query<ConnectionView[]> {
  isPolling: (id: string) => boolean;
  pollNow: (connection: ConnectionView) => Promise<void>;
  /** Shows progress until a poll that was asked for has run. */
  awaitPoll: (connection: ConnectionView) => void;
}

/** The connections that `load` gives, kept fresh while the page is visible, and the polls that were asked for here. */
export function useConnections(load: () => Promise<ConnectionView[]>): Connections {
  const [polls, setPolls] = useState<ReadonlyMap<string, Poll>>(new Map());
  const query = useQuery(load, polls.size > 0 ? refreshWhilePollingMs : refreshMs);

  useEffect(() => {
    if (polls.size === 0 || query.value === null) return;
    const waiting = new Map(polls);
    for (const [id, poll] of polls) {
      const connection = query.value.find((candidate) => candidate.id === id);
      const isDone = connection !== undefined && hasRun(poll.before, connection);
      const isLate = Date.now() - poll.askedAt > pollPatienceMs;
      if (connection !== undefined && !isDone && !isLate) continue;
      waiting.delete(id);
      if (isDone && connection.trouble)
        flag(
          connection.status === 'paused' ? 'info' : 'error',
          listTexts.pollFailed(connection.settings.name),
          connection.trouble.message,
        );
      else if (isDone) {
        const isFine = connection.heldBack === 0;
        flag(isFine ? 'success' : 'info', listTexts.polled(connection.settings.name), resultOf(connection));
      } else if (connection) flag('info', listTexts.pollSlow(connection.settings.name), listTexts.pollSlowHint);
    }
    if (waiting.size !== polls.size) setPolls(waiting);
  }, [polls, query.value]);

  const awaitPoll = (connection: ConnectionView) =>
    setPolls((now) => new Map(now).set(connection.id, { before: connection, askedAt: Date.now() }));

  const pollNow = async (connection: ConnectionView) => {
    awaitPoll(connection);
    try {
      await call('connections.poll', { id: connection.id });
    } catch (thrown) {
      setPolls((now) => new Map([...now].filter(([id]) => id !== connection.id)));
      flag('error', listTexts.actionFailed(actionTexts.pollNow, connection.settings.name), toPageError(thrown).message);
    }
  };

  return { ...query, isPolling: (id) => polls.has(id), pollNow, awaitPoll };
}
