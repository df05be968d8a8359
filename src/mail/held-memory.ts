import { AppError } from '../domain/app-error';

/** Counts what is held in memory for one owner, of which many share a program. */
export interface Memory {
  /** @throws AppError `gateway-memory` when the owner would hold too much; then nothing is counted */
  take(bytes: number): void;
  give(bytes: number): void;
  /** Names what can be had again: `drop` lets go of it when memory is short. Returns how to take the name back. */
  spare(drop: () => void): () => void;
}

/** Memory that nobody counts. */
export const uncounted: Memory = { take() {}, give() {}, spare: () => () => {} };

/** One thing that grows and shrinks. */
export interface Meter {
  /** Counts the thing as `bytes` long from now on. @throws AppError `gateway-memory` */
  set(bytes: number): void;
}

export function meter(memory: Memory): Meter {
  let counted = 0;
  return {
    set(bytes) {
      if (bytes > counted) memory.take(bytes - counted);
      else if (bytes < counted) memory.give(counted - bytes);
      counted = bytes;
    },
  };
}

export const memoryIsShort = () =>
  new AppError(
    'gateway-memory',
    'transient',
    'The gateway holds as much mail for this site as it may hold at a time. It is tried again. If this stays, whoever runs the gateway can give it more (GATEWAY_MEMORY_MB_PER_INSTALLATION).',
    { retryAfterMs: 30_000 },
  );
