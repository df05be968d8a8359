/** Writes that one issue takes in so many milliseconds; Jira refuses more (`jira-per-issue-on-write`). */
const windows = [
  { writes: 20, ms: 2_000 },
  { writes: 100, ms: 30_000 },
] as const;
const longestMs = 30_000;

interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface WritePace {
  /** Notes a write that was made without `pace`: that of making the issue. */
  wrote(issueKey: string): void;
  /** Waits before a write where this process has written so often to the issue that Jira would refuse another. */
  pace<T>(issueKey: string, write: () => Promise<T>): Promise<T>;
}

export function writePace({ now, sleep }: Clock): WritePace {
  const writes = new Map<string, number[]>();
  const wrote = (issueKey: string) => {
    for (const [key, times] of writes) if (now() - (times.at(-1) ?? 0) >= longestMs) writes.delete(key);
    writes.set(issueKey, [...(writes.get(issueKey) ?? []), now()].slice(-100));
  };
  const waitMs = (issueKey: string): number => {
    const times = writes.get(issueKey) ?? [];
    return Math.max(
      0,
      ...windows.map(({ writes: max, ms }) => (times.at(-max) ?? Number.NEGATIVE_INFINITY) + ms - now()),
    );
  };
  return {
    wrote,
    pace: async (issueKey, write) => {
      for (let wait = waitMs(issueKey); wait > 0; wait = waitMs(issueKey)) await sleep(wait);
      try {
        return await write();
      } finally {
        // Not before: Jira counts from when it took the write.
        wrote(issueKey);
      }
    },
  };
}
