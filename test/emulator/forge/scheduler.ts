import type { Clock } from '../clock';
import type { Dispatcher } from './dispatcher';
import type { Manifest } from './manifest';
import type { QueueStore, StoredEvent } from './queue-store';

/** When things run: on command, by moving the clock, or by themselves. */
export interface Scheduler {
  trigger(key: string): Promise<{ invocations: number }>;
  advance(seconds: number): Promise<void>;
  drain(): Promise<void>;
  start(): void;
  /** Looks again at what is next; for when something was pushed. */
  wake(): void;
  stop(): void;
}

export interface TriggerRecord {
  trigger: string;
  /** Epoch milliseconds of its last run. */
  ranAt: number;
}

/** How far ahead of their time `trigger` runs the events of a trigger. */
const earlyMs = 5 * 60_000;
/** Early events that are due this close to each other run side by side, as they would at their time. */
const turnMs = 1_000;
/** The clock may be moved while a timer waits, so none waits longer. */
const longestNapMs = 1_000;

export function createScheduler(settings: {
  clock: Clock;
  manifest: Manifest;
  store: QueueStore;
  dispatcher: Dispatcher;
  /** Runs the function of a scheduled trigger; resolves to the lineage of what it pushed. Never rejects. */
  runTrigger: (key: string) => Promise<string>;
  ranAt: Map<string, number>;
  noteRun: (record: TriggerRecord) => void;
}): Scheduler {
  const { clock, manifest, store, dispatcher, runTrigger, ranAt, noteRun } = settings;
  let started = false;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const runningTriggers = new Set<Promise<string>>();

  const run = (key: string): Promise<string> => {
    if (!manifest.triggers.has(key)) throw new Error(`The manifest has no scheduled trigger ${key}.`);
    ranAt.set(key, clock.now());
    noteRun({ trigger: key, ranAt: clock.now() });
    const running = runTrigger(key).finally(() => runningTriggers.delete(running));
    runningTriggers.add(running);
    return running;
  };

  const dueOfTrigger = (key: string, intervalMs: number): number => {
    const last = ranAt.get(key);
    return last === undefined ? 0 : last + intervalMs;
  };
  const dueTriggers = (): string[] =>
    started
      ? [...manifest.triggers]
          .filter(([key, { intervalMs }]) => dueOfTrigger(key, intervalMs) <= clock.now())
          .map(([key]) => key)
      : [];
  /** The next time at which something becomes due that is not due yet. */
  const nextDue = (): number => {
    const now = clock.now();
    const times = store.events().map(({ dueAt }) => dueAt);
    if (started) for (const [key, { intervalMs }] of manifest.triggers) times.push(dueOfTrigger(key, intervalMs));
    return times.filter((time) => time > now).reduce((first, time) => Math.min(first, time), Number.POSITIVE_INFINITY);
  };

  const runEverythingDue = async (): Promise<void> => {
    for (const key of dueTriggers()) void run(key);
    await Promise.all(runningTriggers);
    await dispatcher.drain(dispatcher.isDue);
  };

  const tick = (): void => {
    if (!started || stopped) return;
    for (const key of dueTriggers()) void run(key);
    dispatcher.startDue();
    // What is due and has no room is started when something settles.
    sleep(Math.min(nextDue() - clock.now(), longestNapMs));
  };
  const sleep = (milliseconds: number): void => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(tick, Math.max(0, milliseconds));
    timer.unref();
  };
  const wake = (): void => {
    if (started && !stopped) sleep(0);
  };

  return {
    wake,
    trigger: async (key) => {
      const before = dispatcher.started();
      const lineage = await run(key);
      const horizon = clock.now() + earlyMs;
      const early = new Set(
        store
          .events()
          .filter((event) => event.lineage === lineage && event.dueAt <= horizon)
          .map(({ id }) => id),
      );
      // An event that was delivered once carries a retry context: its retry waits for its own time.
      const waitsEarly = (event: StoredEvent) => early.has(event.id) && event.retryContext === null;
      for (;;) {
        await dispatcher.drain(dispatcher.isDue);
        const next = store.events().find(waitsEarly);
        if (!next || stopped) break;
        await dispatcher.drain(
          (event) => dispatcher.isDue(event) || (waitsEarly(event) && event.dueAt < next.dueAt + turnMs),
        );
      }
      return { invocations: 1 + dispatcher.started() - before };
    },
    advance: async (seconds) => {
      const target = clock.now() + seconds * 1_000;
      for (;;) {
        await runEverythingDue();
        const next = nextDue();
        if (next > target || stopped) break;
        clock.advance(Math.max(0, next - clock.now()));
      }
      clock.advance(Math.max(0, target - clock.now()));
      await runEverythingDue();
      wake();
    },
    drain: runEverythingDue,
    start: () => {
      started = true;
      wake();
    },
    stop: () => {
      stopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}
