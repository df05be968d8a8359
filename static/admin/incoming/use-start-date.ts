import { useEffect, useState } from 'react';
import type { StartChoice } from '../../../src/resolvers/contract';
import { dayOf, startOfDay } from '../../shared/calendar-day';
import { useTimeZone } from '../../shared/reader';
import { enableTexts as texts } from './enable-texts';

const defaultDays = 30;
const dayMs = 24 * 60 * 60_000;
/** While somebody types a year, each digit makes another date: only one that stays for this long (ms) is counted. */
const settledMs = 600;

/** The day from which on mail is wanted, in the reader's time zone: thirty days ago until it is changed. */
export function useStartDate() {
  const timeZone = useTimeZone();
  const [entered, setEntered] = useState<string | null>(null);
  const day = entered ?? dayOf(Date.now() - defaultDays * dayMs, timeZone);
  const [settled, setSettled] = useState(day);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(day), entered === null ? 0 : settledMs);
    return () => clearTimeout(timer);
  }, [day, entered]);

  const since = startOfDay(day, timeZone);
  const problem =
    since === null ? texts.noDay : since > Date.now() ? texts.futureDay : since < 0 ? texts.ancientDay : null;
  const start: StartChoice | null =
    problem === null && since !== null && settled === day ? { from: 'since', since } : null;
  return { day, problem, start, change: setEntered };
}
