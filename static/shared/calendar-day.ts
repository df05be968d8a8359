const dayMs = 24 * 60 * 60_000;

/** The parts of a moment (epoch milliseconds) as a clock on the wall of a time zone shows it. */
function wallClock(moment: number, timeZone: string | undefined): Record<string, number> {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
}

/** Milliseconds that a time zone (the browser's if undefined) is ahead of UTC at a moment. */
function offsetAt(moment: number, timeZone: string | undefined): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = wallClock(moment, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1_000) * 1_000;
}

/** The day of a moment (epoch milliseconds) in a time zone, as YYYY-MM-DD. */
export function dayOf(moment: number, timeZone: string | undefined): string {
  return new Date(moment + offsetAt(moment, timeZone)).toISOString().slice(0, 10);
}

/**
 * The first moment (epoch milliseconds) of a day (YYYY-MM-DD) in a time zone; null for what is no day. Where a change of
 * the clocks leaves out midnight, the day begins later.
 */
export function startOfDay(day: string, timeZone: string | undefined): number | null {
  const midnight = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(midnight)) return null;
  const candidates = [midnight - dayMs, midnight + dayMs].map((near) => midnight - offsetAt(near, timeZone));
  const within = candidates.filter((moment) => dayOf(moment, timeZone) === day);
  return Math.min(...(within.length > 0 ? within : candidates));
}
