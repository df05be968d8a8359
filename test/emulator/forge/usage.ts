import type { Fault, Usage } from './forge';

/** Counts what Forge bills and limits, since the emulator started. */
export interface Meter {
  invocation(functionKey: string, milliseconds: number, memoryMB: number, failed: boolean): void;
  kvsRead(bytes: number): void;
  kvsWrite(bytes: number): void;
  events(count: number, bytes: number): void;
  egress(target: string): void;
  log(bytes: number, dropped: boolean): void;
  fault(fault: Fault): void;
  limit(name: string, used: number, of: number, refused: boolean): void;
  forgetLimits(): void;
  usage(): Usage;
}

export function createMeter(): Meter {
  const invocations: Usage['invocations'] = {};
  const kvs: Usage['kvs'] = { reads: 0, writes: 0, bytesRead: 0, bytesWritten: 0 };
  const queue: Usage['queue'] = { events: 0, bytes: 0 };
  const egress: Usage['egress'] = {};
  const logs: Usage['logs'] = { lines: 0, bytes: 0, dropped: 0 };
  const faults: Usage['faults'] = {};
  let limits: Usage['limits'] = {};

  return {
    invocation: (functionKey, milliseconds, memoryMB, failed) => {
      const entry = invocations[functionKey] ?? { count: 0, milliseconds: 0, gbSeconds: 0, failures: 0 };
      entry.count += 1;
      entry.milliseconds += milliseconds;
      entry.gbSeconds += (milliseconds / 1_000) * (memoryMB / 1_024);
      if (failed) entry.failures += 1;
      invocations[functionKey] = entry;
    },
    kvsRead: (bytes) => {
      kvs.reads += 1;
      kvs.bytesRead += bytes;
    },
    kvsWrite: (bytes) => {
      kvs.writes += 1;
      kvs.bytesWritten += bytes;
    },
    events: (count, bytes) => {
      queue.events += count;
      queue.bytes += bytes;
    },
    egress: (target) => {
      egress[target] = (egress[target] ?? 0) + 1;
    },
    log: (bytes, dropped) => {
      if (dropped) logs.dropped += 1;
      else {
        logs.lines += 1;
        logs.bytes += bytes;
      }
    },
    fault: ({ when, kind, match }) => {
      const name = `${when} ${kind} ${match}`;
      faults[name] = (faults[name] ?? 0) + 1;
    },
    limit: (name, used, of, refused) => {
      const before = limits[name] ?? { most: 0, of, refused: 0 };
      limits[name] = { most: Math.max(before.most, used), of, refused: before.refused + (refused ? 1 : 0) };
    },
    forgetLimits: () => {
      limits = {};
    },
    usage: () => structuredClone({ invocations, kvs, queue, egress, logs, limits, faults }),
  };
}
