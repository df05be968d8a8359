import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asApp, invokeRemote, ProxyRequestError, route } from '@forge/api';
import { Queue } from '@forge/events';
import { ForgeKvsAPIError, kvs } from '@forge/kvs';
import { fixtureForge, notingProduct } from './fixture/forge';
import { refusedWith } from './fixture/refusals';
import { notingServer } from './fixture/server';
import type { Fault } from './forge';

const fault = (match: string, rest: Partial<Fault> = {}): Fault => ({
  match,
  when: 'before',
  kind: 'error',
  times: 1,
  ...rest,
});
const short = new Queue({ key: 'short' });

test('fails a call before or after its effect, as often as it was told', async () => {
  const forge = await fixtureForge();
  forge.setFaults([fault('kvs/api/v1/set', { times: 2 })]);
  await forge.run(async () => {
    await assert.rejects(kvs.set('a', 1), refusedWith('INJECTED_FAULT', 500));
    await assert.rejects(kvs.set('a', 1), refusedWith('INJECTED_FAULT', 500));
    assert.deepEqual(forge.storage(''), {});
    await kvs.set('a', 1);
    forge.setFaults([fault('kvs/api/v1/set', { when: 'after', status: 503 })]);
    await assert.rejects(kvs.set('a', 2), refusedWith('INJECTED_FAULT', 503));
    assert.deepEqual(forge.storage(''), { a: 2 });
  });
});

test('lets pass what does not match, and what it was told to skip', async () => {
  const forge = await fixtureForge();
  forge.setFaults([fault('kvs/api/v1/set receipt:', { skip: 1 })]);
  await forge.run(async () => {
    await kvs.set('cursor:1', 1);
    await kvs.setSecret('receipt:1', 'x');
    await kvs.get('receipt:1');
    await kvs.set('receipt:1', 1);
    await assert.rejects(kvs.set('receipt:2', 1));
    await kvs.set('receipt:3', 1);
  });
});

test('matches anything where a pattern leaves it open', async () => {
  const forge = await fixtureForge();
  await forge.run(async () => {
    forge.setFaults([fault('kvs/*/set receipt:*:b')]);
    await kvs.set('receipt:1:a', 1);
    await kvs.set('other:1:b', 1);
    await assert.rejects(kvs.set('receipt:1:b', 1));
    forge.setFaults([fault('kvs/*/set$')]);
    await assert.rejects(kvs.set('a', 1));
    // Signs that mean something else in an expression stand for themselves.
    forge.setFaults([fault('k.s/*')]);
    await kvs.set('a', 1);
  });
});

test('names entities and the keys of transactions and batches', async () => {
  const forge = await fixtureForge();
  const employee = { entityName: 'employee' };
  const attempts: [string, () => Promise<unknown>][] = [
    ['entity/set employee/e', () => kvs.entity('employee').set('e', {})],
    ['transaction a employee/e', () => kvs.transact().set('a', 1).delete('e', employee).execute()],
    [
      'batch/set a employee/e',
      () =>
        kvs.batchSet<unknown>([
          { key: 'a', value: 1 },
          { key: 'e', value: {}, ...employee },
        ]),
    ],
    ['queue/publish short', () => short.push({ body: {} })],
  ];
  for (const [match, attempt] of attempts) {
    forge.setFaults([fault(match)]);
    await assert.rejects(forge.run(attempt), match);
    await forge.run(attempt);
  }
});

test('matches to the end when told so', async () => {
  const forge = await fixtureForge();
  const create = fault('jira/rest/api/3/issue$', { times: 9 });
  forge.setFaults([create]);
  await forge.run(async () => {
    assert.equal((await asApp().requestJira(route`/rest/api/3/issue/SUP-1`)).status, 200);
    assert.equal((await asApp().requestJira(route`/rest/api/3/issue`)).status, 500);
    assert.equal((await asApp().requestJira(route`/rest/api/3/issue?a=b`)).status, 500);
  });
  forge.setFaults([]);
  await forge.run(async () => assert.equal((await asApp().requestJira(route`/rest/api/3/issue`)).status, 200));
});

test('times a call out as a gateway does: it fails, with or without its effect', async () => {
  const jira = notingProduct();
  const server = await notingServer();
  const hosts = { 'api.example': server.url };
  const forge = await fixtureForge({ products: { jira }, remotes: { backend: server.url }, hosts });
  const timedOut = (error: unknown) => error instanceof ProxyRequestError && error.status === 504;
  const issue = route`/rest/api/3/issue`;
  await forge.run(async () => {
    forge.setFaults([fault('GET jira/', { kind: 'timeout' })]);
    await assert.rejects(asApp().requestJira(issue), timedOut);
    assert.equal(jira.asked.length, 0);
    forge.setFaults([fault('GET jira/', { kind: 'timeout', when: 'after' })]);
    await assert.rejects(asApp().requestJira(issue), timedOut);
    assert.equal(jira.asked.length, 1);
    forge.setFaults([fault('remote:backend/v1/', { kind: 'timeout', when: 'after' })]);
    await assert.rejects(invokeRemote('backend', { path: '/v1/fetch' }), timedOut);
    forge.setFaults([fault('api.example/', { kind: 'timeout' })]);
    await assert.rejects(fetch('https://api.example/'), { name: 'PROXY_ERR', status: 504 });
    forge.setFaults([fault('kvs/', { kind: 'timeout' })]);
    await assert.rejects(
      kvs.get('a'),
      (error) => error instanceof ForgeKvsAPIError && error.responseDetails.status === 504,
    );
    forge.setFaults([fault('queue/', { kind: 'timeout', when: 'after' })]);
    await assert.rejects(short.push({ body: {} }), timedOut);
  });
  assert.equal(server.seen.length, 1);
  assert.equal(forge.events().length, 1);
});

test('kills the invocation before or after the effect; nothing it does later happens', async () => {
  const forge = await fixtureForge();
  const run = () =>
    forge.run(async () => {
      await kvs.set('a', 1).catch(() => undefined);
      await kvs.set('b', 1);
    });
  forge.setFaults([fault('kvs/api/v1/set a', { kind: 'kill' })]);
  await assert.rejects(run(), /killed/);
  assert.deepEqual(forge.storage(''), {});
  forge.setFaults([fault('kvs/api/v1/set a', { kind: 'kill', when: 'after' })]);
  await assert.rejects(run(), /killed/);
  assert.deepEqual(forge.storage(''), { a: 1 });
  await run();
  assert.deepEqual(forge.storage(''), { a: 1, b: 1 });
});

test('delivers an event again whose invocation was killed', async () => {
  const forge = await fixtureForge({ functions: { consumeShort: () => kvs.set('a', 1) } });
  forge.setFaults([fault('kvs/', { kind: 'kill' })]);
  await forge.run(() => short.push({ body: {} }));
  await forge.drain();
  assert.deepEqual(forge.storage(''), {});
  await forge.advance(10);
  assert.deepEqual(forge.storage(''), { a: 1 });
});
