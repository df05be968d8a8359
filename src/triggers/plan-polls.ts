import type { Connection } from '../domain/connection';
import type { Connections, PlanState, PollQueue, PollRequest } from '../domain/ports';
import { dueTimes, groupOf, planningWindow } from '../domain/schedule';

export interface PlanPorts {
  connections: Connections;
  planState: PlanState;
  queue: PollQueue;
  /** Epoch milliseconds. */
  now(): number;
}

/** Events that one window may push: below the platform's 500 a minute and installation, so that people's polls fit too. */
const mostEvents = 400;
/** Groups of connections that share events once one event a poll would be too many. */
const groups = 60;

/**
 * Pushes one queue event for each poll that is due in this window of five minutes. Only enabled connections are read, and
 * nothing is written but the grid of the windows, once.
 */
export async function planPolls(ports: PlanPorts): Promise<void> {
  const now = ports.now();
  const anchor = await ports.planState.get();
  const window = planningWindow(now, anchor);
  if (window.anchor !== anchor) await ports.planState.put(window.anchor);

  const due = (await ports.connections.list('enabled')).flatMap((connection) => dueIn(connection, window));
  const requests = due.length <= mostEvents ? due.map(({ id, at }) => request([id], at, now)) : grouped(due, now);
  await ports.queue.push(requests);
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
  return { connectionIds, delaySeconds: Math.min(900, Math.max(0, Math.round((at - now) / 1_000))), force: false };
}

/** One event for each group and minute; its connections are polled side by side in one invocation. */
function grouped(due: readonly Due[], now: number): PollRequest[] {
  const events = new Map<string, Due[]>();
  for (const one of due) {
    const key = `${groupOf(one.id, groups)} ${Math.floor(one.at / 60_000)}`;
    const event = events.get(key);
    if (event === undefined) events.set(key, [one]);
    else event.push(one);
  }
  return [...events.values()].map((event) =>
    request([...new Set(event.map((one) => one.id))], Math.min(...event.map((one) => one.at)), now),
  );
}
