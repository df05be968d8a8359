import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { createWorld, mail, type World } from '../support/world';
import { poll, summaries, withMailbox } from './polling';

const minuteMs = 60_000;

const counted = (world: World) => {
  const { taken, removed } = world.cursor()?.totals ?? {};
  return { taken, removed };
};

test('tries five times to delete a mail that has its issue, longer apart each time, then leaves it there and says so', async () => {
  const world = createWorld([mail('first')], { afterDownload: 'delete' });
  const start = world.ports().now();
  const tries: number[] = [];
  let fetches = 0;
  const readOnly = withMailbox((mailbox) => ({
    fetch: (handles, maxBytes) => {
      fetches += 1;
      return mailbox.fetch(handles, maxBytes);
    },
    settle: async (handles) => {
      tries.push((world.ports().now() - start) / minuteMs);
      return handles.map((handle) => ({ handle, outcome: 'refused', message: 'The mailbox is read-only.' }));
    },
  }));
  for (let minute = 0; minute < 60; minute += 1) {
    await poll(world, readOnly);
    world.advance(minuteMs);
  }
  assert.deepEqual(tries, [0, 2, 6, 14, 30]);
  assert.equal(fetches, 1);
  assert.deepEqual(summaries(world), ['first']);
  assert.equal(world.cursor()?.warning, 'The mailbox is read-only.');
  assert.deepEqual(world.cursor()?.waiting, []);
  assert.deepEqual(counted(world), { taken: 1, removed: 0 });
});

test('shows what breaks while mail is marked as the connection’s trouble, and marks it later', async () => {
  const world = createWorld([mail('first')]);
  const cut = withMailbox(() => ({ settle: () => Promise.reject(new AppError('cut', 'transient', 'Cut.')) }));
  await poll(world, cut);
  assert.equal(world.cursor()?.trouble?.code, 'cut');
  assert.equal(world.mails[0]?.seen, false);
  world.advance(2 * minuteMs);
  await poll(world);
  assert.deepEqual([world.cursor()?.trouble, world.cursor()?.waiting], [null, []]);
  assert.equal(world.mails[0]?.seen, true);
  assert.deepEqual(counted(world), { taken: 1, removed: 0 });
});

test('shows what broke first when marking what was taken before it breaks too', async () => {
  const world = createWorld([mail('first'), mail('second')]);
  const broken = withMailbox((mailbox) => ({
    fetch: async function* ([first = ''], maxBytes) {
      yield* mailbox.fetch([first], maxBytes);
      throw new AppError('cut', 'transient', 'Cut.');
    },
    settle: () => Promise.reject(new AppError('signed-out', 'transient', 'Not signed in any more.')),
  }));
  await poll(world, broken);
  assert.deepEqual(summaries(world), ['first']);
  assert.equal(world.cursor()?.trouble?.code, 'cut');
});

test('counts as removed what somebody took away before it could be marked', async () => {
  const world = createWorld([mail('first'), mail('second')]);
  const taken = withMailbox((mailbox) => ({
    settle: (...args) => {
      for (const one of world.mails.slice(0, 1)) one.gone = true;
      return mailbox.settle(...args);
    },
  }));
  await poll(world, taken);
  assert.deepEqual(counted(world), { taken: 2, removed: 1 });
});

test('says that a mail could not be marked until one could', async () => {
  const world = createWorld([mail('first')]);
  const refusing = withMailbox(() => ({
    settle: async (handles) => handles.map((handle) => ({ handle, outcome: 'refused', message: 'It is read-only.' })),
  }));
  await poll(world, refusing);
  // Nothing of this poll is to be marked.
  world.mails.push({ uid: 2, raw: new Uint8Array(26 * 1024 * 1024), seen: false, gone: false });
  await poll(world);
  assert.equal(world.cursor()?.quarantined.length, 1);
  assert.equal(world.cursor()?.warning, 'It is read-only.');
  world.mails.push({ uid: 3, raw: mail('third'), seen: false, gone: false });
  await poll(world);
  assert.equal(world.cursor()?.warning, null);
});

test('says that a mail stays where it is when the server fails at it each time', async () => {
  const world = createWorld([mail('first')], { afterDownload: 'delete' });
  const failing = withMailbox(() => ({
    settle: () => Promise.reject(new AppError('cut', 'transient', 'The server hung up.')),
  }));
  for (let minute = 0; minute < 90; minute += 1) {
    await poll(world, failing);
    world.advance(minuteMs);
  }
  const { waiting, warning } = world.cursor() ?? {};
  assert.deepEqual(waiting, []);
  assert.match(warning ?? '', /stays in the mailbox.*failed 5 times.*The server hung up\./);
  assert.deepEqual(counted(world), { taken: 1, removed: 0 });
});
