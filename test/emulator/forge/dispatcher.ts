import type { Clock } from '../clock';
import { queueLimits } from './limits';
import type { QueueStore, RetryContext, StoredEvent } from './queue-store';

/** How a delivery went; seconds until the next one, if there is to be one. */
export type Delivery =
  | { outcome: 'delivered' }
  | { outcome: 'retry'; afterSeconds: number; reason: string; data: unknown }
  | { outcome: 'failed'; reason: string };

/**
 * Delivers events: at least once, no more at a time than their concurrency key allows. What the limit refuses is no queue: it is
 * postponed, longer each time, and events that were pushed later may come first (FORGE.md §3).
 */
export interface Dispatcher {
  /** Delivers what `selected` holds for, in due order, until nothing that it holds for waits and nothing runs. */
  drain(selected: (event: StoredEvent) => boolean): Promise<void>;
  /** Starts what is due without waiting for it. */
  startDue(): void;
  isDue(event: StoredEvent): boolean;
  isRunning(eventId: string): boolean;
  /** Deliveries started so far. */
  started(): number;
  /** Nothing is started or noted any more. */
  stop(): void;
}

/** Seconds that the first refusal of a concurrency limit postpones an event by; 4 to 16 s were seen with five events. */
const firstPostponementSeconds = 5;

/** Invocations at a time: enough to show what concurrency does, few enough for one process. */
const parallel = 25;
const firstPauseSeconds = 10;

export function createDispatcher(settings: {
  clock: Clock;
  store: QueueStore;
  deliver: (event: StoredEvent) => Promise<Delivery>;
  /** Called after each delivery. */
  onSettled: () => void;
  /** From 0 to 1: spreads what is postponed. */
  random: () => number;
}): Dispatcher {
  const { clock, store, deliver, onSettled, random } = settings;
  const running = new Map<string, { event: StoredEvent; settled: Promise<void> }>();
  let started = 0;
  let stopped = false;

  const isDue = (event: StoredEvent): boolean => event.dueAt <= clock.now();

  const isRefused = ({ concurrency }: StoredEvent): boolean => {
    if (!concurrency) return false;
    let sharing = 0;
    for (const { event } of running.values()) if (event.concurrency?.key === concurrency.key) sharing += 1;
    return sharing >= concurrency.limit;
  };
  const postpone = (event: StoredEvent): void => {
    const seconds = Math.min(firstPostponementSeconds * 2 ** event.refusals, queueLimits.delaySeconds);
    const dueAt = Math.max(clock.now(), event.dueAt) + seconds * (0.8 + 0.4 * random()) * 1_000;
    store.retry({ ...event, dueAt, refusals: event.refusals + 1 });
  };

  const start = (selected: (event: StoredEvent) => boolean): void => {
    if (stopped) return;
    for (const event of store.events()) {
      if (running.size >= parallel) return;
      if (running.has(event.id) || !selected(event)) continue;
      if (isRefused(event)) {
        postpone(event);
        continue;
      }
      started += 1;
      running.set(event.id, { event, settled: run(event) });
    }
  };

  const run = async (event: StoredEvent): Promise<void> => {
    const delivery = await deliver(event);
    running.delete(event.id);
    // A process that ends leaves the event as it was: it is delivered again.
    if (stopped) return;
    settle(event, delivery);
    onSettled();
  };

  const settle = (event: StoredEvent, delivery: Delivery): void => {
    if (delivery.outcome === 'delivered') {
      store.done(event.id, true);
      return;
    }
    const asked = delivery.outcome === 'retry';
    const pause = asked
      ? Math.min(delivery.afterSeconds, queueLimits.retryAfterSeconds)
      : Math.min(firstPauseSeconds * 2 ** event.failures, queueLimits.retryAfterSeconds);
    const dueAt = clock.now() + pause * 1_000;
    // Cancelled meanwhile, or too old: it is not retried.
    if (store.job(event.jobId)?.cancelled || dueAt > event.enqueuedAt + queueLimits.retentionMs) {
      store.done(event.id, false);
      return;
    }
    const retryContext: RetryContext = {
      retryCount: (event.retryContext?.retryCount ?? 0) + 1,
      retryReason: delivery.reason,
      retryData: asked ? delivery.data : (event.retryContext?.retryData ?? null),
    };
    store.retry({ ...event, dueAt, failures: asked ? event.failures : event.failures + 1, retryContext });
  };

  return {
    isDue,
    isRunning: (eventId) => running.has(eventId),
    started: () => started,
    startDue: () => start(isDue),
    drain: async (selected) => {
      for (;;) {
        start(selected);
        if (running.size === 0) return;
        await Promise.race([...running.values()].map(({ settled }) => settled));
      }
    },
    stop: () => {
      stopped = true;
      running.clear();
    },
  };
}
