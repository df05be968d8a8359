import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kvs } from '@forge/kvs';
import { AppError } from '../../src/domain/app-error';
import type { Connection } from '../../src/domain/connection';
import { freshCursor } from '../../src/domain/cursor';
import { protocolLimits } from '../../src/domain/limits';
import { connectionStore } from '../../src/store/connections';
import { cursorStore } from '../../src/store/cursors';
import { protocolStore } from '../../src/store/protocols';
import { receiptStore } from '../../src/store/receipts';
import { secretStore } from '../../src/store/secrets';
import type { Clock } from '../emulator/clock';
import { createForge } from '../emulator/forge/create-forge';
import type { Forge } from '../emulator/forge/forge';
import { settingsOf } from '../support/world';

/** The adapters over the real storage packages, on the emulator's storage API. */
let forge: Forge;
let ahead = 0;
/** Not this process's clock, so that tests can set that one wrong. */
const clock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now() + ahead),
  advance: (milliseconds) => {
    ahead += milliseconds;
  },
};

before(async () => {
  const nothing = { handle: () => Promise.reject(new Error('not used')), scopes: () => [] };
  forge = await createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions: {
      resolve: () => undefined,
      plan: () => undefined,
      poll: () => undefined,
      authorizeCallback: () => undefined,
      watch: () => undefined,
    },
    products: { jira: nothing },
    remotes: {},
    directory: null,
    clock,
  });
});
after(() => forge.close());

const connection = (id: string, name: string, state: Connection['state'] = 'disabled'): Connection => ({
  id,
  version: 1,
  state,
  settings: settingsOf({ name }),
  logUntil: 0,
  createdAt: 1,
  updatedAt: 1,
});

const isCode = (code: string) => (thrown: unknown) => thrown instanceof AppError && thrown.code === code;

test('gives back a connection as it was stored, and null for one that is not there', () =>
  forge.run(async () => {
    const store = connectionStore();
    await store.insert(connection('a', 'Alpha'));
    assert.deepEqual(await store.get('a'), connection('a', 'Alpha'));
    assert.equal(await store.get('nobody'), null);
    await store.remove('a');
    assert.equal(await store.get('a'), null);
  }));

test('saves over the version that was read, and refuses to save over a newer one', () =>
  forge.run(async () => {
    const store = connectionStore();
    await store.insert(connection('b', 'Beta'));
    const saved = await store.save({ ...connection('b', 'Beta'), state: 'enabled' });
    assert.equal(saved.version, 2);
    await assert.rejects(store.save({ ...connection('b', 'Beta'), state: 'suspended' }), isCode('stale-version'));
    assert.equal((await store.get('b'))?.state, 'enabled');
    await store.remove('b');
    await assert.rejects(store.save(saved), isCode('stale-version'), 'a deleted connection does not come back');
  }));

test('refuses to insert over a connection that exists', () =>
  forge.run(async () => {
    const store = connectionStore();
    await store.insert(connection('c', 'Gamma'));
    await assert.rejects(store.insert(connection('c', 'Other')), isCode('already-exists'));
    assert.equal((await store.get('c'))?.settings.name, 'Gamma');
    await store.remove('c');
  }));

test('lists all connections by name over several pages, or those of one state', () =>
  forge.run(async () => {
    const store = connectionStore();
    const names = Array.from({ length: 230 }, (_, index) => `Box ${String(index).padStart(3, '0')}`);
    for (const [index, name] of names.toReversed().entries()) {
      await store.insert(connection(`list-${name}`, name, index % 2 === 0 ? 'enabled' : 'disabled'));
    }
    const listed = await store.list();
    assert.deepEqual(
      listed.map(({ settings }) => settings.name),
      names,
    );
    const enabled = await store.list('enabled');
    assert.equal(enabled.length, 115);
    assert.ok(enabled.every(({ state }) => state === 'enabled'));
  }));

test('reads a connection that an older version stored', () =>
  forge.run(async () => {
    const { logUntil: _, ...older } = connection('older', 'Older');
    await kvs.entity('connection').set('older', { ...older, name: 'Older' });
    assert.deepEqual(await connectionStore().get('older'), connection('older', 'Older'));
    const [listed] = (await connectionStore().list()).filter(({ id }) => id === 'older');
    assert.deepEqual(listed, connection('older', 'Older'));
    await connectionStore().remove('older');
  }));

test('amends a connection at its version, and refuses to amend one that was saved or deleted meanwhile', () =>
  forge.run(async () => {
    const store = connectionStore();
    await store.insert(connection('amended', 'Amended'));
    await store.amend({ ...connection('amended', 'Amended'), logUntil: 5 });
    assert.deepEqual(await store.get('amended'), { ...connection('amended', 'Amended'), logUntil: 5 });
    const saved = await store.save({ ...connection('amended', 'Amended'), logUntil: 6 });
    await assert.rejects(store.amend(connection('amended', 'Amended')), isCode('stale-version'));
    assert.equal((await store.get('amended'))?.logUntil, 6);
    await store.remove('amended');
    await assert.rejects(store.amend(saved), isCode('stale-version'));
  }));

test('keeps the newest lines of a protocol for a day, in one value that fits', () =>
  forge.run(async () => {
    const store = protocolStore();
    assert.deepEqual(await store.get('p'), { lines: [], cut: false });
    const batch = Array.from({ length: 400 }, (_, at) => ({ at, text: `S: ${'x'.repeat(400)}` }));
    for (let times = 0; times < 5; times += 1) await store.append('p', batch);
    const { lines, cut } = await store.get('p');
    assert.ok(cut && lines.length > 200 && lines.length < 400, `${lines.length} lines`);
    assert.equal(lines.at(-1)?.at, 399);
    // The platform may take two days more.
    clock.advance((protocolLimits.hours + 48) * 3_600_000 + 1);
    assert.deepEqual(await store.get('p'), { lines: [], cut: false });
    await store.append('p', batch.slice(0, 1));
    await store.remove('p');
    assert.deepEqual(await store.get('p'), { lines: [], cut: false });
  }));

test('keeps a password where no listing shows it, and removes it', () =>
  forge.run(async () => {
    const store = secretStore();
    await store.set('d', 'canary-password');
    assert.equal(await store.get('d'), 'canary-password');
    assert.doesNotMatch(JSON.stringify(forge.storage('')), /canary-password/);
    await store.remove('d');
    assert.equal(await store.get('d'), null);
  }));

test('reads many cursors at once, and leaves out those that are not there', () =>
  forge.run(async () => {
    const store = cursorStore(clock.now);
    const ids = Array.from({ length: 60 }, (_, index) => `cursor-${index}`);
    for (const id of ids) await store.put(id, freshCursor(id, null, clock.now()));
    const found = await store.getMany([...ids, 'missing']);
    assert.equal(found.size, 60);
    assert.equal(found.get('cursor-59')?.mailbox, 'cursor-59');
    assert.equal(found.has('missing'), false);
  }));

test('saves a cursor only over the one that was read, and exactly one of any number of saves', () =>
  forge.run(async () => {
    const store = cursorStore(clock.now);
    const fresh = freshCursor('["imap"]', null, clock.now());
    const firsts = await Promise.allSettled(Array.from({ length: 5 }, () => store.put('raced', fresh)));
    const late = firsts.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    assert.equal(late.length, 4);
    assert.ok(late.every(isCode('overtaken')));
    const read = await store.get('raced');
    assert.equal(read?.revision, 1);
    const saves = [1, 2, 3].map((number) => store.put('raced', { ...read, position: `${number}` }));
    const settled = await Promise.allSettled(saves);
    const lost = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    assert.equal(lost.length, 2);
    assert.ok(lost.every(isCode('overtaken')));
    assert.equal((await store.get('raced'))?.revision, 2);
    await store.remove('raced');
    await assert.rejects(store.put('raced', { ...read, revision: 2 }), isCode('overtaken'));
    assert.equal(await store.get('raced'), null, 'a run outlives its connection, its cursor does not');
  }));

test('reads a cursor that an earlier version stored under a plain key, and moves it with the next save', () =>
  forge.run(async () => {
    const store = cursorStore(clock.now);
    const { revision: _, totals: __, ...old } = { ...freshCursor('["imap"]', null, 0), position: '7:3' };
    await kvs.set('cursor:old', old);
    const read = await store.get('old');
    assert.deepEqual([read?.position, read?.revision, read?.totals.alone], ['7:3', 0, null]);
    assert.equal((await store.getMany(['old'])).get('old')?.position, '7:3');
    assert.ok(read);
    await store.put('old', { ...read, position: '7:4' });
    assert.deepEqual([(await store.get('old'))?.position, (await store.get('old'))?.revision], ['7:4', 1]);
    await store.remove('old');
    assert.equal(await store.get('old'), null);
  }));

test('tells a store that fails from one that refuses: nobody was faster, and nothing is stored twice', async () => {
  const { insert, save } = connectionStore();
  const { put } = cursorStore(clock.now);
  const { claim, takeOver } = receiptStore();
  const cursor = freshCursor('["imap"]', null, clock.now());
  const calls: Record<string, () => Promise<unknown>> = {
    insert: () => insert(connection('failing', 'Failing')),
    save: () => save(connection('failing', 'Failing')),
    'first cursor': () => put('failing', cursor),
    cursor: () => put('failing', { ...cursor, revision: 1 }),
    claim: () => claim('c:failing'),
    takeOver: () => takeOver('c:failing'),
  };
  for (const [name, call] of Object.entries(calls)) {
    forge.setFaults([{ match: 'kvs/', when: 'before', kind: 'error', times: 1 }]);
    await assert.rejects(forge.run(call), { code: 'store-unavailable', kind: 'transient' }, name);
    await forge.run(call);
  }
  forge.setFaults([]);
});
