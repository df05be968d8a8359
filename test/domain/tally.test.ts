import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPoll, bucketsOf, type PollFacts, type Tally } from '../../src/domain/tally';

const hour = 3_600_000;
const noon = Date.UTC(2026, 10, 20, 12);
const poll = (at: number, change: Partial<PollFacts> = {}): PollFacts => ({
  at,
  tookMs: 100,
  results: { created: 1 },
  waiting: 0,
  ...change,
});
const tallyOf = (...polls: PollFacts[]): Tally =>
  polls.reduce<Tally | null>((tally, facts) => addPoll(tally, facts), null) ?? { hours: [], quarters: [] };

test('adds up the polls of an hour: their mail, their time, the longest of them, and the most that waited', () => {
  const tally = tallyOf(
    poll(noon + 1, { results: { created: 2, failed: 1 }, tookMs: 300, waiting: 4 }),
    poll(noon + 59 * 60_000, { results: { created: 1, quarantined: 1 }, tookMs: 100, waiting: 1 }),
  );
  const expected = {
    at: noon,
    results: { created: 3, failed: 1, quarantined: 1 },
    polls: 2,
    pollMs: 400,
    longestMs: 300,
    waiting: 4,
  };
  assert.deepEqual(tally, { hours: [expected], quarters: [expected] });
});

test('begins a bucket with each hour and with each quarter of a day', () => {
  const { hours, quarters } = tallyOf(poll(noon - 1), poll(noon), poll(noon + hour), poll(noon + 6 * hour - 1));
  assert.deepEqual(
    hours.map(({ at }) => at),
    [noon - hour, noon, noon + hour, noon + 5 * hour],
  );
  assert.deepEqual(
    quarters.map(({ at, polls }) => [at, polls]),
    [
      [noon - 6 * hour, 1],
      [noon, 3],
    ],
  );
});

test('keeps a day of hours and thirty days of quarters, and no more', () => {
  const polls = Array.from({ length: 40 * 24 }, (_, index) => poll(noon + index * hour));
  const { hours, quarters } = tallyOf(...polls);
  assert.deepEqual([hours.length, quarters.length], [24, 120]);
  assert.equal(hours.at(-1)?.at, noon + (40 * 24 - 1) * hour);
});

test('shows each stretch of a period once, empty ones too, the last of them not over yet', () => {
  const now = noon + 30 * 60_000;
  const tally = tallyOf(poll(noon - 23 * hour), poll(noon - 24 * hour + 1), poll(noon - 3 * hour), poll(noon));
  const day = bucketsOf([tally], '24h', now);
  assert.equal(day.length, 24);
  assert.deepEqual([day[0]?.at, day.at(-1)?.at], [noon - 23 * hour, noon]);
  assert.deepEqual(
    day.flatMap(({ at, polls }) => (polls > 0 ? [(at - noon) / hour] : [])),
    [-23, -3, 0],
  );
  for (const [period, count] of [
    ['7d', 28],
    ['30d', 120],
  ] as const) {
    const buckets = bucketsOf([tally], period, now);
    assert.equal(buckets.length, count);
    assert.equal(
      buckets.reduce((sum, { polls }) => sum + polls, 0),
      4,
    );
  }
  assert.deepEqual(
    bucketsOf([], '24h', now).every(({ polls, results }) => polls === 0 && Object.keys(results).length === 0),
    true,
  );
});

test('adds up several connections: their mail waits side by side', () => {
  const one = tallyOf(poll(noon, { waiting: 3, tookMs: 50 }), poll(noon + 1, { waiting: 2, tookMs: 50 }));
  const other = tallyOf(poll(noon, { waiting: 4, tookMs: 900, results: { gone: 1 } }));
  const last = bucketsOf([one, other], '24h', noon).at(-1);
  assert.deepEqual(last, {
    at: noon,
    results: { created: 2, gone: 1 },
    polls: 3,
    pollMs: 1_000,
    longestMs: 900,
    waiting: 7,
  });
});
