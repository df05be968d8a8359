import type { Clock } from '../emulator/clock';
import type { SeenCall } from '../emulator/forge/forge';

/** Notes when each connection was polled, by the cursor that every poll reads. Milliseconds. */
export interface PollWatch {
  observe(call: SeenCall): void;
  /** Forgets what it saw, and begins now: pauses are counted from here. */
  begin(): void;
  polls(): number;
  /** Between two polls of each of these connections. */
  pauses(connectionIds: Iterable<string>): number[];
  /** The most polls that began in one second. */
  mostInASecond(): number;
}

const cursorRead = /kvs\/api\/v1\/get cursor:(\S+)$/;

export function createPollWatch(clock: Clock): PollWatch {
  const times = new Map<string, number[]>();
  const seconds = new Map<number, number>();
  let beganAt = 0;
  return {
    observe({ functionKey, label }) {
      const id = functionKey === 'poll' ? cursorRead.exec(label)?.[1] : undefined;
      if (id === undefined) return;
      const now = clock.now();
      const second = Math.floor(now / 1_000);
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
      const seen = times.get(id);
      if (seen === undefined) times.set(id, [now]);
      else seen.push(now);
    },
    begin() {
      times.clear();
      seconds.clear();
      beganAt = clock.now();
    },
    polls: () => [...seconds.values()].reduce((sum, count) => sum + count, 0),
    pauses(connectionIds) {
      const now = clock.now();
      return [...connectionIds].flatMap((id) => {
        const moments = [beganAt, ...(times.get(id) ?? []), now];
        return moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
      });
    },
    mostInASecond: () => Math.max(0, ...seconds.values()),
  };
}
