import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../clock';
import { jsonResponse } from './gate';
import type { Invocation } from './invocation';
import { functionLimits, queueLimits } from './limits';
import type { Manifest } from './manifest';
import type { QueueStore } from './queue-store';
import { createRateLimit } from './rate-limits';
import type { Meter } from './usage';

const name = z.string().regex(/^[a-zA-Z0-9-_]+$/);
const requestShape = z.object({ queueName: name, jobId: z.string().min(1) });
const pushShape = requestShape.extend({
  payload: z.array(
    z.object({
      body: z.record(z.string(), z.unknown()),
      delayInSeconds: z.number().int().min(0).max(queueLimits.delaySeconds).optional(),
      concurrency: z.object({ key: z.string().min(1), limit: z.number().int().min(1) }).optional(),
    }),
  ),
});

export type QueueVerb = 'publish' | 'stats' | 'cancel';

/** Answers one request of `@forge/events`; `text` is its JSON body. */
export type QueueApi = (invocation: Invocation, verb: QueueVerb, text: string) => Response;

export function createQueueApi(settings: {
  manifest: Manifest;
  store: QueueStore;
  clock: Clock;
  meter: Meter;
  /** Whether an event is being delivered right now. */
  isRunning: (eventId: string) => boolean;
  onPush: () => void;
}): QueueApi {
  const { manifest, store, clock, meter, isRunning, onPush } = settings;
  const { eventsPerMinute } = queueLimits;
  const eventRate = createRateLimit(clock, 60_000, eventsPerMinute, (used, refused) =>
    meter.limit('queue events a minute', used, eventsPerMinute, refused),
  );

  /** Push requests by the invocation that they descend from. */
  const pushes = new Map<string, number>();

  const publish = (invocation: Invocation, body: unknown): Response => {
    const parsed = pushShape.safeParse(body);
    if (!parsed.success) return refusal(400, parsed.error.issues[0]?.message ?? 'not understood');
    const { queueName, jobId, payload } = parsed.data;
    const consumer = manifest.consumers.get(queueName);
    if (!consumer) return refusal(404, `No consumer of the manifest listens to the queue ${queueName}.`);
    if (payload.length === 0) return refusal(400, 'No events pushed.');
    if (payload.length > queueLimits.eventsPerPush)
      return refusal(400, `A push holds at most ${queueLimits.eventsPerPush} events.`);
    const sizes = payload.map((event) => Buffer.byteLength(JSON.stringify(event)));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    if (bytes > queueLimits.pushBytes) return tooLarge('A push holds at most 200 KB.');
    const timeout = manifest.functions.get(consumer.functionKey)?.timeoutSeconds ?? 0;
    if (timeout > functionLimits.defaultSeconds && sizes.some((size) => size > queueLimits.longEventBytes)) {
      return tooLarge('An event for a long-running function holds at most 100 KB.');
    }
    const pushed = (pushes.get(invocation.lineage) ?? 0) + 1;
    if (pushed > queueLimits.descendantPushes) return refusal(405, 'The limit on cyclic invocation has been reached.');
    if (!eventRate.take(payload.length)) return refusal(429, `At most ${queueLimits.eventsPerMinute} events a minute.`);

    pushes.set(invocation.lineage, pushed);

    const now = clock.now();
    const events = payload.map(({ body: eventBody, delayInSeconds, concurrency }) => ({
      id: randomUUID(),
      jobId,
      queueName,
      body: eventBody,
      concurrency: concurrency ?? null,
      dueAt: now + (delayInSeconds ?? 0) * 1_000,
      enqueuedAt: now,
      lineage: invocation.lineage,
      failures: 0,
      refusals: 0,
      retryContext: null,
    }));
    store.push(jobId, queueName, events);
    meter.events(events.length, bytes);
    onPush();
    return jsonResponse(201, {});
  };

  const jobOf = (body: unknown) => {
    const parsed = requestShape.safeParse(body);
    const job = parsed.success ? store.job(parsed.data.jobId) : null;
    return job && parsed.success && job.queueName === parsed.data.queueName ? job : null;
  };

  return (invocation, verb, text) => {
    const body: unknown = JSON.parse(text);
    if (verb === 'publish') return publish(invocation, body);
    const job = jobOf(body);
    if (!job) return refusal(404, 'The job was not found.');
    if (verb === 'stats') {
      return jsonResponse(200, { success: job.success, inProgress: job.inProgress, failed: job.failed });
    }
    store.cancel(job.id);
    // What runs already goes on to its end.
    for (const event of store.events()) if (event.jobId === job.id && !isRunning(event.id)) store.done(event.id, false);
    return new Response(null, { status: 204 });
  };
}

const refusal = (status: number, message: string): Response => jsonResponse(status, { code: status, message });
const tooLarge = (errorMessage: string): Response => jsonResponse(413, { errorMessage });
