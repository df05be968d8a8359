import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kvs } from '@forge/kvs';
import type { Connection } from '../../src/domain/connection';
import { refuseTakenName } from '../../src/domain/entity';
import { connectionStore } from '../../src/store/connections';
import { stillClock } from '../emulator/forge/fixture/forge';
import type { Fault, Forge } from '../emulator/forge/forge';
import { storageForge } from '../support/storage-forge';
import { settingsOf } from '../support/world';

/** Names while queries are a minute and a half behind. */
const clock = stillClock();
let forge: Forge;
before(async () => {
  forge = await storageForge(clock, { queryLagMs: 90_000 });
});
after(() => forge.close());

const connection = (id: string, name: string): Connection => ({
  id,
  version: 1,
  state: 'disabled',
  settings: settingsOf({ name }),
  logUntil: 0,
  createdAt: 1,
  updatedAt: 1,
});
const rename = (from: Connection, name: string) => ({ ...from, settings: { ...from.settings, name } });
const taken = { code: 'name-taken', kind: 'input', field: 'settings.name' };
const store = connectionStore();
const namesIn = (storage: Record<string, unknown>) => Object.keys(storage).length;
/** Ends the function at a call, as a crash does. */
async function killedAt(fault: Pick<Fault, 'match' | 'when'>, work: () => Promise<unknown>): Promise<void> {
  forge.setFaults([{ ...fault, kind: 'kill', times: 1 }]);
  await assert.rejects(forge.run(work));
  forge.setFaults([]);
}

test('the list is behind, and a name is unique all the same, whatever its case', () =>
  forge.run(async () => {
    await store.insert(connection('a', 'Alpha'));
    assert.deepEqual(await store.list(), []);
    await assert.rejects(store.insert(connection('b', 'ALPHA')), taken);
    assert.equal(await store.get('b'), null);
    await assert.rejects(refuseTakenName(store, 'connection', 'alpha', null), taken);
    await refuseTakenName(store, 'connection', 'alpha', 'a');
    assert.equal((await store.withName('alpha'))?.id, 'a');
  }));

test('of any number that save one name at once, exactly one wins', () =>
  forge.run(async () => {
    const ids = ['m1', 'm2', 'm3', 'm4', 'm5'];
    const results = await Promise.allSettled(ids.map((id) => store.insert(connection(id, 'Many'))));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    const stored = await Promise.all(ids.map((id) => store.get(id)));
    assert.equal(stored.filter((one) => one !== null).length, 1);
    for (const result of results) if (result.status === 'rejected') assert.equal(result.reason.code, 'name-taken');
  }));

test('a name that was given up is free at once, although the list still has it', () =>
  forge.run(async () => {
    await store.insert(connection('c', 'Gamma'));
    clock.advance(120_000);
    assert.ok((await store.list()).some(({ id }) => id === 'c'));
    const renamed = await store.save(rename(connection('c', 'Gamma'), 'Delta'));
    await refuseTakenName(store, 'connection', 'Gamma', null);
    await store.insert(connection('d', 'Gamma'));
    await store.remove('d', 1);
    await store.insert(connection('e', 'Gamma'));
    await assert.rejects(store.save(rename(renamed, 'GAMMA')), taken);
    assert.equal((await store.get('c'))?.settings.name, 'Delta');
    await store.save(rename(renamed, 'delta'));
  }));

test('a save that is refused leaves the name that it wanted', () =>
  forge.run(async () => {
    await store.insert(connection('f', 'Zeta'));
    await assert.rejects(store.save({ ...rename(connection('f', 'Zeta'), 'Eta'), version: 7 }), {
      code: 'stale-version',
    });
    await store.insert(connection('g', 'Eta'));
  }));

test('a function that dies between name and connection locks the name for a minute at most', async () => {
  await killedAt({ match: 'kvs/api/v1/entity/set', when: 'before' }, () => store.insert(connection('h', 'Theta')));
  await forge.run(() => assert.rejects(store.insert(connection('i', 'Theta')), taken));
  clock.advance(61_000);
  await forge.run(async () => {
    const results = await Promise.allSettled(['i', 'j'].map((id) => store.insert(connection(id, 'Theta'))));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1, 'one takes it over');
  });
});

test('a function that dies in a rename locks neither name for good', async () => {
  await forge.run(() => store.insert(connection('k', 'Kappa')));
  clock.advance(61_000);
  await killedAt({ match: 'kvs/api/v1/transaction', when: 'before' }, () =>
    store.save(rename(connection('k', 'Kappa'), 'Lambda')),
  );
  // Its own name is nothing to wait for.
  await killedAt({ match: 'kvs/api/v1/transaction', when: 'after' }, () =>
    store.save(rename(connection('k', 'Kappa'), 'Lambda')),
  );
  clock.advance(61_000);
  await forge.run(async () => {
    assert.equal((await store.get('k'))?.settings.name, 'Lambda');
    await assert.rejects(store.insert(connection('l', 'Lambda')), taken);
    await store.insert(connection('l', 'Kappa'));
  });
});

test('connections of an earlier version have no name keys: the list tells of them', () =>
  forge.run(async () => {
    const old = connection('old', 'Old');
    await kvs.entity('connection').set('old', { ...old, name: 'Old' });
    clock.advance(120_000);
    assert.equal(await store.withName('Old'), null);
    await assert.rejects(refuseTakenName(store, 'connection', 'old', null), taken);
    const saved = await store.save(rename(old, 'Older'));
    await assert.rejects(store.insert(connection('n', 'Older')), taken);
    await store.remove('old', saved.version);
    assert.equal(namesIn(forge.storage('name:connection:')), namesIn(forge.storage('connection/')));
  }));

test('two that an earlier version let have names which are the same today keep them, and nobody else gets one', () =>
  forge.run(async () => {
    const pair = [connection('old1', 'Stra\u00dfe'), connection('old2', 'STRASSE')] as const;
    for (const one of pair) await kvs.entity('connection').set(one.id, { ...one, name: one.settings.name });
    clock.advance(120_000);
    for (const one of pair) {
      await refuseTakenName(store, 'connection', one.settings.name, one.id);
      await store.save(one);
    }
    await assert.rejects(refuseTakenName(store, 'connection', 'Strasse', null), taken);
    await store.insert(connection('other', 'Other'));
    await assert.rejects(refuseTakenName(store, 'connection', 'Strasse', 'other'), taken);
  }));
