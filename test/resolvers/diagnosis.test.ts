import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serverTime } from '../../src/jira/server-time';
import { grantedByContext } from '../../src/resolvers/app-context';
import { diagnosisHandlers } from '../../src/resolvers/diagnosis';
import { queryProbe } from '../../src/store/query-probe';
import { goodSite } from '../diagnosis/ports';
import { systemClock } from '../emulator/clock';
import type { Forge } from '../emulator/forge/forge';
import { appCalls } from '../support/app-calls';
import { resolverForge } from '../support/resolver-forge';

/** The real resolver, with what it learns from the platform itself; the gateway is made up. */

const clock = systemClock();
let forge: Forge;
let callbackUrl = () => Promise.resolve('https://callback.example/x');
before(async () => {
  const { ports } = goodSite();
  const real = { jiraTime: serverTime, granted: grantedByContext, query: queryProbe(), now: clock.now };
  forge = await resolverForge(diagnosisHandlers({ ...ports, ...real, callbackUrl: () => callbackUrl() }), clock);
});
after(() => forge.close());

const { call } = appCalls(() => forge);

test('reads what was granted from the platform’s context', async () => {
  for (const check of ['scopes', 'hosts'] as const) {
    const { state, value } = await call('diagnosis.check', { check });
    assert.equal(state, 'good', value);
  }
});

test('reads Jira’s clock', async () => {
  const { value } = await call('diagnosis.check', { check: 'clock' });
  assert.match(value, /Jira: the same time/);
});

test('writes a record of its own, sees it listed and removes it', async () => {
  const before = forge.usage().kvs.writes;
  const { state, value } = await call('diagnosis.check', { check: 'storage' });
  assert.equal(state, 'good', value);
  assert.ok(forge.usage().kvs.writes > before);
  assert.deepEqual(forge.storage('diagnosis:'), {});
});

test('tells the facts of the installation, also without an address that is not to be had', async () => {
  const facts = await call('diagnosis.installation', {});
  assert.match(facts.appId, /^ari:cloud:ecosystem::app\//);
  assert.match(facts.installationId, /^ari:cloud:ecosystem::installation\//);
  assert.deepEqual(
    [facts.appVersion, facts.environment, facts.callbackUrl, facts.nodeVersion],
    ['1.0.0', 'DEVELOPMENT', 'https://callback.example/x', process.version],
  );
  callbackUrl = () => Promise.reject(new Error('away'));
  assert.equal((await call('diagnosis.installation', {})).callbackUrl, null);
});
