import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pollLimits } from '../../src/domain/limits';
import { createWorld, mail, type World } from '../support/world';
import { type Change, entries, poll, quarantined, refusing, told } from './polling';

/** Mail that is given up without being downloaded: there are no bytes to know it by. */

/** One byte more than a megabyte. */
function largeMail(subject: string): Uint8Array {
  const raw = new Uint8Array(1024 * 1024 + 1).fill(32);
  raw.set(mail(subject));
  return raw;
}

test('gives a mail up that turns out too large only when it is downloaded', async () => {
  const world = createWorld([mail('large'), mail('behind')]);
  const lying: Change = (ports) => ({
    ...ports,
    openMailbox: async (settings, access) => {
      const mailbox = await ports.openMailbox(settings, access);
      return {
        ...mailbox,
        fetch: async function* (handles, maxBytes) {
          for await (const one of mailbox.fetch(handles, maxBytes))
            yield one.handle === '7.1' ? { handle: one.handle, outcome: 'too-large', size: 900 * 1024 * 1024 } : one;
        },
      };
    },
  });
  await poll(world, lying);
  assert.deepEqual(told(world).sort(), [
    ['behind', 'created', 'SUP-1'],
    ['large', 'quarantined', null],
  ]);
  assert.match(quarantined(world)[0]?.reason ?? '', /900 MB/);
  assert.deepEqual(world.cursor()?.waiting, []);
});

/** Two that differ only in their subject, and are too large; one that Jira refuses. */
async function renamed(): Promise<World> {
  const world = createWorld([largeMail('one'), largeMail('two'), mail('bad')], { largestMailMb: 1 });
  for (let round = 0; round < pollLimits.attempts; round += 1) {
    await poll(world, refusing('bad'));
    world.advance(60 * 60_000);
  }
  return world;
}

test('has one entry of each mail that was given up when the server gives all of them new names, and finds it by that', async () => {
  const world = await renamed();
  world.validity = 8;
  await poll(world, refusing('bad'));
  assert.deepEqual(
    quarantined(world).map(({ subject, handle }) => [subject, handle]),
    [
      ['one', '8.1'],
      ['two', '8.2'],
      ['bad', '8.3'],
    ],
  );
  assert.deepEqual([world.cursor()?.quarantined.length, world.cursor()?.totals.givenUp], [3, 3]);
});

test('what an administrator dismissed stays so when the server gives all mail new names', async () => {
  const world = await renamed();
  for (const entry of quarantined(world)) world.activity.set(entry.id, { ...entry, result: 'dismissed', by: 'admin' });
  world.validity = 8;
  await poll(world, refusing('bad'));
  assert.deepEqual(
    entries(world).map(({ result, handle, by }) => [result, handle, by]),
    ['8.1', '8.2', '8.3'].map((handle) => ['dismissed', handle, 'admin']),
  );
  const { givenUp, dismissed } = world.cursor()?.totals ?? {};
  assert.deepEqual([givenUp, dismissed], [3, 3]);
});
