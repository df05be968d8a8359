import type { Clock } from '../clock';
import type { Journal } from '../journal';
import { queueLimits } from './limits';

export interface RetryContext {
  retryCount: number;
  retryReason: string;
  retryData: unknown;
}

/** An event on its way. Times in epoch milliseconds. */
export interface StoredEvent {
  id: string;
  jobId: string;
  queueName: string;
  body: Record<string, unknown>;
  concurrency: { key: string; limit: number } | null;
  dueAt: number;
  enqueuedAt: number;
  /** The invocation that it all began with. */
  lineage: string;
  /** Deliveries that failed without asking for a retry; they make the pause longer. */
  failures: number;
  /** How often its concurrency limit has postponed it. */
  refusals: number;
  retryContext: RetryContext | null;
}

export interface Job {
  id: string;
  queueName: string;
  pushedAt: number;
  success: number;
  failed: number;
  inProgress: number;
  /** Its events are not delivered any more, nor retried. */
  cancelled: boolean;
}

export type QueueRecord =
  | { queue: 'push'; job: Pick<Job, 'id' | 'queueName' | 'pushedAt'>; events: StoredEvent[] }
  | { queue: 'retry'; event: StoredEvent }
  | { queue: 'done'; id: string; success: boolean }
  | { queue: 'cancel'; jobId: string }
  | { queue: 'job'; job: Job };

/** Events that wait or run, and how jobs stand. An event is there until its delivery has succeeded or been given up. */
export interface QueueStore {
  push(jobId: string, queueName: string, events: readonly StoredEvent[]): void;
  retry(event: StoredEvent): void;
  done(id: string, success: boolean): void;
  cancel(jobId: string): void;
  job(id: string): Job | null;
  /** In due order, oldest push first. */
  events(): StoredEvent[];
  restore(record: QueueRecord): void;
  records(): Iterable<QueueRecord>;
}

/** Long enough for every retry to be over. */
const jobLifetimeMs = 4 * queueLimits.retentionMs;

export function createQueueStore(clock: Clock, journal: Pick<Journal, 'append'>): QueueStore {
  const events = new Map<string, StoredEvent>();
  const jobs = new Map<string, Job>();

  const restore = (record: QueueRecord): void => {
    switch (record.queue) {
      case 'push':
        jobs.set(record.job.id, {
          ...record.job,
          success: 0,
          failed: 0,
          inProgress: record.events.length,
          cancelled: false,
        });
        for (const event of record.events) events.set(event.id, event);
        return;
      case 'retry':
        // Journals of before had no refusals.
        events.set(record.event.id, { ...record.event, refusals: record.event.refusals ?? 0 });
        return;
      case 'job':
        jobs.set(record.job.id, record.job);
        return;
      case 'cancel': {
        const job = jobs.get(record.jobId);
        if (job) job.cancelled = true;
        return;
      }
      case 'done': {
        const job = jobs.get(events.get(record.id)?.jobId ?? '');
        if (job) {
          job.inProgress -= 1;
          if (record.success) job.success += 1;
          else job.failed += 1;
        }
        events.delete(record.id);
      }
    }
  };
  const write = (record: QueueRecord): void => {
    journal.append(record);
    restore(record);
  };

  return {
    restore,
    push: (jobId, queueName, pushed) =>
      write({ queue: 'push', job: { id: jobId, queueName, pushedAt: clock.now() }, events: [...pushed] }),
    retry: (event) => write({ queue: 'retry', event }),
    done: (id, success) => {
      if (events.has(id)) write({ queue: 'done', id, success });
    },
    cancel: (jobId) => write({ queue: 'cancel', jobId }),
    job: (id) => jobs.get(id) ?? null,
    events: () => [...events.values()].sort((a, b) => a.dueAt - b.dueAt || a.enqueuedAt - b.enqueuedAt),
    records: function* () {
      for (const event of events.values()) yield { queue: 'retry', event };
      for (const job of jobs.values()) {
        if (job.inProgress > 0 || job.pushedAt + jobLifetimeMs > clock.now()) yield { queue: 'job', job };
      }
    },
  };
}
