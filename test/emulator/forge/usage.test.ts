import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queue } from '@forge/events';
import { kvs } from '@forge/kvs';
import { fixtureForge, stillClock } from './fixture/forge';
import { refusedWith } from './fixture/refusals';
import type { SeenCall } from './forge';

test('counts invocations, their time and what it costs at the memory of the manifest', async () => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  const forge = await fixtureForge({ functions: { resolve: pause } });
  const call = { module: 'page', functionKey: 'x', payload: {}, accountId: null };
  await forge.invoke(call);
  await forge.invoke(call);
  const { resolve } = forge.usage().invocations;
  assert.equal(resolve?.count, 2);
  assert.equal(resolve?.failures, 0);
  assert.ok((resolve?.milliseconds ?? 0) >= 38, String(resolve?.milliseconds));
  assert.ok(Math.abs((resolve?.gbSeconds ?? 0) - ((resolve?.milliseconds ?? 0) / 1_000) * 0.25) < 1e-9);
});

test('counts storage requests and bytes: a missing key is a read, a refused write is none', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    await kvs.get('a');
    await kvs.set('a', 'x'.repeat(1_000));
    await kvs.get('a');
    await kvs.batchGet([{ key: 'a' }, { key: 'b' }]);
    await kvs.set('a', 1, { keyPolicy: 'FAIL_IF_EXISTS' }).catch(() => undefined);
  });
  const { reads, writes, bytesRead, bytesWritten } = forge.usage().kvs;
  assert.deepEqual([reads, writes], [3, 1]);
  assert.ok(bytesRead > 2_000 && bytesRead < 2_500, String(bytesRead));
  assert.ok(bytesWritten > 1_000 && bytesWritten < 1_100, String(bytesWritten));
});

test('counts events', async () => {
  const forge = await fixtureForge();
  await forge.run(() => new Queue({ key: 'short' }).push([{ body: { a: 1 } }, { body: {} }]));
  assert.deepEqual(forge.usage().queue, { events: 2, bytes: '{"body":{"a":1}}{"body":{}}'.length });
});

test('hands on what functions log, up to 100 lines and 200 KB a runtime minute', async () => {
  const lines: string[] = [];
  const forge = await fixtureForge({ log: (line) => lines.push(line) });
  const logging = (count: number, line: string) => () => {
    const { console: stdio } = globalThis;
    for (let n = 0; n < count; n += 1) stdio.log(line, n);
  };
  await forge.run(logging(101, 'line'));
  assert.deepEqual([lines.length, lines[0], lines.at(-1)], [100, '[run] line 0', '[run] line 99']);
  assert.deepEqual(forge.usage().logs, { lines: 100, bytes: 690, dropped: 1 });
  await forge.run(logging(101, 'line'), { timeoutSeconds: 61 });
  assert.equal(forge.usage().logs.lines, 201);
  await forge.run(logging(3, 'x'.repeat(99 * 1024)));
  assert.deepEqual([forge.usage().logs.lines, forge.usage().logs.dropped], [203, 2]);
});

test('gives a copy: what is done to it changes nothing', async () => {
  const forge = await fixtureForge();
  forge.usage().kvs.reads = 99;
  assert.equal(forge.usage().kvs.reads, 0);
});

test('tells how full each limit was, and how often one was met', async () => {
  const clock = stillClock();
  const forge = await fixtureForge({ clock });
  await forge.run(async () => {
    for (let n = 0; n < 4_000; n += 1) {
      if (n % 1_000 === 0) clock.advance(1_000);
      await kvs.get('missing');
    }
    clock.advance(1_000);
    await assert.rejects(kvs.get('missing'), refusedWith('TOO_MANY_REQUESTS', 429));
  });
  assert.deepEqual(forge.usage().limits, {
    'storage requests a second': { most: 1_000, of: 1_000, refused: 0 },
    'storage reads a minute': { most: 4_000, of: 4_000, refused: 1 },
  });
  forge.forgetLimits();
  assert.deepEqual(forge.usage().limits, {});
});

test('counts the calls that suffered a fault, and tells of every call', async () => {
  const seen: SeenCall[] = [];
  const forge = await fixtureForge({ observe: (call) => seen.push(call) });
  forge.setFaults([{ match: 'kvs/api/v1/set a', when: 'after', kind: 'error', times: 5 }]);
  await forge.run(async () => {
    await kvs.set('a', 1).catch(() => undefined);
    await kvs.set('b', 1);
  });
  assert.deepEqual(forge.usage().faults, { 'after error kvs/api/v1/set a': 1 });
  const call = (label: string) => ({ functionKey: 'run', label });
  assert.deepEqual(seen, [call('POST kvs/api/v1/set a'), call('POST kvs/api/v1/set b')]);
});
