import { type ActivityResult, activityResults } from './activity';

/** What became of mail; a changed setting is none. */
export type MailResult = Exclude<ActivityResult, 'changed'>;
export const mailResults = activityResults.filter((result): result is MailResult => result !== 'changed');
export type ResultCounts = Partial<Record<MailResult, number>>;

/** What one poll came to. */
export interface PollFacts {
  /** Epoch milliseconds of its end. */
  at: number;
  tookMs: number;
  results: ResultCounts;
  /** Messages that were listed and are not finished. */
  waiting: number;
}

/** What the polls of a stretch of time came to. Only polls count that did something, or noted that they ran. */
export interface Bucket {
  /** Epoch milliseconds of its beginning. */
  at: number;
  results: ResultCounts;
  polls: number;
  /** Milliseconds of all its polls, and of the longest. */
  pollMs: number;
  longestMs: number;
  /** The most messages that were waiting at the end of one of its polls. */
  waiting: number;
}

/** A connection's last day by hours, and its last month by quarters of a day. Stretches without a poll are left out. */
export interface Tally {
  hours: Bucket[];
  quarters: Bucket[];
}

const hourMs = 3_600_000;
const quarterMs = 6 * hourMs;

/** Days that a tally reaches back. */
export const tallyDays = 30;

/** The periods that charts show: so many buckets of that length, the last of them not over yet. */
export const chartPeriods = ['24h', '7d', '30d'] as const;
export type ChartPeriod = (typeof chartPeriods)[number];
const layouts: Readonly<Record<ChartPeriod, { from: keyof Tally; bucketMs: number; count: number }>> = {
  '24h': { from: 'hours', bucketMs: hourMs, count: 24 },
  '7d': { from: 'quarters', bucketMs: quarterMs, count: 7 * 4 },
  '30d': { from: 'quarters', bucketMs: quarterMs, count: tallyDays * 4 },
};

/** The tally with one more poll, without what is too old to be shown. */
export function addPoll(tally: Tally | null, facts: PollFacts): Tally {
  return {
    hours: added(tally?.hours ?? [], facts, '24h'),
    quarters: added(tally?.quarters ?? [], facts, '30d'),
  };
}

function added(buckets: readonly Bucket[], facts: PollFacts, period: ChartPeriod): Bucket[] {
  const { bucketMs, count } = layouts[period];
  const at = beginning(facts.at, bucketMs);
  const kept = buckets.filter((bucket) => bucket.at > at - count * bucketMs && bucket.at !== at);
  const { results, tookMs, waiting } = facts;
  const now: Bucket = { at, results, polls: 1, pollMs: tookMs, longestMs: tookMs, waiting };
  const before = buckets.find((bucket) => bucket.at === at);
  const bucket =
    before === undefined ? now : { ...merged(before, now), waiting: Math.max(before.waiting, now.waiting) };
  return [...kept, bucket].sort((one, other) => one.at - other.at);
}

/** What is shown of a period: the buckets of all the tallies together, one for each stretch of it, the oldest first. */
export function bucketsOf(tallies: readonly Tally[], period: ChartPeriod, now: number): Bucket[] {
  const { from, bucketMs, count } = layouts[period];
  const last = beginning(now, bucketMs);
  const byTime = new Map<number, Bucket>();
  for (let index = count - 1; index >= 0; index -= 1) {
    const at = last - index * bucketMs;
    byTime.set(at, { at, results: {}, polls: 0, pollMs: 0, longestMs: 0, waiting: 0 });
  }
  for (const bucket of tallies.flatMap((tally) => tally[from])) {
    const before = byTime.get(bucket.at);
    if (before === undefined) continue;
    // Different mailboxes wait side by side.
    byTime.set(bucket.at, { ...merged(before, bucket), waiting: before.waiting + bucket.waiting });
  }
  return [...byTime.values()];
}

function merged(one: Bucket, other: Bucket): Omit<Bucket, 'waiting'> {
  return {
    at: one.at,
    results: addCounts(one.results, other.results),
    polls: one.polls + other.polls,
    pollMs: one.pollMs + other.pollMs,
    longestMs: Math.max(one.longestMs, other.longestMs),
  };
}

/** How many entries have each result. */
export function countsOf(entries: readonly { result: ActivityResult }[]): ResultCounts {
  return entries.reduce<ResultCounts>((sum, { result }) => addCounts(sum, { [result]: 1 }), {});
}

/** The sum of two counts. */
export function addCounts(one: ResultCounts, other: ResultCounts): ResultCounts {
  const sum: ResultCounts = {};
  for (const result of mailResults) {
    const count = (one[result] ?? 0) + (other[result] ?? 0);
    if (count > 0) sum[result] = count;
  }
  return sum;
}

/** Whole hours and quarters of a day of the world's time: where a reader's day begins is for the page to say. */
const beginning = (at: number, lengthMs: number) => Math.floor(at / lengthMs) * lengthMs;
