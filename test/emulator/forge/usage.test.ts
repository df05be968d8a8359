import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queue } from '@forge/events';
import { kvs } from '@forge/kvs';
import { fixtureForge } from './fixture/forge';

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
