import type { Connection } from '../domain/connection';
import type { Connections, PlanState, PollQueue, PollRequest } from '../domain/ports';
import { dueTimes, planningWindow } from '../domain/schedule';
import { tryAgain } from './try-again';

export interface PlanPorts {
  connections: Connections;
  planState: PlanState;
  queue: PollQueue;
  /** Pushes the event that the alerts run for. */
  requestAlerts(): Promise<void>;
  /** Epoch milliseconds. */
  now(): number;
}

/** Events that one window may push: below the platform's 500 a minute and installation, so that people's polls fit too. */
const mostEvents = 400;
/** Connections that are due within the same second share an event once one event a poll would be too many. */
const groupMs = 1_000;
const minuteMs = 60_000;

/**
 * What the one trigger of five minutes does (FORGE.md §3 allows no second one): plans the polls until the next time, and asks
 * for a run of the alerts. One that fails does not keep the other from its turn.
 * @throws what the first of them throws that failed
 */
export async function planFiveMinutes(ports: PlanPorts): Promise<void> {
  const parts = await Promise.allSettled([planPolls(ports), ports.requestAlerts()]);
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
}

/**
 * Pushes one queue event for each poll that is due in this window of five minutes. Only enabled connections are read, and
 * nothing is written but the grid of the windows, once.
 */
export async function planPolls(ports: Omit<PlanPorts, 'requestAlerts'>): Promise<void> {
  const now = ports.now();
  // The platform does not run a trigger again that failed: without another try, nobody is polled for five minutes.
  const due = await tryAgain(() => dueAt(ports, now));
  const requests = due.length <= mostEvents ? due.map(({ id, at }) => request([id], at, now)) : grouped(due, now);
  await ports.queue.push(requests);
}

async function dueAt(
  { planState, connections }: Pick<PlanPorts, 'planState' | 'connections'>,
  now: number,
): Promise<Due[]> {
  const anchor = await planState.get();
  const window = planningWindow(now, anchor);
  if (window.anchor !== anchor) await planState.put(window.anchor);
  return (await connections.list('enabled')).flatMap((connection) => dueIn(connection, window));
}

interface Due {
  id: string;
  /** Epoch milliseconds. */
  at: number;
}

function dueIn({ id, settings }: Connection, window: { from: number; to: number }): Due[] {
  return dueTimes(id, settings.intervalMinutes, window.from, window.to).map((at) => ({ id, at }));
}

function request(connectionIds: string[], at: number, now: number): PollRequest {
  const delaySeconds = Math.min(900, Math.max(0, Math.round((at - now) / 1_000)));
  return { connectionIds, delaySeconds, force: false, dueAt: now + delaySeconds * 1_000 };
}

/**
 * One event for each second in which polls are due: its connections are polled side by side in one invocation, and the work
 * of a thousand is spread over the minute. A connection is always due in the same second of a minute, so that this second
 * names its group, whoever else is in it.
 */
function grouped(due: readonly Due[], now: number): PollRequest[] {
  const events = new Map<number, Due[]>();
  for (const one of due) {
    const slot = Math.floor(one.at / groupMs);
    const event = events.get(slot);
    if (event === undefined) events.set(slot, [one]);
    else event.push(one);
  }
  return [...events].map(([slot, event]) => ({
    ...request(
      event.map(({ id }) => id),
      slot * groupMs,
      now,
    ),
    group: `second-${slot % (minuteMs / groupMs)}`,
  }));
}
