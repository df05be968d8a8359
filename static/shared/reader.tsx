import Tooltip from '@atlaskit/tooltip';
import { view } from '@forge/bridge';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** A moment seen from `now`, both epoch milliseconds: "2 minutes ago", "in 3 hours". */
export function relativeTime(moment: number, now: number): string {
  const distance = moment - now;
  for (const [unit, length] of units) {
    if (Math.abs(distance) >= length) return words.format(Math.trunc(distance / length), unit);
  }
  return words.format(0, 'second');
}

const TimeZone = createContext<string | undefined>(undefined);

/** Asks the product for the reader's time zone; until it answers, and where it has none, the browser's own counts. */
export function ReaderProvider({ children }: { children: ReactNode }) {
  const [timeZone, setTimeZone] = useState<string | undefined>(undefined);
  useEffect(() => {
    view.getContext().then(
      (context) => setTimeZone(context.timezone || undefined),
      () => setTimeZone(undefined),
    );
  }, []);
  return <TimeZone.Provider value={timeZone}>{children}</TimeZone.Provider>;
}

/** The reader's time zone; undefined: the browser's own. */
export function useTimeZone(): string | undefined {
  return useContext(TimeZone);
}

/** A function that writes a moment (epoch milliseconds) out in the reader's time zone. */
export function useTimeFormat(options: Intl.DateTimeFormatOptions): (moment: number) => string {
  const timeZone = useTimeZone();
  const format = new Intl.DateTimeFormat('en', { ...options, timeZone });
  return (moment) => format.format(moment);
}

/** The same, with the date and the zone's name. */
export function useExactTime(): (moment: number) => string {
  return useTimeFormat({ dateStyle: 'medium', timeStyle: 'long' });
}

/** A function that writes the time of day of a moment (epoch milliseconds) in the reader's time zone: "09:31:07.250". */
export function useClockTime(): (moment: number) => string {
  const timeZone = useContext(TimeZone);
  const format = new Intl.DateTimeFormat('en', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZone,
  });
  return (moment) => format.format(moment);
}

/** How long ago a moment (epoch milliseconds) was; when exactly, is in a tooltip. */
export function Moment({ time }: { time: number }) {
  const exactTime = useExactTime();
  return (
    <Tooltip content={exactTime(time)} tag="span">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the tooltip must be within reach of the keyboard too. */}
      <time dateTime={new Date(time).toISOString()} tabIndex={0}>
        {relativeTime(time, Date.now())}
      </time>
    </Tooltip>
  );
}
