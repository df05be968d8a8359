import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asUser, getAppContext, requestJira, route } from '@forge/api';
import { kvs } from '@forge/kvs';
import { makeResolver } from '@forge/resolver';
import { systemClock } from '../clock';
import { fixtureForge, notingProduct, stillClock } from './fixture/forge';
import { manifestWith } from './fixture/manifest';
import { latch, until } from './fixture/wait';

const page = { module: 'page', functionKey: 'do', payload: {}, accountId: 'anna' };

type Handler = (request: { payload: Record<string, unknown>; context: Record<string, unknown> }) => unknown;

async function forgeWith(handler: Handler) {
  return fixtureForge({ functions: { resolve: makeResolver({ do: handler }) } });
}

test('calls a resolver with payload and context', async () => {
  const forge = await forgeWith(({ payload, context }) => ({ payload, context }));
  const result = await forge.invoke({ ...page, payload: { a: [1] }, extension: { issue: { key: 'SUP-1' } } });
  assert.ok(result.ok);
  const { payload, context } = result.value as { payload: unknown; context: Record<string, unknown> };
  assert.deepEqual(payload, { a: [1] });
  assert.equal(context.accountId, 'anna');
  assert.equal(context.accountType, 'licensed');
  assert.equal(context.moduleKey, 'page');
  assert.deepEqual(context.extension, { type: 'jira:adminPage', issue: { key: 'SUP-1' } });
  assert.match(String(context.installContext), /^ari:cloud:jira::site\//);
  assert.match(String(context.cloudId), /^[0-9a-f-]{36}$/);
});

test('tells no account when nobody is signed in', async () => {
  const forge = await forgeWith(({ context }) => ({
    account: context.accountId ?? 'nobody',
    type: context.accountType,
  }));
  assert.deepEqual(await forge.invoke({ ...page, accountId: null }), {
    ok: true,
    value: { account: 'nobody', type: 'anonymous' },
  });
});

test('passes the app’s own result envelope through, and wraps other values', async () => {
  const values = [
    [
      { ok: true, value: 1 },
      { ok: true, value: 1 },
    ],
    [
      { ok: false, error: { code: 'no' } },
      { ok: false, error: { code: 'no' } },
    ],
    [{ okay: true }, { ok: true, value: { okay: true } }],
    ['text', { ok: true, value: 'text' }],
    [{ ok: 'yes' }, { ok: true, value: { ok: 'yes' } }],
  ] as const;
  for (const [returned, result] of values) {
    const forge = await forgeWith(() => returned);
    assert.deepEqual(await forge.invoke(page), result);
  }
});

test('turns what a handler throws into an error result, and counts it', async () => {
  const forge = await forgeWith(() => {
    throw new Error('broken');
  });
  assert.deepEqual(await forge.invoke(page), { ok: false, error: { message: 'broken' } });
  assert.equal(forge.usage().invocations.resolve?.failures, 1);
});

test('refuses unknown modules, modules without a resolver, and unknown functions', async () => {
  const forge = await forgeWith(() => 'fine');
  assert.deepEqual(await forge.invoke(page), { ok: true, value: 'fine' });
  for (const call of [
    { module: 'elsewhere' },
    { module: 'static-panel' },
    { module: 'often' },
    { functionKey: 'other' },
  ]) {
    const result = await forge.invoke({ ...page, ...call });
    assert.equal(result.ok, false, JSON.stringify(call));
  }
  const missing = await fixtureForge({ functions: {} });
  assert.deepEqual(await missing.invoke(page), {
    ok: false,
    error: { message: "The app's entry exports no function resolve." },
  });
});

test('takes an invoke of 500 KB and an answer of 5 MB, and refuses larger ones', async () => {
  const forge = await forgeWith(({ payload }) => 'x'.repeat(Number(payload.answer ?? 0)));
  const ask = (payload: object) => forge.invoke({ ...page, payload });
  const kilobyte = 1024;
  assert.equal((await ask({ fill: 'x'.repeat(499 * kilobyte) })).ok, true);
  assert.equal((await ask({ fill: 'x'.repeat(500 * kilobyte) })).ok, false);
  assert.equal((await ask({ answer: 5 * kilobyte * kilobyte - 2 })).ok, true);
  assert.equal((await ask({ answer: 5 * kilobyte * kilobyte })).ok, false);
});

test('tells the context of the app and the time that is left', async () => {
  const forge = await fixtureForge();
  await forge.run(
    async () => {
      const context = getAppContext();
      assert.equal(String(context.appAri), 'ari:cloud:ecosystem::app/00000000-0000-4000-8000-000000000001');
      assert.equal(context.environmentType, 'DEVELOPMENT');
      assert.match(String(context.installationAri), /^ari:cloud:ecosystem::installation\/[0-9a-f-]{36}$/);
      assert.deepEqual(context.permissions?.scopes, ['storage:app', 'read:jira-work']);
      const left = context.invocationRemainingTimeInMillis();
      assert.ok(left > 0 && left <= 9_000, String(left));
    },
    { timeoutSeconds: 9 },
  );
  assert.throws(() => getAppContext(), /runtime not found/);
});

test('gives functions the time that Forge gives them', async () => {
  const times: Record<string, number> = {};
  const left = (name: string) => () => {
    times[name] = Math.ceil(getAppContext().invocationRemainingTimeInMillis() / 1_000);
    return { statusCode: 204 };
  };
  const { Queue } = await import('@forge/events');
  const forge = await fixtureForge({
    functions: {
      resolve: left('resolve'),
      often: left('often'),
      consumeLong: left('consumeLong'),
      answerDynamic: left('answerDynamic'),
    },
  });
  await forge.invoke(page);
  await forge.trigger('often');
  await forge.run(() => new Queue({ key: 'long' }).push({ body: {} }));
  await forge.drain();
  await forge.webTrigger('dynamic', { method: 'GET', path: '/', headers: {}, query: {}, body: '' });
  assert.deepEqual(times, { resolve: 25, often: 55, consumeLong: 600, answerDynamic: 55 });
});

test('will not start when a resolver’s function wants a longer time', async () => {
  const manifest = await manifestWith('handler: index.resolve', 'handler: index.resolve\n      timeoutSeconds: 60');
  await assert.rejects(fixtureForge({ manifest }), /resolve may not set timeoutSeconds/);
  const longer = await manifestWith('timeoutSeconds: 600', 'timeoutSeconds: 901');
  await assert.rejects(fixtureForge({ manifest: longer }), /900 seconds at most/);
});

test('ends an invocation at its time; nothing that it does later reaches anything', async () => {
  const forge = await fixtureForge();
  const { opened, open } = latch();
  let settled = false;
  const run = forge.run(
    async () => {
      await opened;
      // By now it is dead: neither this nor what follows it happens.
      await kvs.set('late', 1).finally(() => {
        settled = true;
      });
    },
    { timeoutSeconds: 0.05 },
  );
  await assert.rejects(run, /timed out/);
  open();
  await forge.run(() => kvs.set('other', 1));
  assert.deepEqual(forge.storage(''), { other: 1 });
  assert.equal(settled, false);
});

test('keeps an answer from an invocation that ended while it was on its way', async () => {
  const { opened, open } = latch();
  const jira = {
    handle: async () => {
      await opened;
      return { status: 200, headers: {}, body: '' };
    },
    scopes: () => [],
  };
  const forge = await fixtureForge({ products: { jira } });
  let heard = false;
  const run = forge.run(
    async () => {
      await requestJira(route`/rest/api/3/myself`);
      heard = true;
    },
    { timeoutSeconds: 0.05 },
  );
  await assert.rejects(run, /timed out/);
  open();
  // As long as another call takes, from its beginning to its end.
  await forge.run(() => requestJira(route`/rest/api/3/myself`));
  assert.equal(heard, false);
});

test('cuts off what a function left running when it returned', async () => {
  const forge = await fixtureForge();
  const { opened, open } = latch();
  await forge.run(() => {
    void opened.then(() => kvs.set('floating', 1));
  });
  open();
  await forge.run(() => kvs.set('other', 1));
  assert.deepEqual(forge.storage(''), { other: 1 });
});

test('keeps invocations that run at once apart', async () => {
  const jira = notingProduct();
  const { opened, open } = latch();
  let arrived = 0;
  const resolve = makeResolver({
    do: async () => {
      arrived += 1;
      if (arrived === 2) open();
      await opened;
      await asUser().requestJira(route`/rest/api/3/myself`);
      return getAppContext().invocationId;
    },
  });
  const forge = await fixtureForge({ functions: { resolve }, products: { jira } });
  const [one, two] = await Promise.all([
    forge.invoke({ ...page, accountId: 'anna' }),
    forge.invoke({ ...page, accountId: 'ben' }),
  ]);
  assert.notDeepEqual(one, two);
  assert.deepEqual(
    jira.asked.map(({ as }) => as),
    [
      { type: 'user', accountId: 'anna' },
      { type: 'user', accountId: 'ben' },
    ],
  );
});

test('keeps two emulated Forges in one process apart', async () => {
  const [one, two] = [await fixtureForge(), await fixtureForge()];
  await Promise.all([one.run(() => kvs.set('a', 1)), two.run(() => kvs.set('b', 2))]);
  assert.deepEqual([one.storage(''), two.storage('')], [{ a: 1 }, { b: 2 }]);
});

test('ends what runs when it is closed, and starts nothing more', async () => {
  const forge = await fixtureForge();
  let running = false;
  const run = forge.run(async () => {
    running = true;
    await new Promise(() => undefined);
  });
  await until(() => running, 'the function runs');
  await forge.close();
  await assert.rejects(run, /killed/);
  await assert.rejects(
    forge.run(() => 1),
    /killed/,
  );
});

test('sets the variables of the environment until it is closed', async () => {
  const forge = await fixtureForge({ variables: { LETTERBOX_TEST_VARIABLE: 'set' } });
  assert.equal(await forge.run(() => process.env.LETTERBOX_TEST_VARIABLE), 'set');
  await forge.close();
  assert.equal(process.env.LETTERBOX_TEST_VARIABLE, undefined);
});

test('lets function code live by the emulator’s clock, and others by the machine’s', async () => {
  const clock = stillClock(Date.UTC(2030, 0, 1));
  const forge = await fixtureForge({ clock });
  const times = await forge.run(() => [
    Date.now(),
    Date.parse(new Date().toISOString()),
    new Date(Date()).getTime(),
    new Date(5).getTime(),
  ]);
  assert.deepEqual(times, [clock.now(), clock.now(), clock.now(), 5]);
  assert.ok(await forge.run(() => new Date() instanceof Date && new Date().constructor === Date));
  clock.advance(1_000);
  assert.equal(await forge.run(() => Date.now()), Date.UTC(2030, 0, 1) + 1_000);
  assert.ok(Math.abs(Date.now() - performance.timeOrigin - performance.now()) < 60_000);
  const system = await fixtureForge({ clock: systemClock() });
  await system.advance(3_600);
  assert.ok((await system.run(() => Date.now())) >= Date.now() + 3_599_000);
});
