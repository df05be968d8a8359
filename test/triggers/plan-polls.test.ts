import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../src/domain/connection';
import type { PollRequest } from '../../src/domain/ports';
import { planFiveMinutes, planPolls } from '../../src/triggers/plan-polls';
import { settingsOf } from '../support/world';

const start = Date.UTC(2026, 10, 20, 9);
const minute = 60_000;

function connectionsOf(count: number, intervalMinutes: number): Connection[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `connection-${index}`,
    version: 1,
    state: 'enabled',
    settings: settingsOf({ name: `Box ${index}`, intervalMinutes }),
    logUntil: 0,
    createdAt: start,
    updatedAt: start,
  }));
}

/** A planner over these connections, with what it pushes and writes. */
function planner(enabled: Connection[]) {
  const pushed: PollRequest[] = [];
  let anchor: number | null = null;
  let writes = 0;
  let failures = 0;
  const states: (string | undefined)[] = [];
  const failing = { polls: false, alerts: false };
  let asked = 0;
  const ports = (now: number) => ({
    now: () => now,
    connections: {
      get: async () => null,
      list: async (state?: string) => {
        states.push(state);
        if (failures > 0) {
          failures -= 1;
          throw new Error('The storage is down.');
        }
        return enabled;
      },
      withName: async () => null,
      insert: async () => undefined,
      save: async (connection: Connection) => connection,
      amend: async () => undefined,
      remove: async () => undefined,
    },
    planState: {
      get: async () => anchor,
      put: async (value: number) => {
        anchor = value;
        writes += 1;
      },
    },
    queue: {
      push: async (requests: readonly PollRequest[]) => {
        if (failing.polls) throw new Error('No room for polls.');
        pushed.push(...requests);
      },
    },
    requestAlerts: async () => {
      asked += 1;
      if (failing.alerts) throw new Error('No room for alerts.');
    },
  });
  return {
    pushed,
    failing,
    asked: () => asked,
    five: (now: number) => planFiveMinutes(ports(now)),
    writes: () => writes,
    states,
    failNext: () => {
      failures = 1;
    },
    run: (now: number) => planPolls(ports(now)),
  };
}

test('pushes one event a minute for a connection polled every minute, each for its second', async () => {
  const { run, pushed } = planner(connectionsOf(1, 1));
  await run(start);
  assert.equal(pushed.length, 5);
  assert.deepEqual(new Set(pushed.map(({ connectionIds }) => connectionIds.join())), new Set(['connection-0']));
  const delays = pushed.map(({ delaySeconds }) => delaySeconds);
  assert.deepEqual(
    delays.slice(1).map((delay, index) => delay - (delays[index] ?? 0)),
    [60, 60, 60, 60],
  );
  assert.ok(pushed.every(({ force }) => !force));
});

test('gives each poll an event of its own as long as there are few', async () => {
  const { run, pushed } = planner(connectionsOf(80, 1));
  await run(start);
  assert.deepEqual(
    [pushed.length, new Set(pushed.map(({ connectionIds }) => connectionIds.length))],
    [400, new Set([1])],
  );
});

test('asks for enabled connections only, and writes nothing once its grid is laid', async () => {
  const { run, states, writes } = planner(connectionsOf(3, 1));
  for (let round = 0; round < 12; round += 1) await run(start + round * 5 * minute);
  assert.deepEqual(new Set(states), new Set(['enabled']));
  assert.equal(writes(), 1);
});

test('keeps below the 500 events a minute of the platform with 1,000 connections, and leaves none of them out', async () => {
  const enabled = connectionsOf(1_000, 1);
  const { run, pushed } = planner(enabled);
  await run(start);
  assert.ok(pushed.length <= 400, `${pushed.length} events`);
  const polls = new Map<string, number>();
  for (const { connectionIds } of pushed) {
    for (const id of connectionIds) polls.set(id, (polls.get(id) ?? 0) + 1);
  }
  assert.equal(polls.size, 1_000);
  for (const [id, count] of polls) assert.ok(count >= 5, `${id} is polled ${count} times in five minutes`);
});

test('spreads 1,000 connections over the minute, each polled a minute after the last time', async () => {
  const { run, pushed } = planner(connectionsOf(1_000, 1));
  const polledAt = new Map<string, number[]>();
  for (let round = 0; round < 4; round += 1) {
    const now = start + round * 5 * minute;
    await run(now);
    for (const { connectionIds, delaySeconds } of pushed.splice(0)) {
      for (const id of connectionIds) polledAt.set(id, [...(polledAt.get(id) ?? []), now + delaySeconds * 1_000]);
    }
  }
  const bySecond = new Map<number, number>();
  for (const [id, times] of polledAt) {
    assert.equal(times.length, 20, id);
    times.sort((a, b) => a - b);
    for (const [index, time] of times.entries()) {
      bySecond.set(time, (bySecond.get(time) ?? 0) + 1);
      // The very beginning of a window that does not begin with a second rounds down.
      if (index > 0) assert.ok(Math.abs(time - (times[index - 1] ?? 0) - minute) <= 1_000, `${id} at ${times.join()}`);
    }
  }
  // 1,000 over 60 seconds are 17 each; at random, none gets three times as many.
  assert.ok(Math.max(...bySecond.values()) < 50, `${Math.max(...bySecond.values())} in one second`);
});

test('names the same group for a connection in every window, whatever its interval and neighbours', async () => {
  const { run, pushed } = planner([
    ...connectionsOf(200, 1),
    ...connectionsOf(300, 3).map((one) => ({ ...one, id: `slow-${one.id}` })),
  ]);
  const groupsOf = new Map<string, Set<string | undefined>>();
  for (let round = 0; round < 4; round += 1) await run(start + round * 5 * minute + round * 1_700);
  for (const { connectionIds, group } of pushed) {
    for (const id of connectionIds) groupsOf.set(id, (groupsOf.get(id) ?? new Set()).add(group));
  }
  assert.equal(groupsOf.size, 500);
  for (const [id, names] of groupsOf) assert.match([...names].join(), /^second-\d+$/, id);
});

test('plans at another try when the storage fails once, and leaves nobody unpolled for five minutes', async () => {
  const { run, pushed, failNext } = planner(connectionsOf(1, 1));
  failNext();
  await run(start);
  assert.equal(pushed.length, 5);
});

test('pushes nothing when nothing is enabled', async () => {
  const { run, pushed } = planner([]);
  await run(start);
  assert.deepEqual(pushed, []);
});

test('asks for a run of the alerts besides, and neither keeps the other from its turn', async () => {
  const { five, pushed, asked, failing } = planner(connectionsOf(1, 5));
  await five(start);
  assert.deepEqual([pushed.length, asked()], [1, 1]);
  failing.polls = true;
  await assert.rejects(five(start + 5 * minute), /No room for polls/);
  assert.equal(asked(), 2);
  failing.polls = false;
  failing.alerts = true;
  await assert.rejects(five(start + 10 * minute), /No room for alerts/);
  assert.equal(pushed.length, 2);
});
