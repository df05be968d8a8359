import { DynamicTableStateless } from '@atlaskit/dynamic-table';
import { Box, xcss } from '@atlaskit/primitives';
import type { ReactNode } from 'react';
import type { Bucket, ChartPeriod } from '../../../src/domain/tally';
import { charted, chartedTexts, chartTexts as texts } from './texts';
import { useBucketTimes } from './use-bucket-times';

const scrollStyles = xcss({ overflowX: 'auto' });
const timeStyles = xcss({ whiteSpace: 'nowrap' });

/** The numbers of the charts, the newest first; stretches without a poll are left out. */
export function BucketTable({ buckets, period }: { buckets: readonly Bucket[]; period: ChartPeriod }) {
  const { span } = useBucketTimes(buckets, period);
  const columns: [title: string, cell: (bucket: Bucket) => ReactNode][] = [
    [texts.time, ({ at }) => <Box xcss={timeStyles}>{span(at)}</Box>],
    ...charted.map((result): [string, (bucket: Bucket) => string] => [
      chartedTexts[result],
      ({ results }) => String(results[result] ?? 0),
    ]),
    [texts.polls, ({ polls }) => String(polls)],
    [texts.average, ({ pollMs, polls }) => texts.milliseconds(pollMs / polls)],
    [texts.longest, ({ longestMs }) => texts.milliseconds(longestMs)],
    [texts.waiting, ({ waiting }) => String(waiting)],
  ];
  const polled = buckets.filter(({ polls }) => polls > 0).toReversed();
  return (
    <Box xcss={scrollStyles}>
      <DynamicTableStateless
        label={texts.section}
        head={{ cells: columns.map(([title]) => ({ key: title, content: title })) }}
        rows={polled.map((bucket) => ({
          key: String(bucket.at),
          cells: columns.map(([title, cell]) => ({ key: title, content: cell(bucket) })),
        }))}
      />
    </Box>
  );
}
