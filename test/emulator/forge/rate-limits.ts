import type { Clock } from '../clock';

/** Counts in fixed windows of the clock. */
export interface RateLimit {
  /** Takes `units` if the window has them left. */
  take(units: number): boolean;
}

/** `note` is told what each call makes of its window: the units used in it, and whether they were refused. */
export function createRateLimit(
  clock: Clock,
  windowMs: number,
  most: number,
  note: (used: number, refused: boolean) => void,
): RateLimit {
  let window = -1;
  let used = 0;
  return {
    take: (units) => {
      const now = Math.floor(clock.now() / windowMs);
      if (now !== window) {
        window = now;
        used = 0;
      }
      const refused = used + units > most;
      if (!refused) used += units;
      note(used, refused);
      return !refused;
    },
  };
}
