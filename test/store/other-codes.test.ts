import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { emptyLedger } from '../../src/domain/alert-ports';
import { freshCursor } from '../../src/domain/cursor';
import { authorizationStore } from '../../src/store/authorizations';
import { connectionStore } from '../../src/store/connections';
import { cursorStore } from '../../src/store/cursors';
import { ledgerStore } from '../../src/store/ledgers';
import { receiptStore } from '../../src/store/receipts';
import { signingKeyStore } from '../../src/store/signing-key';
import { tokenCacheStore } from '../../src/store/token-caches';
import type { Forge } from '../emulator/forge/forge';
import { storageForge } from '../support/storage-forge';
import { settingsOf } from '../support/world';

/** Every conditional write of the app, where the storage refuses by codes, and by a status, that nobody has seen. */
let forge: Forge;
before(async () => {
  forge = await storageForge(undefined, { codes: 'other' });
});
after(() => forge.close());

const connection = { id: 'a', version: 1, state: 'disabled', settings: settingsOf(), logUntil: 0 } as const;
const made = { createdAt: 1, updatedAt: 1 };

test('a save over another version is stale, and so is one of a record that is gone', () =>
  forge.run(async () => {
    const store = connectionStore();
    await store.insert({ ...connection, ...made });
    await assert.rejects(store.insert({ ...connection, ...made, state: 'enabled' }), { code: 'already-exists' });
    await store.save({ ...connection, ...made, state: 'enabled' });
    await assert.rejects(store.save({ ...connection, ...made }), { code: 'stale-version' });
    await assert.rejects(store.remove('a', 1), { code: 'stale-version' });
    await store.remove('a', 2);
    await assert.rejects(store.amend({ ...connection, ...made, version: 2 }), { code: 'stale-version' });
  }));

test('of two writers that have read the same, one wins', () =>
  forge.run(async () => {
    const cursors = cursorStore(() => 1);
    const fresh = freshCursor('mailbox', null, 1);
    const first = await cursors.put('c', fresh);
    await assert.rejects(cursors.put('c', fresh), { code: 'overtaken' });
    await cursors.put('c', first);
    await assert.rejects(cursors.put('c', first), { code: 'overtaken' });

    const ledgers = ledgerStore();
    const told = await ledgers.put('l', emptyLedger);
    assert.equal(await ledgers.put('l', emptyLedger), null);
    assert.ok(told && (await ledgers.put('l', told)));
    assert.equal(told && (await ledgers.put('l', told)), null);
  }));

test('of two that claim the same, one wins', () =>
  forge.run(async () => {
    assert.deepEqual(await receiptStore().claim('origin'), { won: true });
    assert.equal((await receiptStore().claim('origin')).won, false);
    assert.deepEqual([await authorizationStore().spend('s'), await authorizationStore().spend('s')], [true, false]);
    const claims = [await tokenCacheStore().claimRenewal('o', '1'), await tokenCacheStore().claimRenewal('o', '1')];
    assert.deepEqual(claims, [true, false]);
    const keys = await Promise.all([signingKeyStore().get(), signingKeyStore().get()]);
    assert.equal(keys[0], keys[1]);
  }));
