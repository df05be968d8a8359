import type { Bucket, ChartPeriod } from '../../../src/domain/tally';
import { useTimeFormat } from '../../shared/reader';
import { chartTexts as texts } from './texts';

/** How moments of a period are written: short on an axis, and whole for the stretch that begins there. */
export function useBucketTimes(buckets: readonly Bucket[], period: ChartPeriod) {
  const hour = { hour: 'numeric', minute: '2-digit' } as const;
  const axis = useTimeFormat(
    period === '24h' ? hour : { day: 'numeric', month: 'short', ...(period === '7d' && { weekday: 'short' }) },
  );
  const from = useTimeFormat({ weekday: 'short', day: 'numeric', month: 'short', ...hour });
  const to = useTimeFormat(hour);
  const lengthMs = (buckets[1]?.at ?? 0) - (buckets[0]?.at ?? 0);
  return { axis, span: (at: number) => texts.span(from(at), to(at + lengthMs)) };
}
