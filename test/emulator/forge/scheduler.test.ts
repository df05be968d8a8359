import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AsyncEvent, InvocationError, InvocationErrorCode, Queue } from '@forge/events';
import { systemClock } from '../clock';
import { fixtureForge, stillClock, temporaryFolder } from './fixture/forge';
import { until } from './fixture/wait';

const short = new Queue({ key: 'short' });
const done = { statusCode: 204 };

test('calls a scheduled trigger as Forge does', async () => {
  let seen: unknown[] = [];
  const often = (...args: unknown[]) => {
    seen = args;
    return done;
  };
  const forge = await fixtureForge({ functions: { often } });
  assert.deepEqual(await forge.trigger('often'), { invocations: 1 });
  const [request, context] = seen;
  assert.match(
    JSON.stringify(request),
    /^\{"context":\{"cloudId":"[0-9a-f-]{36}","moduleKey":"often"\},"contextToken":"\w+"\}$/,
  );
  assert.match(JSON.stringify(context), /"installContext":"ari:cloud:jira::site\/[0-9a-f-]{36}"/);
});

test('refuses a trigger that the manifest does not declare', async () => {
  const forge = await fixtureForge();
  await assert.rejects(forge.trigger('never'), /no scheduled trigger never/);
});

test('runs early, in due order, what the trigger pushed for the next five minutes, and leaves the clock alone', async () => {
  const clock = stillClock();
  const order: unknown[] = [];
  const often = async () => {
    await short.push([240, 301, 0, 60, 300].map((delayInSeconds) => ({ body: { delayInSeconds }, delayInSeconds })));
    return done;
  };
  const consumeShort = async ({ body }: AsyncEvent) => void order.push(body.delayInSeconds);
  const forge = await fixtureForge({ clock, functions: { often, consumeShort } });
  const before = clock.now();
  assert.deepEqual(await forge.trigger('often'), { invocations: 5 });
  assert.deepEqual(order, [0, 60, 240, 300]);
  assert.equal(clock.now(), before);
  assert.deepEqual(
    forge.events().map(({ dueAt }) => dueAt - before),
    [301_000],
  );
});

test('leaves to their time what consumers push with a delay, what they retry, and what was there before', async () => {
  const clock = stillClock();
  const seen: unknown[] = [];
  const often = async () => {
    await short.push([
      { body: { what: 'again' }, delayInSeconds: 10 },
      { body: { what: 'fails' } },
      { body: { what: 'asks' } },
    ]);
    return done;
  };
  const consumeShort = async ({ body }: AsyncEvent) => {
    seen.push(body.what);
    if (body.what === 'again') await short.push([{ body, delayInSeconds: 10 }, { body: { what: 'at once' } }]);
    if (body.what === 'fails') throw new Error('down');
    if (body.what !== 'asks') return undefined;
    return new InvocationError({ retryAfter: 5, retryReason: InvocationErrorCode.FUNCTION_RETRY_REQUEST });
  };
  const forge = await fixtureForge({ clock, functions: { often, consumeShort } });
  await forge.run(() => short.push({ body: { what: 'earlier' }, delayInSeconds: 100 }));
  assert.deepEqual(await forge.trigger('often'), { invocations: 5 });
  assert.deepEqual(seen.slice(0, 2).sort(), ['asks', 'fails']);
  assert.deepEqual(seen.slice(2), ['again', 'at once']);
  const waiting = forge.events().map(({ body, dueAt, retries }) => [body.what, (dueAt - clock.now()) / 1_000, retries]);
  assert.deepEqual(waiting, [
    ['asks', 5, 1],
    ['fails', 10, 1],
    ['again', 10, 0],
    ['earlier', 100, 0],
  ]);
});

test('runs what is due anyway', async () => {
  const delivered: unknown[] = [];
  const forge = await fixtureForge({
    functions: { often: () => done, consumeShort: async (event: AsyncEvent) => void delivered.push(event) },
  });
  await forge.run(() => short.push({ body: {} }));
  assert.deepEqual(await forge.trigger('often'), { invocations: 2 });
  assert.equal(delivered.length, 1);
});

test('logs a trigger that fails or does not answer with a status code', async () => {
  const lines: string[] = [];
  let answer: () => unknown = () => undefined;
  const forge = await fixtureForge({ functions: { often: () => answer() }, log: (line) => lines.push(line) });
  await forge.trigger('often');
  assert.match(lines.join('\n'), /424/);
  lines.length = 0;
  answer = () => done;
  await forge.trigger('often');
  assert.deepEqual(lines, []);
  answer = () => {
    throw new Error('broken');
  };
  assert.deepEqual(await forge.trigger('often'), { invocations: 1 });
  assert.match(lines.join('\n'), /broken/);
  assert.equal(forge.usage().invocations.often?.failures, 1);
});

test('moves the clock from one due event to the next', async () => {
  const clock = stillClock(0);
  const seen: unknown[] = [];
  const consumeShort = async ({ body }: AsyncEvent) => {
    seen.push([body.n, clock.now()]);
    if (body.n === 1) await short.push({ body: { n: 3 }, delayInSeconds: 5 });
  };
  const forge = await fixtureForge({ clock, functions: { consumeShort } });
  await forge.run(() =>
    short.push([
      { body: { n: 2 }, delayInSeconds: 20 },
      { body: { n: 1 }, delayInSeconds: 10 },
    ]),
  );
  await forge.drain();
  assert.deepEqual(seen, []);
  await forge.advance(19);
  assert.equal(clock.now(), 19_000);
  assert.deepEqual(seen, [
    [1, 10_000],
    [3, 15_000],
  ]);
  await forge.advance(1);
  assert.deepEqual(seen.at(-1), [2, 20_000]);
});

test('runs triggers at their intervals once it is started, and not before', async () => {
  const clock = stillClock();
  const forge = await fixtureForge({ clock, functions: { often: () => done, hourly: () => done } });
  await forge.advance(3_600);
  assert.equal(forge.usage().invocations.often, undefined);
  forge.start();
  await forge.advance(3_600);
  assert.equal(forge.usage().invocations.often?.count, 13);
  assert.equal(forge.usage().invocations.hourly?.count, 2);
});

test('runs by itself what becomes due once it is started', async () => {
  const delivered: unknown[] = [];
  const often = async () => {
    await short.push([{ body: {} }, { body: {}, delayInSeconds: 1 }]);
    return done;
  };
  const forge = await fixtureForge({
    clock: systemClock(),
    functions: { often, hourly: () => done, consumeShort: async (event: AsyncEvent) => void delivered.push(event) },
  });
  forge.start();
  await until(() => delivered.length === 2, 'both events are delivered');
  await forge.run(() => short.push({ body: {} }));
  await until(() => delivered.length === 3, 'the event that was pushed later is delivered');
});

test('remembers over a restart when a trigger ran', async () => {
  const clock = stillClock();
  const directory = await temporaryFolder();
  const functions = { often: () => done, hourly: () => done };
  const before = await fixtureForge({ clock, directory, functions });
  before.start();
  await before.advance(1);
  await before.close();
  const forge = await fixtureForge({ clock, directory, functions });
  forge.start();
  await forge.advance(298);
  assert.equal(forge.usage().invocations.often, undefined);
  await forge.advance(1);
  assert.equal(forge.usage().invocations.often?.count, 1);
});
