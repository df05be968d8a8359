import { Grid } from '@atlaskit/primitives';
import { token } from '@atlaskit/tokens';
import { Bar, BarChart, Line, LineChart } from 'recharts';
import type { Bucket, ChartPeriod } from '../../../src/domain/tally';
import { axes, ChartFrame, type Series } from './chart-frame';
import { type Charted, charted, chartedTexts, chartTexts as texts } from './texts';
import { useBucketTimes } from './use-bucket-times';

const colors: Readonly<Record<Charted, string>> = {
  created: token('color.chart.success'),
  skipped: token('color.chart.neutral'),
  failed: token('color.chart.warning'),
  quarantined: token('color.chart.danger'),
  gone: token('color.chart.gray.boldest'),
};
const average: Series = { key: 'average', label: texts.average, color: token('color.chart.blue.bold') };
const longest: Series = { key: 'longest', label: texts.longest, color: token('color.chart.purple.bold') };
const waiting: Series = { key: 'waiting', label: texts.waiting, color: token('color.chart.teal.bold') };

interface Props {
  buckets: readonly Bucket[];
  period: ChartPeriod;
}

/** Three charts over the same time. */
export function BucketCharts({ buckets, period }: Props) {
  const times = useBucketTimes(buckets, period);
  const rows = buckets.map(rowOf);
  // What never happened in the period needs no line in the legend.
  const seen = charted.filter((result) => buckets.some(({ results }) => (results[result] ?? 0) > 0));
  const results = (seen.length === 0 ? (['created'] as const) : seen).map(
    (key): Series => ({ key, label: chartedTexts[key], color: colors[key] }),
  );
  const count = (value: number) => value.toLocaleString('en');
  const counted = axes({ time: times.axis, value: count, span: times.span });
  const timed = axes({ time: times.axis, value: texts.milliseconds, span: times.span });
  return (
    <Grid gap="space.300" templateColumns="repeat(auto-fit, minmax(min(100%, 20rem), 1fr))">
      <ChartFrame title={texts.results} series={results} period={period}>
        <BarChart data={rows}>
          {counted}
          {results.map(({ key, label, color }) => (
            <Bar key={key} dataKey={key} name={label} fill={color} stackId="mail" isAnimationActive={false} />
          ))}
        </BarChart>
      </ChartFrame>
      <ChartFrame title={texts.duration} hint={texts.durationHint} series={[average, longest]} period={period}>
        <LineChart data={rows}>
          {timed}
          {[average, longest].map(({ key, label, color }) => (
            <Line
              key={key}
              dataKey={key}
              name={label}
              stroke={color}
              strokeWidth={2}
              dot={{ r: period === '30d' ? 1 : 2 }}
              connectNulls
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      </ChartFrame>
      <ChartFrame title={texts.backlog} series={[waiting]} period={period}>
        <BarChart data={rows}>
          {counted}
          <Bar dataKey={waiting.key} name={waiting.label} fill={waiting.color} isAnimationActive={false} />
        </BarChart>
      </ChartFrame>
    </Grid>
  );
}

function rowOf({ at, results, polls, pollMs, longestMs, waiting }: Bucket) {
  const isPolled = polls > 0;
  return {
    at,
    ...Object.fromEntries(charted.map((result) => [result, results[result] ?? 0])),
    // A stretch without a poll has no duration, which is not the same as none.
    average: isPolled ? pollMs / polls : null,
    longest: isPolled ? longestMs : null,
    waiting,
  };
}
