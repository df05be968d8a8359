import type { Clock } from '../clock';

/** Counts in fixed windows of the clock. */
export interface RateLimit {
  /** Takes `units` if the window has them left. */
  take(units: number): boolean;
}

export function createRateLimit(clock: Clock, windowMs: number, most: number): RateLimit {
  let window = -1;
  let used = 0;
  return {
    take: (units) => {
      const now = Math.floor(clock.now() / windowMs);
      if (now !== window) {
        window = now;
        used = 0;
      }
      if (used + units > most) return false;
      used += units;
      return true;
    },
  };
}
