import { useCallback, useEffect, useState } from 'react';
import { pollLimits, pollTimeoutSeconds } from '../../../src/domain/limits';
import type { ConnectionView } from '../../../src/resolvers/views';
import { call, toPageError } from '../../shared/call';
import { flag } from '../../shared/flags';
import { type Query, useQuery } from '../../shared/use-query';
import { actionTexts, listTexts } from './texts';

/** Milliseconds between two looks at the list; the second while a poll is expected to end soon. */
const refreshMs = 10_000;
const refreshWhilePollingMs = 1_500;
/** After this many milliseconds a poll that was asked for is put off by another one of its connection, or takes long. */
const pollPatienceMs = 20_000;
/** After this many milliseconds nobody waits for it any more: its event was put off as long as can be, and its run has ended. */
const pollEndsMs = pollLimits.postponedMs + pollTimeoutSeconds * 1_000;

interface Poll {
  /** The connection when the poll was asked for. */
  before: ConnectionView;
  askedAt: number;
  /** It was told that it has not ended. */
  isLate: boolean;
  /** Somebody has asked once more meanwhile: another one follows when it has ended. */
  isWantedAgain: boolean;
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

export type PollState = 'polling' | 'late' | null;

export interface Connections extends Query<ConnectionView[]> {
  /** What is known of a poll that was asked for here: it runs or begins at once, or is late; null: it has ended, or there is none. */
  pollOf: (id: string) => PollState;
  pollNow: (connection: ConnectionView) => Promise<void>;
  /** Shows progress until a poll that was asked for has run. */
  awaitPoll: (connection: ConnectionView) => void;
}

/** The connections that `load` gives, kept fresh while the page is visible, and the polls that were asked for here. */
export function useConnections(load: () => Promise<ConnectionView[]>): Connections {
  const [polls, setPolls] = useState<ReadonlyMap<string, Poll>>(new Map());
  const isHurried = [...polls.values()].some(({ isLate }) => !isLate);
  const query = useQuery(load, isHurried ? refreshWhilePollingMs : refreshMs);

  const awaitPoll = useCallback(
    (connection: ConnectionView) =>
      setPolls((now) =>
        new Map(now).set(connection.id, {
          before: connection,
          askedAt: Date.now(),
          isLate: false,
          isWantedAgain: false,
        }),
      ),
    [],
  );
  const poll = useCallback(
    async (connection: ConnectionView) => {
      awaitPoll(connection);
      try {
        await call('connections.poll', { id: connection.id });
      } catch (thrown) {
        setPolls((now) => new Map([...now].filter(([id]) => id !== connection.id)));
        flag(
          'error',
          listTexts.actionFailed(actionTexts.pollNow, connection.settings.name),
          toPageError(thrown).message,
        );
      }
    },
    [awaitPoll],
  );

  useEffect(() => {
    if (polls.size === 0 || query.value === null) return;
    const waiting = new Map(polls);
    const following: ConnectionView[] = [];
    let isNews = false;
    for (const [id, awaited] of polls) {
      const connection = query.value.find((candidate) => candidate.id === id);
      const isDone = connection !== undefined && hasRun(awaited.before, connection);
      const waitedMs = Date.now() - awaited.askedAt;
      const becomesLate = !awaited.isLate && waitedMs > pollPatienceMs;
      if (connection !== undefined && !isDone && !becomesLate && waitedMs <= pollEndsMs) continue;
      isNews = true;
      if (connection !== undefined && !isDone && becomesLate) {
        waiting.set(id, { ...awaited, isLate: true });
        flag(
          'info',
          listTexts.pollLate(connection.settings.name),
          listTexts.pollLateHint(pollLimits.postponedMs / 60_000),
        );
        continue;
      }
      waiting.delete(id);
      if (isDone && awaited.isWantedAgain) following.push(connection);
      if (isDone && connection.trouble)
        flag(
          connection.status === 'paused' ? 'info' : 'error',
          listTexts.pollFailed(connection.settings.name),
          connection.trouble.message,
        );
      else if (isDone) {
        const isFine = connection.heldBack === 0;
        flag(isFine ? 'success' : 'info', listTexts.polled(connection.settings.name), resultOf(connection));
      }
    }
    if (isNews) setPolls(waiting);
    for (const connection of following) void poll(connection);
  }, [polls, query.value, poll]);

  const pollNow = async (connection: ConnectionView) => {
    const awaited = polls.get(connection.id);
    // Beside the first one it would end with nothing new, and that be shown as the result of the first.
    if (awaited !== undefined && !awaited.isLate)
      setPolls((now) => new Map(now).set(connection.id, { ...awaited, isWantedAgain: true }));
    else await poll(connection);
  };

  const pollOf = (id: string): PollState => {
    const poll = polls.get(id);
    if (poll === undefined) return null;
    return poll.isLate ? 'late' : 'polling';
  };

  return { ...query, pollOf, pollNow, awaitPoll };
}
