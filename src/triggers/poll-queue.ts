import { type PushEvent, Queue } from '@forge/events';
import * as z from 'zod';
import type { PollQueue, PollRequest } from '../domain/ports';

/** The platform's largest push; its bytes stay far below 100 KB with ids of this length. */
const pushSize = 50;
const queueKey = 'polls';
/** Waits before a push that failed is tried again: short enough for a page. */
const waitsMs = [500, 2_000, 5_000];

const pollEvent = z.strictObject({
  connectionIds: z.array(z.string()).min(1),
  force: z.boolean(),
  reprocess: z.array(z.string()).optional(),
});
export type PollEvent = z.infer<typeof pollEvent>;

/** The body of an event; null if it is none of ours: what waits in a queue may be older than the code that reads it. */
export const readPollEvent = (body: unknown): PollEvent | null => pollEvent.safeParse(body).data ?? null;

/** Pushes polls onto Forge's queue; one runs at a time for each connection (or group of them). */
export function pollQueue(): PollQueue {
  const queue = new Queue<PollEvent>({ key: queueKey });
  return {
    push: async (requests) => {
      for (let start = 0; start < requests.length; start += pushSize) {
        await pushed(queue, requests.slice(start, start + pushSize).map(asEvent));
      }
    },
  };
}

/**
 * An event that is pushed twice, since only the answer was lost, is a poll too many; one that is not pushed at all would leave its
 * connections alone until the next plan.
 */
async function pushed(queue: Queue<PollEvent>, events: PushEvent<PollEvent>[]): Promise<void> {
  for (const waitMs of waitsMs) {
    try {
      await queue.push(events);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  await queue.push(events);
}

function asEvent({ connectionIds, delaySeconds, force, reprocess, group }: PollRequest): PushEvent<PollEvent> {
  return {
    body: { connectionIds, force, ...(reprocess && { reprocess }) },
    delayInSeconds: delaySeconds,
    concurrency: { key: group ?? connectionIds.join('-').slice(0, 100), limit: 1 },
  };
}
