import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getAppContext } from '@forge/api';
import { kvs } from '@forge/kvs';
import { fixtureForge } from './fixture/forge';
import { manifestWith } from './fixture/manifest';
import { readManifest } from './manifest';

const withUninstall = (more = '') =>
  manifestWith(
    '  function:\n',
    `  preUninstall:\n    - key: goodbye\n      function: leave\n  function:\n    - key: leave\n      handler: index.leave\n${more}`,
  );

test('runs preUninstall without a user before nothing runs any more, as Forge calls it', async () => {
  const calls: unknown[][] = [];
  let facts: unknown;
  const leave = async (...args: unknown[]) => {
    calls.push(args);
    facts = [getAppContext().moduleKey, Math.ceil(getAppContext().invocationRemainingTimeInMillis() / 1_000)];
    await kvs.set('left', true);
    return 'nobody hears it';
  };
  const forge = await fixtureForge({ manifest: await withUninstall(), functions: { leave } });
  await forge.uninstall();
  const [[request, context] = []] = calls as [Record<string, unknown>, Record<string, unknown>][];
  assert.deepEqual(Object.keys(request ?? {}).sort(), ['context', 'contextToken']);
  assert.deepEqual(Object.keys(Object(request?.context)).sort(), ['cloudId', 'moduleKey']);
  assert.equal(context?.principal, undefined);
  assert.deepEqual(facts, ['goodbye', 55]);
  assert.deepEqual(forge.storage(''), { left: true }, 'the storage stays');
});

test('uninstalls whatever preUninstall does', async () => {
  const leave = () => Promise.reject(new Error('no'));
  const forge = await fixtureForge({ manifest: await withUninstall(), functions: { leave } });
  await forge.uninstall();
  await assert.rejects(forge.run(() => undefined));
});

test('gives preUninstall no other time than the 55 seconds that it has', async () => {
  const file = await withUninstall('      timeoutSeconds: 300\n');
  assert.throws(() => readManifest(file), /leave may not set timeoutSeconds/);
});
