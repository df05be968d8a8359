import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionPool } from '../../src/gateway/session-pool';

/** A pool of numbered sessions, a clock to move, and who was closed. */
function setUp(limits = {}) {
  let time = 0;
  let opened = 0;
  const closed: number[] = [];
  const open = () => {
    const id = ++opened;
    return { id, close: async () => void closed.push(id) };
  };
  const pool = sessionPool<ReturnType<typeof open>>(
    { sessions: 10, sessionsPerInstallation: 5, idleMs: 1_000, ageMs: 5_000, ...limits },
    undefined,
    () => time,
  );
  const take = (installation: string, secret: string) => pool.acquire(installation, secret, open);
  const wait = (ms: number) => {
    time += ms;
  };
  return { pool, take, closed, wait };
}

test('the next request with the same credentials gets the same session', async () => {
  const { pool, take } = setUp();
  const first = take('one', 'alice');
  first?.release(true);
  assert.equal(take('one', 'alice')?.session.id, first?.session.id);
  await pool.close();
});

test('no session is shared between installations, credentials, or requests at a time', async () => {
  const { pool, take } = setUp();
  take('one', 'alice')?.release(true);
  const ids = [take('two', 'alice'), take('one', 'bob'), take('one', 'alice'), take('one', 'alice')].map(
    (lease) => lease?.session.id,
  );
  assert.equal(new Set(ids).size, 4);
  assert.deepEqual(pool.counts(), { idle: 0, busy: 4, opened: 4 });
  await pool.close();
});

test('what is not to be kept is closed, and a second release changes nothing', async () => {
  const { pool, take, closed } = setUp();
  const lease = take('one', 'alice');
  lease?.release(false);
  lease?.release(true);
  assert.deepEqual(closed, [1]);
  assert.equal(take('one', 'alice')?.session.id, 2);
  await pool.close();
});

test('a session that was given back is not closed by the request that had it', async () => {
  const { pool, take, closed } = setUp();
  const first = take('one', 'alice');
  first?.release(true);
  const second = take('one', 'alice');
  first?.release(false);
  assert.deepEqual(closed, []);
  second?.release(true);
  await pool.close();
});

test('sessions are closed when they were idle for too long, or grew too old', async () => {
  const { pool, take, closed, wait } = setUp();
  take('one', 'idle')?.release(true);
  wait(999);
  take('one', 'idle')?.release(true);
  assert.deepEqual(closed, []);
  wait(1_000);
  assert.equal(take('one', 'other')?.session.id, 2);
  assert.deepEqual(closed, [1]);
  const old = take('one', 'old');
  wait(5_000);
  old?.release(true);
  assert.deepEqual(closed, [1, 3]);
  await pool.close();
});

test('an installation cannot take more than its share, and its oldest idle session makes room', async () => {
  const { pool, take, closed } = setUp({ sessionsPerInstallation: 2 });
  const busy = take('one', 'a');
  take('one', 'b')?.release(true);
  const third = take('one', 'c');
  assert.equal(third?.session.id, 3);
  assert.deepEqual(closed, [2]);
  assert.equal(take('one', 'd'), null, 'both are busy');
  assert.notEqual(take('two', 'd'), null, 'another installation has its own share');
  busy?.release(true);
  assert.notEqual(take('one', 'd'), null);
  await pool.close();
});

test('all together cannot take more than the limit', async () => {
  const { pool, take } = setUp({ sessions: 2 });
  take('one', 'a');
  const second = take('two', 'a');
  assert.equal(take('three', 'a'), null);
  second?.release(true);
  assert.notEqual(take('three', 'a'), null);
  await pool.close();
});

test('closing ends idle sessions now, busy ones when they are given back, and gives out none', async () => {
  const { pool, take, closed } = setUp();
  take('one', 'idle')?.release(true);
  const busy = take('one', 'busy');
  await pool.close();
  assert.deepEqual(closed, [1]);
  assert.equal(take('one', 'new'), null);
  busy?.release(true);
  assert.deepEqual(closed, [1, 2]);
});
