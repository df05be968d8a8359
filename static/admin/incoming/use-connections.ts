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

/** A poll that failed leaves its mark too: it counts in the trouble. */
const hasRun = (before: ConnectionView, now: ConnectionView) =>
  now.polledAt !== before.polledAt || (now.trouble !== null && now.trouble.failures !== before.trouble?.failures);

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
        flag('error', listTexts.pollFailed(connection.settings.name), connection.trouble.message);
      else if (isDone) flag('success', listTexts.polled(connection.settings.name));
      else if (connection) flag('info', listTexts.pollSlow(connection.settings.name), listTexts.pollSlowHint);
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
