import type { Clock } from '../emulator/clock';
import type { SeenCall } from '../emulator/forge/forge';

/** Notes when each connection was polled, by what every poll reads first. Milliseconds. */
export interface PollWatch {
  observe(call: SeenCall): void;
  /** Forgets what it saw, and begins now: pauses are counted from here. */
  begin(): void;
  polls(): number;
  /** Connections that have trouble of their own right now. */
  noteTrouble(connectionIds: Iterable<string>): void;
  /** Between two polls of this connection, but for those during which it had trouble. */
  pauses(connectionId: string): number[];
  /** The most polls that began in one second. */
  mostInASecond(): number;
}

/** How often trouble is looked for, and as long it may go unseen at either end. */
export const lookMs = 20_000;

const cursorRead = /kvs\/api\/v1\/batch\/get connection\/(\S+) cursor\/\S+$/;

export function createPollWatch(clock: Clock): PollWatch {
  const times = new Map<string, number[]>();
  const seconds = new Map<number, number>();
  const trouble = new Map<string, number[]>();
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
      trouble.clear();
      beganAt = clock.now();
    },
    noteTrouble(connectionIds) {
      for (const id of connectionIds) trouble.set(id, [...(trouble.get(id) ?? []), clock.now()]);
    },
    polls: () => [...seconds.values()].reduce((sum, count) => sum + count, 0),
    pauses(id) {
      const moments = [beganAt, ...(times.get(id) ?? []), clock.now()];
      const troubled = trouble.get(id) ?? [];
      return moments.slice(1).flatMap((moment, index) => {
        const last = moments[index] ?? 0;
        const isTroubled = troubled.some((at) => at > last - lookMs && at < moment + lookMs);
        return isTroubled ? [] : [moment - last];
      });
    },
    mostInASecond: () => Math.max(0, ...seconds.values()),
  };
}
