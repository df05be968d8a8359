import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueTimes, planningWindow } from '../../src/domain/schedule';

const minute = 60_000;
const start = Date.UTC(2026, 10, 20, 9);

/** Every poll that a planner would push whose runs come at these times. */
function polls(id: string, interval: number, runs: readonly number[]): number[] {
  let anchor: number | null = null;
  return runs.flatMap((now) => {
    const window = planningWindow(now, anchor);
    anchor = window.anchor;
    return dueTimes(id, interval, window.from, window.to);
  });
}

function gaps(times: readonly number[]): Set<number> {
  return new Set(times.slice(1).map((time, index) => time - (times[index] ?? 0)));
}

for (const interval of [1, 2, 5, 7, 59, 60]) {
  test(`polls every ${interval} minutes to the minute, over three hours of punctual planning`, () => {
    const runs = Array.from({ length: 36 }, (_, index) => start + index * 5 * minute);
    const times = polls('some-connection', interval, runs);
    assert.deepEqual(gaps(times), times.length < 2 ? new Set() : new Set([interval * minute]));
    assert.equal(Math.abs(times.length - 180 / interval) <= 1, true);
  });

  test(`leaves out and doubles no poll of every ${interval} minutes when the trigger is up to 100 seconds early or late`, () => {
    const runs = Array.from(
      { length: 60 },
      (_, index) => start + index * 5 * minute + ((index * 7_919) % 200_000) - 100_000,
    );
    runs[0] = start;
    const times = polls('some-connection', interval, runs);
    assert.deepEqual(gaps(times), times.length < 2 ? new Set() : new Set([interval * minute]));
  });
}

test('keeps its grid while the trigger is near it, so that planning writes nothing', () => {
  assert.equal(planningWindow(start + 7 * 5 * minute + 90_000, start).anchor, start);
  assert.equal(planningWindow(start + 7 * 5 * minute - 90_000, start).from, start + 7 * 5 * minute);
});

test('lays the grid anew when the trigger has moved for good', () => {
  const moved = start + 7 * 5 * minute + 140_000;
  assert.deepEqual(planningWindow(moved, start), { from: moved, to: moved + 5 * minute, anchor: moved });
});

test('spreads connections over the minute', () => {
  const seconds = new Set(
    Array.from({ length: 200 }, (_, index) => {
      const [due = 0] = dueTimes(`connection-${index}`, 1, start, start + minute);
      return Math.floor((due - start) / 1_000);
    }),
  );
  assert.ok(seconds.size > 45, `only ${seconds.size} different seconds`);
});
