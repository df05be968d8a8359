import type { ChartPeriod, MailResult } from '../../../src/domain/tally';

/** Every word of the charts. */
export const chartTexts = {
  section: 'Mail over time',
  loading: 'Loading the charts',
  loadFailed: 'The charts could not be loaded',
  retry: 'Load again',
  periods: { '24h': '24 hours', '7d': '7 days', '30d': '30 days' } satisfies Record<ChartPeriod, string>,
  periodLabel: 'Period of the charts',
  asTable: 'Show as a table',
  asCharts: 'Show as charts',
  empty: 'No poll has taken mail in this period. The charts begin with the first mail that arrives.',
  results: 'Mail by result',
  duration: 'How long polls took',
  durationHint: 'Polls that found nothing are noted every 15 minutes only.',
  backlog: 'Mail that was waiting',
  average: 'Average',
  longest: 'Longest',
  waiting: 'Waiting at most',
  polls: 'Polls',
  time: 'Time',
  none: 'Nothing noted',
  span: (from: string, to: string) => `${from} to ${to}`,
  summary: (chart: string, period: string) =>
    `${chart}, last ${period}. Arrow keys move through it; the table has the same numbers.`,
  milliseconds: (ms: number) =>
    ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`,
} as const;

/** The results that polls note, in the order in which their bars stand on each other. */
export const charted = ['created', 'skipped', 'failed', 'quarantined', 'gone'] as const satisfies readonly MailResult[];
export type Charted = (typeof charted)[number];
export const chartedTexts: Readonly<Record<Charted, string>> = {
  created: 'Issue created',
  skipped: 'Skipped',
  failed: 'Failed try',
  quarantined: 'Quarantined',
  gone: 'Gone',
};
