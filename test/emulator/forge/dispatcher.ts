import type { Clock } from '../clock';
import { queueLimits } from './limits';
import type { QueueStore, RetryContext, StoredEvent } from './queue-store';

/** How a delivery went; seconds until the next one, if there is to be one. */
export type Delivery =
  | { outcome: 'delivered' }
  | { outcome: 'retry'; afterSeconds: number; reason: string; data: unknown }
  | { outcome: 'failed'; reason: string };

/** Delivers events: at least once, no more at a time than their concurrency key allows. */
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

/** Invocations at a time: enough to show what concurrency does, few enough for one process. */
const parallel = 25;
const firstPauseSeconds = 10;

export function createDispatcher(settings: {
  clock: Clock;
  store: QueueStore;
  deliver: (event: StoredEvent) => Promise<Delivery>;
  /** Called after each delivery. */
  onSettled: () => void;
}): Dispatcher {
  const { clock, store, deliver, onSettled } = settings;
  const running = new Map<string, { event: StoredEvent; settled: Promise<void> }>();
  let started = 0;
  let stopped = false;

  const isDue = (event: StoredEvent): boolean => event.dueAt <= clock.now();

  const hasRoom = ({ concurrency }: StoredEvent): boolean => {
    if (running.size >= parallel) return false;
    if (!concurrency) return true;
    let sharing = 0;
    for (const { event } of running.values()) if (event.concurrency?.key === concurrency.key) sharing += 1;
    return sharing < concurrency.limit;
  };

  const start = (selected: (event: StoredEvent) => boolean): void => {
    if (stopped) return;
    for (const event of store.events()) {
      if (running.has(event.id) || !selected(event) || !hasRoom(event)) continue;
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
