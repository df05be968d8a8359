import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AsyncEvent,
  InternalServerError,
  InvocationError,
  InvocationErrorCode,
  InvocationLimitReachedError,
  PayloadTooBigError,
  Queue,
  RateLimitError,
} from '@forge/events';
import { fixtureForge, stillClock } from './fixture/forge';
import { latch, until } from './fixture/wait';

const short = new Queue({ key: 'short' });
const long = new Queue({ key: 'long' });

test('delivers an event with its body, its job and its id', async () => {
  const seen: AsyncEvent[] = [];
  const forge = await fixtureForge({ functions: { consumeShort: async (event: AsyncEvent) => void seen.push(event) } });
  const { jobId } = await forge.run(() => short.push([{ body: { n: 1 } }, { body: { n: 2 } }]));
  assert.deepEqual(await forge.run(() => short.getStats(jobId)), { success: 0, inProgress: 2, failed: 0 });
  await forge.drain();
  assert.deepEqual(seen.map(({ body }) => body).sort(), [{ n: 1 }, { n: 2 }]);
  assert.deepEqual(
    new Set(seen.map((event) => [event.jobId, event.queueName, event.retryContext].join())),
    new Set([`${jobId},short,`]),
  );
  assert.equal(new Set(seen.map(({ eventId }) => eventId)).size, 2);
  assert.deepEqual(await forge.run(() => short.getStats(jobId)), { success: 2, inProgress: 0, failed: 0 });
});

test('refuses a queue without a consumer', async () => {
  const forge = await fixtureForge();
  await assert.rejects(
    forge.run(() => new Queue({ key: 'nobody' }).push({ body: {} })),
    InternalServerError,
  );
});

test('limits a push to 200 KB, and an event for a long-running function to 100 KB', async () => {
  const forge = await fixtureForge();
  const body = (kilobytes: number) => ({ body: { text: 'x'.repeat(kilobytes * 1024 - 100) } });
  await forge.run(async () => {
    await short.push(body(150));
    await long.push([body(99), body(99)]);
    await assert.rejects(long.push(body(101)), PayloadTooBigError);
  });
  assert.equal(forge.events().length, 3);
});

test('refuses delays that are not whole seconds from 0 to 900', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    await short.push({ body: {}, delayInSeconds: 900 });
    await assert.rejects(short.push({ body: {}, delayInSeconds: 1.5 }), InternalServerError);
    await assert.rejects(short.push({ body: {}, delayInSeconds: 901 }));
  });
});

test('takes 500 events a minute', async () => {
  const clock = stillClock();
  const forge = await fixtureForge({ clock });
  const fifty = Array.from({ length: 50 }, () => ({ body: {} }));
  await forge.run(async () => {
    for (let n = 0; n < 10; n += 1) await short.push(fifty);
    await assert.rejects(short.push({ body: {} }), RateLimitError);
    clock.advance(60_000);
    await short.push({ body: {} });
  });
});

test('ends pushes after 1,000 of one invocation’s descendants, one after the other or side by side', async () => {
  const clock = stillClock();
  let deliveries = 0;
  let refused: unknown;
  const consumeShort = async () => {
    deliveries += 1;
    // Keeps clear of the limit on events a minute.
    clock.advance(200);
    await short.push({ body: {} }).catch((error: unknown) => {
      refused = error;
    });
  };
  const forge = await fixtureForge({ clock, functions: { consumeShort } });
  await forge.run(() => short.push([{ body: {} }, { body: {} }]));
  await forge.drain();
  // The first push and 999 of theirs; each of the two events that were not pushed on ends its branch.
  assert.equal(deliveries, 1_001);
  assert.ok(refused instanceof InvocationLimitReachedError);
  await forge.run(() => short.push({ body: {} }));
});

test('runs no more events of a concurrency key at a time than its limit, across queues', async () => {
  const running = new Map<string, number>();
  let most = 0;
  let count = 0;
  const consume = async ({ body }: AsyncEvent) => {
    const key = String(body.key);
    running.set(key, (running.get(key) ?? 0) + 1);
    most = Math.max(most, running.get(key) ?? 0);
    count += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    running.set(key, (running.get(key) ?? 0) - 1);
  };
  const forge = await fixtureForge({ functions: { consumeShort: consume, consumeLong: consume } });
  await forge.run(async () => {
    for (let n = 0; n < 4; n += 1) {
      const queue = n % 2 === 0 ? short : long;
      await queue.push({ body: { key: 'a', n }, concurrency: { key: 'a', limit: 1 } });
      await queue.push({ body: { key: 'b' }, concurrency: { key: 'b', limit: 2 } });
    }
  });
  await forge.advance(300);
  assert.equal(count, 8);
  assert.equal(most, 2);
});

test('postpones what a concurrency limit refuses, longer each time and spread, so that a later event may come first', async () => {
  const clock = stillClock();
  const started = clock.now();
  const at: [unknown, number][] = [];
  const { opened, open } = latch();
  const consumeShort = async ({ body }: AsyncEvent) => {
    at.push([body.name, (clock.now() - started) / 1_000]);
    if (body.name === 'slow') await opened;
  };
  const spread = [0, 1, 0.5];
  const forge = await fixtureForge({ clock, functions: { consumeShort }, random: () => spread.shift() ?? 0.5 });
  const concurrency = { key: 'a', limit: 1 };
  await forge.run(() =>
    short.push([
      { body: { name: 'slow' }, concurrency },
      { body: { name: 'refused' }, concurrency },
    ]),
  );
  // It begins with the slow one at work: 5 s less a fifth, then 10 s and a fifth, then 20 s.
  const draining = forge.drain();
  await until(() => at.length === 1, 'the slow one is at work');
  assert.deepEqual(
    forge.events().map(({ dueAt, retries }) => [(dueAt - started) / 1_000, retries]),
    [
      [0, 0],
      [4, 0],
    ],
  );
  clock.advance(4_000);
  await forge.run(() => short.push({ body: { name: 'other' } }));
  const again = forge.drain();
  await until(() => at.length === 2, 'the other one came');
  assert.equal((forge.events().at(-1)?.dueAt ?? 0) - started, 16_000);
  open();
  await Promise.all([draining, again]);
  await forge.run(() => short.push({ body: { name: 'later' }, concurrency, delayInSeconds: 2 }));
  await forge.advance(60);
  assert.deepEqual(at, [
    ['slow', 0],
    ['other', 4],
    ['later', 6],
    ['refused', 16],
  ]);
});

test('runs events without a key side by side', async () => {
  const { opened, open } = latch();
  let running = 0;
  const consumeShort = async () => {
    running += 1;
    if (running === 3) open();
    await opened;
  };
  const forge = await fixtureForge({ functions: { consumeShort } });
  await forge.run(() => short.push([{ body: {} }, { body: {} }, { body: {} }]));
  await forge.drain();
  assert.equal(running, 3);
});

test('delivers again after the time that the app asks for, with its data', async () => {
  const clock = stillClock();
  const seen: AsyncEvent[] = [];
  const consumeShort = async (event: AsyncEvent) => {
    seen.push(event);
    if (seen.length > 2) return undefined;
    const retryReason = InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED;
    return new InvocationError({ retryAfter: 30, retryReason, retryData: { try: seen.length } });
  };
  const forge = await fixtureForge({ clock, functions: { consumeShort } });
  const { jobId } = await forge.run(() => short.push({ body: { n: 1 } }));
  await forge.drain();
  await forge.advance(29);
  assert.equal(seen.length, 1);
  await forge.advance(1);
  assert.equal(seen.length, 2);
  await forge.advance(30);
  const [first, second, third] = seen;
  assert.equal(first?.retryContext, undefined);
  assert.equal(second?.eventId, first?.eventId);
  assert.deepEqual(third?.retryContext, {
    retryCount: 2,
    retryReason: 'FUNCTION_UPSTREAM_RATE_LIMITED',
    retryData: { try: 2 },
    retentionWindow: { startTime: '2026-11-20T12:00:00.000Z', remainingTimeMs: 24 * 3_600_000 - 60_000 },
  });
  assert.deepEqual(await forge.run(() => short.getStats(jobId)), { success: 1, inProgress: 0, failed: 0 });
});

test('delivers again with growing pauses when the function throws, until a day is over', async () => {
  const clock = stillClock();
  const at: number[] = [];
  const consumeShort = async () => {
    at.push(clock.now());
    throw new Error('down');
  };
  const forge = await fixtureForge({ clock, functions: { consumeShort } });
  const { jobId } = await forge.run(() => short.push({ body: {} }));
  await forge.advance(25 * 3_600);
  const pauses = at.slice(1).map((time, n) => (time - (at[n] ?? 0)) / 1_000);
  assert.deepEqual(pauses.slice(0, 8), [10, 20, 40, 80, 160, 320, 640, 900]);
  assert.ok((at.at(-1) ?? 0) - (at[0] ?? 0) <= 24 * 3_600_000);
  assert.deepEqual(forge.events(), []);
  assert.deepEqual(await forge.run(() => short.getStats(jobId)), { success: 0, inProgress: 0, failed: 1 });
});

test('treats retry data above 4 KB as a failure of the function', async () => {
  const consumeShort = async () =>
    new InvocationError({
      retryAfter: 1,
      retryReason: InvocationErrorCode.FUNCTION_RETRY_REQUEST,
      retryData: 'x'.repeat(4_096),
    });
  const forge = await fixtureForge({ functions: { consumeShort } });
  await forge.run(() => short.push({ body: {} }));
  await forge.advance(9);
  assert.equal(forge.usage().invocations.consumeShort?.count, 1);
});

test('does not deliver the events of a cancelled job, nor retry the one that runs', async () => {
  const { opened, open } = latch();
  let deliveries = 0;
  const consumeShort = async () => {
    deliveries += 1;
    await opened;
    throw new Error('down');
  };
  const forge = await fixtureForge({ functions: { consumeShort } });
  const { jobId } = await forge.run(() => short.push([{ body: {} }, { body: {}, delayInSeconds: 60 }]));
  const drained = forge.drain();
  await until(() => deliveries === 1, 'the first event is delivered');
  await forge.run(() => short.cancel(jobId));
  open();
  await drained;
  await forge.advance(3_600);
  assert.equal(deliveries, 1);
  assert.deepEqual(await forge.run(() => short.getStats(jobId)), { success: 0, inProgress: 0, failed: 2 });
});
