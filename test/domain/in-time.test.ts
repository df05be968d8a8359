import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inTime } from '../../src/domain/in-time';

const late = () => new Error('late');
const never = () => new Promise<never>(() => undefined);
const timersOf = ({ mock }: TestContext) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  return mock.timers;
};

test('work that heeds no signal ends all the same, and not before its time', async (context) => {
  const timers = timersOf(context);
  let ended = false;
  const call = inTime(1_000, late, never).finally(() => {
    ended = true;
  });
  call.catch(() => undefined);
  timers.tick(999);
  await Promise.resolve();
  assert.equal(ended, false);
  timers.tick(1);
  await assert.rejects(call, /late/);
});

test('the signal is aborted when time is over, and not while there is time', async (context) => {
  const timers = timersOf(context);
  let signal: AbortSignal | undefined;
  const call = inTime(1_000, late, (bound) => {
    signal = bound.signal;
    return never();
  });
  assert.equal(signal?.aborted, false);
  timers.tick(1_000);
  assert.equal(signal?.aborted, true);
  await assert.rejects(call, /late/);
});

test('an answer and a failure that come later are dropped', async (context) => {
  const timers = timersOf(context);
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const ends: (() => void)[] = [];
  const calls = [
    inTime(1_000, late, () => new Promise((resolve) => ends.push(() => resolve('late answer')))),
    inTime(1_000, late, () => new Promise((_, reject) => ends.push(() => reject(new Error('late failure'))))),
  ];
  timers.tick(1_000);
  for (const call of calls) await assert.rejects(call, /late$/);
  for (const end of ends) end();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});

test('progress begins the time anew', async (context) => {
  const timers = timersOf(context);
  let extend = () => {};
  let finish = (_value: string) => {};
  const call = inTime(1_000, late, (bound) => {
    extend = bound.extend;
    return new Promise<string>((resolve) => {
      finish = resolve;
    });
  });
  timers.tick(900);
  extend();
  timers.tick(900);
  finish('whole');
  assert.equal(await call, 'whole');
});

test('a caller that waits no longer ends it at once, also one that had stopped before', async () => {
  const stop = new AbortController();
  const call = inTime(60_000, late, never, stop.signal);
  stop.abort();
  await assert.rejects(call, /late/);
  let asked = false;
  const work = async () => {
    asked = true;
  };
  await assert.rejects(inTime(60_000, late, work, stop.signal), /late/);
  assert.equal(asked, false);
});

test('what fails at once fails as it is', async () => {
  const failing = async () => {
    throw new TypeError('broken');
  };
  await assert.rejects(inTime(60_000, late, failing), /broken/);
});
