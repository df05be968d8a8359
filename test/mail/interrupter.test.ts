import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { interrupter } from '../../src/mail/interrupter';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

/** How many of ten results are held still when nobody wants them any more. */
async function heldAfter(race: (work: Promise<object>) => Promise<object>): Promise<number> {
  const results: WeakRef<object>[] = [];
  for (let count = 0; count < 10; count++) results.push(new WeakRef(await race(Promise.resolve({ count }))));
  for (let round = 0; round < 3; round++) {
    await pause();
    collect();
  }
  return results.filter((result) => result.deref() !== undefined).length;
}

test('what was waited for is not held for as long as it could be interrupted', async () => {
  const ends = interrupter();
  // The last one may be in a register still.
  assert.ok((await heldAfter(ends.race)) <= 1);
  ends.interrupt(new Error('over'));
});

test('the negative control: a race against a promise that stays pending holds every result', async () => {
  let settle = () => {};
  const pending = new Promise<object>((resolve) => {
    settle = () => resolve({});
  });
  assert.equal(await heldAfter((work) => Promise.race([work, pending])), 10);
  settle();
});

test('an interruption fails what is waited for and whatever comes after it, by its first cause', async () => {
  const ends = interrupter();
  let fail: (error: Error) => void = () => {};
  const work = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const waited = assert.rejects(ends.race(work), /first/);
  ends.interrupt(new Error('first'));
  ends.interrupt(new Error('second'));
  await waited;
  // Not unhandled, though nobody waits for it any more.
  fail(new Error('late'));
  await assert.rejects(ends.race(Promise.resolve(1)), /first/);
});

test('a result and a failure come through', async () => {
  const ends = interrupter();
  assert.equal(await ends.race(Promise.resolve(1)), 1);
  await assert.rejects(ends.race(Promise.reject(new Error('own'))), /own/);
});
