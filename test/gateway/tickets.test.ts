import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tickets } from '../../src/gateway/tickets';

test('what is kept is given once, and only to the installation that it is of', () => {
  const kept = tickets<string>(1_000, () => {});
  const ticket = kept.keep('one', 'work');
  assert.equal(kept.take('two', ticket), null);
  assert.equal(kept.take('one', ticket), 'work');
  assert.equal(kept.take('one', ticket), null);
  assert.equal(kept.take('one', 'guessed'), null);
});

test('what nobody comes for is dropped, and what was taken is not', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const dropped: string[] = [];
  const kept = tickets<string>(1_000, (work) => void dropped.push(work));
  const taken = kept.keep('one', 'taken');
  const left = kept.keep('one', 'left');
  kept.take('one', taken);
  mock.timers.tick(999);
  assert.deepEqual(dropped, []);
  mock.timers.tick(1);
  assert.deepEqual(dropped, ['left']);
  assert.equal(kept.take('one', left), null);
});
