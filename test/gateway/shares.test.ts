import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dynamicShares } from '../../src/gateway/shares';

/** Takes as many places as the owner gets. */
function takeAll(shares: ReturnType<typeof dynamicShares>, owner: string): (() => void)[] {
  const taken: (() => void)[] = [];
  for (let back = shares.take(owner); back !== null; back = shares.take(owner)) taken.push(back);
  return taken;
}

test('each owner takes at most what it leaves free, so that the next one always finds places', () => {
  const shares = dynamicShares(200, 200);
  const counts = ['one', 'two', 'three', 'four', 'five'].map((owner) => takeAll(shares, owner).length);
  assert.deepEqual(counts, [100, 50, 25, 13, 6]);
});

test('what is given back is free for whoever has less', () => {
  const shares = dynamicShares(8, 8);
  const [first] = takeAll(shares, 'one');
  assert.equal(takeAll(shares, 'two').length, 2);
  first?.();
  first?.();
  assert.notEqual(shares.take('two'), null);
  assert.equal(shares.take('one'), null);
});

test('an owner gets no more than its own limit, however many are free', () => {
  assert.equal(takeAll(dynamicShares(200, 3), 'one').length, 3);
});

test('the only place there is can be taken', () => {
  assert.equal(takeAll(dynamicShares(1, 9), 'one').length, 1);
});
