import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kvs } from '@forge/kvs';
import type { Connection } from '../../src/domain/connection';
import { freshCursor } from '../../src/domain/cursor';
import { connectionStore } from '../../src/store/connections';
import { cursorStore } from '../../src/store/cursors';
import { pollStartReader } from '../../src/store/poll-start';
import type { Forge } from '../emulator/forge/forge';
import { storageForge } from '../support/storage-forge';
import { settingsOf } from '../support/world';

/** What a poll begins with, over the real storage package on the emulator's storage API. */
let forge: Forge;
const connections = connectionStore();
const cursors = cursorStore(Date.now);
const read = pollStartReader(connections, cursors, Date.now);
before(async () => {
  forge = await storageForge();
});
after(() => forge.close());

async function stored(id: string): Promise<Connection> {
  const settings = settingsOf({ name: id });
  const connection: Connection = {
    id,
    version: 1,
    state: 'enabled',
    settings,
    logUntil: 0,
    createdAt: 1,
    updatedAt: 1,
  };
  await connections.insert(connection);
  return connection;
}

test('reads a connection and its cursor in one call, as each by itself gives them', () =>
  forge.run(async () => {
    const connection = await stored('both');
    const cursor = await cursors.put('both', freshCursor('["imap"]', null, 1));
    const { reads } = forge.usage().kvs;
    assert.deepEqual(await read('both'), { connection, cursor });
    assert.equal(forge.usage().kvs.reads - reads, 1);
    assert.deepEqual(await read('both'), {
      connection: await connections.get('both'),
      cursor: await cursors.get('both'),
    });
  }));

test('says that a connection was never polled, or does not exist', () =>
  forge.run(async () => {
    const connection = await stored('new');
    assert.deepEqual(await read('new'), { connection, cursor: null });
    assert.deepEqual(await read('nobody'), { connection: null, cursor: null });
  }));

test('finds a cursor where an earlier version kept it', () =>
  forge.run(async () => {
    await stored('older');
    const { revision: _, totals: __, ...old } = freshCursor('["imap"]', null, 1);
    await kvs.set('cursor:older', old);
    assert.equal((await read('older')).cursor?.mailbox, '["imap"]');
  }));

test('takes nothing for missing that could not be read', () =>
  forge.run(async () => {
    await stored('unread');
    await cursors.put('unread', freshCursor('["imap"]', null, 1));
    forge.setFaults([{ match: 'kvs/api/v1/batch/get connection/unread', when: 'before', kind: 'error', times: 1 }]);
    await assert.rejects(read('unread'), { code: 'store-unavailable', kind: 'transient' });
    assert.notEqual((await read('unread')).cursor, null);
  }));
