import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pollLimits } from '../../src/domain/limits';
import type { Fetched } from '../../src/domain/ports';
import { createWorld, mail, settingsOf, type World } from '../support/world';
import { entries, poll, summaries, told, withMailbox } from './polling';

/** A message that was listed, and of which the mailbox then says that it is not there. */

/** The mailbox hands out none of these, although they are there. */
const denying = (...handles: readonly string[]) =>
  withMailbox((mailbox) => ({
    fetch: async function* (asked, maxBytes): AsyncIterable<Fetched> {
      for (const handle of asked) {
        if (handles.includes(handle)) yield { handle, outcome: 'gone' };
        else yield* mailbox.fetch([handle], maxBytes);
      }
    },
  }));

const waiting = (world: World) => world.cursor()?.waiting.map(({ handle, reason, code }) => [handle, reason, code]);

for (const afterDownload of ['mark-read', 'delete']) {
  test(`takes a mail that one answer called missing (${afterDownload}), and those behind it at once`, async () => {
    const world = createWorld([mail('late'), mail('behind')], { afterDownload });
    await poll(world, denying('7.1'));
    assert.deepEqual(summaries(world), ['behind']);
    assert.deepEqual(waiting(world), [['7.1', 'missing', 'mail-missing']]);
    assert.equal(world.cursor()?.totals.gone, 0);
    await poll(world, denying('7.1'));
    assert.deepEqual(
      waiting(world),
      [['7.1', 'missing', 'mail-missing']],
      'a second look at once hears the same server',
    );
    world.advance(pollLimits.missingMs);
    await poll(world);
    assert.deepEqual(summaries(world), ['behind', 'late']);
    assert.deepEqual(told(world).sort(), [
      ['behind', 'created', 'SUP-1'],
      ['late', 'created', 'SUP-2'],
    ]);
    assert.deepEqual([world.cursor()?.waiting, world.cursor()?.totals.gone], [[], 0]);
  });
}

test('believes it when a later poll hears the same, counts the mail as gone, and shows it', async () => {
  const world = createWorld([mail('first'), mail('second')]);
  await poll(world, denying('7.1'));
  world.advance(pollLimits.missingMs);
  await poll(world, denying('7.1'));
  assert.deepEqual([world.cursor()?.waiting, world.cursor()?.totals.gone], [[], 1]);
  const [gone] = entries(world).filter(({ result }) => result === 'gone');
  assert.deepEqual([gone?.handle, gone?.code], ['7.1', 'mail-gone']);
  assert.match(gone?.reason ?? '', /no longer in the mailbox: somebody moved or deleted it\.$/);
});

test('is not irritated by a server that cannot be asked between the two answers', async () => {
  const world = createWorld([mail('late')]);
  await poll(world, denying('7.1'));
  for (let round = 0; round < 4; round += 1) {
    world.advance(60 * 60_000);
    await poll(
      world,
      withMailbox(() => ({ list: () => Promise.reject(new Error('down')) })),
    );
  }
  await poll(world);
  assert.deepEqual(summaries(world), ['late']);
});

test('says nothing of messages that only have another name since the mailbox is listed anew', async () => {
  const world = createWorld([mail('first')], { largestMailMb: 1 });
  await poll(world, denying('7.1'));
  world.validity = 8;
  world.advance(pollLimits.missingMs);
  await poll(world);
  world.advance(pollLimits.missingMs);
  await poll(world);
  assert.deepEqual(summaries(world), ['first']);
  assert.deepEqual([world.cursor()?.waiting, world.cursor()?.totals.gone], [[], 0]);
});

test('knows a mail that comes back after it was gone by what it is', async () => {
  const world = createWorld([mail('first')]);
  await poll(world);
  world.connection = { ...world.connection, settings: settingsOf({ folder: 'Other' }) };
  await poll(world, denying('7.1'));
  world.advance(pollLimits.missingMs);
  await poll(world);
  assert.deepEqual(summaries(world), ['first']);
});
