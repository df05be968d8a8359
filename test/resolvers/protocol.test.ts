import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Connection } from '../../src/domain/connection';
import { protocolMs } from '../../src/domain/protocol';
import { protocolHandlers } from '../../src/resolvers/protocol';
import { connectionStore } from '../../src/store/connections';
import { protocolStore } from '../../src/store/protocols';
import type { Clock } from '../emulator/clock';
import type { Forge } from '../emulator/forge/forge';
import { appCalls } from '../support/app-calls';
import { resolverForge } from '../support/resolver-forge';
import { settingsOf } from '../support/world';

let forge: Forge;
let now = Date.UTC(2026, 10, 20, 9);
const clock: Clock = {
  now: () => now,
  advance: (milliseconds) => {
    now += milliseconds;
  },
};
const noted: string[] = [];

before(async () => {
  const handlers = protocolHandlers({
    connections: connectionStore(),
    protocols: protocolStore(),
    audit: async ({ name, what }, { accountId }) => void noted.push(`${accountId}: ${name} ${what}`),
    now: clock.now,
  });
  forge = await resolverForge(handlers, clock);
});
after(() => forge.close());

const { send, call } = appCalls(() => forge);

const codeOf = (result: unknown): unknown => Reflect.get(Object(Reflect.get(Object(result), 'error')), 'code');

async function given(id: string): Promise<Connection> {
  const settings = settingsOf({ name: id });
  const common = { id, version: 3, state: 'enabled', settings, logUntil: 0, createdAt: now, updatedAt: now } as const;
  await forge.run(() => connectionStore().insert(common));
  return common;
}

test('is on for fifteen minutes, and then off by itself', async () => {
  const { id, version } = await given('fifteen');
  assert.equal((await call('connections.protocol', { id })).until, null);
  assert.deepEqual(await call('connections.log', { id, version, on: true }), { until: now + protocolMs });
  clock.advance(protocolMs - 1);
  assert.equal((await call('connections.protocol', { id })).until, now + 1);
  clock.advance(1);
  assert.equal((await call('connections.protocol', { id })).until, null);
});

test('is switched off before its time, and what was logged stays', async () => {
  const { id, version } = await given('off');
  await call('connections.log', { id, version, on: true });
  await forge.run(() => protocolStore().append(id, [{ at: now, text: 'C: NOOP' }]));
  assert.deepEqual(await call('connections.log', { id, version, on: false }), { until: null });
  const { lines, cut } = await call('connections.protocol', { id });
  assert.deepEqual([lines, cut], [[{ at: now, text: 'C: NOOP' }], false]);
});

test("leaves the connection's version alone, so that no running poll takes it for an edit", async () => {
  const { id, version } = await given('version');
  await call('connections.log', { id, version, on: true });
  const after = await forge.run(() => connectionStore().get(id));
  assert.deepEqual([after?.version, after?.logUntil], [version, now + protocolMs]);
});

test('says who switched it', async () => {
  const { id, version } = await given('audited');
  await call('connections.log', { id, version, on: true });
  await call('connections.log', { id, version, on: false });
  assert.deepEqual(noted.slice(-2), ['admin: audited logged for 15 minutes', 'admin: audited no longer logged']);
});

test('refuses a connection that somebody else changed, or deleted', async () => {
  const { id, version } = await given('stale');
  assert.equal(codeOf(await send('connections.log', { id, version: version - 1, on: true })), 'stale-version');
  for (const refused of [
    await send('connections.log', { id: 'nobody', version, on: true }),
    await send('connections.protocol', { id: 'nobody' }),
    await send('connections.clearProtocol', { id: 'nobody' }),
  ]) {
    assert.equal(codeOf(refused), 'gone');
  }
});

test('clears the lines, of this connection only', async () => {
  const [one, other] = [await given('one'), await given('other')];
  for (const { id } of [one, other]) await forge.run(() => protocolStore().append(id, [{ at: now, text: id }]));
  await call('connections.clearProtocol', { id: one.id });
  assert.deepEqual((await call('connections.protocol', { id: one.id })).lines, []);
  assert.equal((await call('connections.protocol', { id: other.id })).lines.length, 1);
});

test('is for administrators only', async () => {
  const { id, version } = await given('guarded');
  for (const refused of [
    await send('connections.log', { id, version, on: true }, 'agent'),
    await send('connections.protocol', { id }, 'agent'),
    await send('connections.clearProtocol', { id }, 'agent'),
  ]) {
    assert.equal(codeOf(refused), 'forbidden');
  }
});
