import Button from '@atlaskit/button/new';
import { Inline, Stack, Text } from '@atlaskit/primitives';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { type ChartPeriod, chartPeriods } from '../../../src/domain/tally';
import { call } from '../../shared/call';
import { Section } from '../../shared/form-section';
import { Loading } from '../../shared/layout';
import { QueryNotice } from '../../shared/query-notice';
import { useQuery } from '../../shared/use-query';
import { BucketTable } from './bucket-table';
import { chartTexts as texts } from './texts';

// The chart library is larger than all the rest of a screen, and what stands beside the charts need not wait for it.
const BucketCharts = lazy(async () => {
  const { BucketCharts } = await import('./bucket-charts');
  return { default: BucketCharts };
});

/** Milliseconds between two looks: each reads what all connections have noted. */
const refreshMs = 5 * 60_000;

interface Props {
  /** Empty for all connections together. */
  connectionId: string;
  /** Epoch milliseconds of the last news that the page knows of: the charts are loaded anew when it changes. */
  newsAt: number | null;
}

/** What became of mail, how long polls took and how much waited. */
export function MailCharts({ connectionId, newsAt }: Props) {
  const [period, setPeriod] = useState<ChartPeriod>('24h');
  const [isTable, setTable] = useState(false);
  const load = useCallback(
    () => call('activity.charts', { period, ...(connectionId !== '' && { connectionId }) }),
    [period, connectionId],
  );
  const query = useQuery(load, refreshMs);
  const { reload } = query;
  const known = useRef(newsAt);
  useEffect(() => {
    if (known.current === newsAt) return;
    known.current = newsAt;
    void reload();
  }, [newsAt, reload]);
  const buckets = query.value?.buckets ?? null;
  const isEmpty = buckets?.every(({ polls }) => polls === 0) ?? false;

  return (
    <Section title={texts.section}>
      <Inline space="space.100" rowSpace="space.100" spread="space-between" alignBlock="center" shouldWrap>
        <Inline role="group" aria-label={texts.periodLabel} space="space.050">
          {chartPeriods.map((name) => (
            <Button
              key={name}
              spacing="compact"
              isSelected={name === period}
              aria-pressed={name === period}
              onClick={() => setPeriod(name)}
            >
              {texts.periods[name]}
            </Button>
          ))}
        </Inline>
        {!isEmpty && (
          <Button appearance="subtle" spacing="compact" onClick={() => setTable(!isTable)}>
            {isTable ? texts.asCharts : texts.asTable}
          </Button>
        )}
      </Inline>
      <QueryNotice query={query} texts={texts} />
      {isEmpty && <Text color="color.text.subtle">{texts.empty}</Text>}
      {buckets !== null && !isEmpty && (
        <Stack>
          {isTable ? (
            <BucketTable buckets={buckets} period={period} />
          ) : (
            <Suspense fallback={<Loading label={texts.loading} />}>
              <BucketCharts buckets={buckets} period={period} />
            </Suspense>
          )}
        </Stack>
      )}
    </Section>
  );
}
