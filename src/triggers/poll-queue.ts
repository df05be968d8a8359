import { type AsyncEvent, InvocationErrorCode, type PushEvent, Queue } from '@forge/events';
import * as z from 'zod';
import type { PollQueue, PollRequest } from '../domain/ports';
import { tryAgain } from './try-again';

/** The platform's largest push; its bytes stay far below 100 KB with ids of this length. */
const pushSize = 50;
const pollQueueKey = 'polls';
const alertQueueKey = 'alerts';

const pollEvent = z.strictObject({
  connectionIds: z.array(z.string()).min(1),
  force: z.boolean(),
  reprocess: z.array(z.string()).optional(),
  /** When it is to run (epoch milliseconds); absent in events that an earlier version pushed, or that a person asked for. */
  dueAt: z.number().optional(),
});
export type PollEvent = z.infer<typeof pollEvent>;

/** The body of an event; null if it is none of ours: what waits in a queue may be older than the code that reads it. */
export const readPollEvent = (body: unknown): PollEvent | null => pollEvent.safeParse(body).data ?? null;

/** The only reasons for which what a run was doing can have ended it; the platform retries on faults of its own too. */
const endedByWork: readonly string[] = [
  InvocationErrorCode.FUNCTION_TIME_OUT,
  InvocationErrorCode.FUNCTION_OUT_OF_MEMORY,
];

/** Whether the platform delivers an event again since it ended the run before in the middle: out of time, or of memory. */
export const wasEnded = ({ retryContext }: Pick<AsyncEvent, 'retryContext'>): boolean =>
  retryContext !== undefined && endedByWork.includes(retryContext.retryReason);

/** Pushes polls onto Forge's queue; one runs at a time for each connection (or group of them). */
export function pollQueue(): PollQueue {
  const queue = new Queue<PollEvent>({ key: pollQueueKey });
  return {
    push: async (requests) => {
      for (let start = 0; start < requests.length; start += pushSize) {
        const events = requests.slice(start, start + pushSize).map(asEvent);
        // Pushed twice, since only the answer was lost, it is a poll too many. Not pushed at all, nobody is polled until the next plan.
        await tryAgain(() => queue.push(events));
      }
    },
  };
}

function asEvent(request: PollRequest): PushEvent<PollEvent> {
  const { connectionIds, delaySeconds, force, reprocess, group, dueAt } = request;
  return {
    body: { connectionIds, force, ...(reprocess && { reprocess }), ...(dueAt !== undefined && { dueAt }) },
    delayInSeconds: delaySeconds,
    concurrency: { key: group ?? connectionIds.join('-').slice(0, 100), limit: 1 },
  };
}

/** Pushes the event that the alerts run for; one runs at a time. */
export async function requestAlerts(): Promise<void> {
  const queue = new Queue({ key: alertQueueKey });
  await tryAgain(() => queue.push({ body: {}, concurrency: { key: alertQueueKey, limit: 1 } }));
}
