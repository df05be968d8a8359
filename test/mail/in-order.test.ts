import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { inOrder } from '../../src/mail/in-order';

const items = Array.from({ length: 12 }, (_, n) => n);

test('results come in the order of the items, whichever is ready first, and never more run than allowed', async () => {
  let underWay = 0;
  let most = 0;
  const results: number[] = [];
  const work = async (item: number) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await setTimeout(item % 3 === 0 ? 20 : 1);
    underWay -= 1;
    return item;
  };
  for await (const result of inOrder(items, { parallel: 4, weight: () => 0, maxWeight: 1 }, work)) results.push(result);
  assert.deepEqual(results, items);
  assert.equal(most, 4);
});

test('heavy items wait for each other, and one that is too heavy alone still runs', async () => {
  let load = 0;
  let most = 0;
  const weights = [3, 3, 3, 50, 3];
  const weight = (item: number) => weights[item] ?? 0;
  const work = async (item: number) => {
    load += weight(item);
    most = Math.max(most, load);
    await setTimeout(5);
    return item;
  };
  const results: number[] = [];
  for await (const result of inOrder([0, 1, 2, 3, 4], { parallel: 4, weight, maxWeight: 6 }, work)) {
    results.push(result);
    load -= weight(result);
  }
  assert.deepEqual(results, [0, 1, 2, 3, 4]);
  assert.equal(most, 50);
});

test('what is under way is told to stop when one fails, or when nobody wants more', async () => {
  let stopped = 0;
  const work = async (item: number, signal: AbortSignal) => {
    if (item === 1) throw new Error('the second fails');
    if (item === 0) return item;
    await setTimeout(60_000, undefined, { signal }).catch((error: unknown) => {
      stopped += 1;
      throw error;
    });
    return item;
  };
  const options = { parallel: 3, weight: () => 0, maxWeight: 1 };
  await assert.rejects(async () => {
    for await (const _ of inOrder(items, options, work)) assert.equal(stopped, 0);
  }, /the second fails/);
  for await (const first of inOrder([0, 2, 3], options, work)) {
    assert.equal(first, 0);
    break;
  }
  await setTimeout(1);
  assert.ok(stopped >= 3, `${stopped} stopped`);
});
