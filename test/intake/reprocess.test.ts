import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { changeCursor } from '../../src/domain/cursor-change';
import { graceMs, pollLimits } from '../../src/domain/limits';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, mail, settingsOf, type World } from '../support/world';
import { type Change, entries, poll, quarantined, refusing, summaries, told, withGivenUp } from './polling';

test('makes an issue of a mail that was given up when it is asked to, in the place of its entry', async () => {
  const world = await withGivenUp([mail('bad'), mail('good')]);
  const ids = quarantined(world).map(({ id }) => id);
  await poll(world, undefined, ids);
  assert.deepEqual(summaries(world), ['good', 'bad']);
  assert.deepEqual(told(world).sort(), [
    ['bad', 'created', 'SUP-2'],
    ['good', 'created', 'SUP-1'],
  ]);
  assert.deepEqual(world.cursor()?.quarantined, []);
  assert.ok(world.mails.every(({ seen }) => seen));
  await poll(world, undefined, ids);
  assert.equal(world.issues.length, 2, 'what was taken is not taken again, however often it is asked for');
});

test('gives a mail up again at once when it is refused again, and tries again as soon as it is asked to', async () => {
  const world = await withGivenUp([mail('bad')]);
  const ids = quarantined(world).map(({ id }) => id);
  for (const change of [refusing('bad'), refusing('bad')]) {
    world.advance(1_000);
    await poll(world, change, ids);
    assert.deepEqual(told(world), [['bad', 'quarantined', null]]);
    assert.equal(world.cursor()?.quarantined.length, 1);
    assert.equal(entries(world)[0]?.triesBefore, pollLimits.attempts);
  }
  world.advance(1_000);
  await poll(world, undefined, ids);
  assert.deepEqual(summaries(world), ['bad']);
});

test('takes a mail that was too large once the limit is higher, and then has one entry of it', async () => {
  const large = new Uint8Array(1024 * 1024 + 1).fill(32);
  large.set(mail('large'));
  const world = createWorld([large], { largestMailMb: 1 });
  await poll(world);
  const ids = quarantined(world).map(({ id }) => id);
  await poll(world, undefined, ids);
  assert.deepEqual(summaries(world), [], 'the limit is as it was');
  world.connection = { ...world.connection, settings: settingsOf({ largestMailMb: 2 }) };
  await poll(world, undefined, ids);
  assert.deepEqual(told(world), [['large', 'created', 'SUP-1']]);
});

test('says that a mail is gone when it is to be tried again', async () => {
  const world = await withGivenUp([mail('bad')]);
  for (const one of world.mails) one.gone = true;
  await poll(
    world,
    undefined,
    quarantined(world).map(({ id }) => id),
  );
  world.advance(pollLimits.missingMs);
  await poll(world);
  assert.deepEqual(told(world), [['bad', 'gone', null]]);
  assert.deepEqual([world.cursor()?.waiting, world.cursor()?.quarantined], [[], []]);
});

test('leaves alone what was not given up, and what belongs to another mailbox', async () => {
  const world = await withGivenUp([mail('bad'), mail('good')]);
  const ids = entries(world).map(({ id }) => id);
  world.connection = { ...world.connection, settings: settingsOf({ folder: 'Other' }) };
  await poll(world, refusing('bad'), ids);
  assert.deepEqual(summaries(world), ['good']);
});

test('leaves alone what another connection to the same mailbox gave up', async () => {
  const world = await withGivenUp([mail('bad')]);
  const ids = quarantined(world).map(({ id }) => id);
  for (const entry of quarantined(world)) entry.connectionId = 'c2';
  await poll(world, undefined, ids);
  assert.deepEqual(summaries(world), []);
});

test('makes one issue of a mail that is tried again, wherever a run is killed, alone and with a second one beside it', async () => {
  const prepared = async () => {
    const world = await withGivenUp([mail('bad', { attachments: 1 })], { afterDownload: 'delete' });
    return { world, ids: quarantined(world).map(({ id }) => id) };
  };
  const whole = await prepared();
  const count = await broken(whole.world, whole.ids, null);
  assert.ok(count > 20, 'the sweep must pass through the whole poll');
  for (let at = 1; at <= count; at += 1) {
    for (const isPair of [false, true]) {
      const { world, ids } = await prepared();
      await Promise.all([broken(world, ids, at), ...(isPair ? [broken(world, ids, null)] : [])]);
      for (let round = 0; round < 8; round += 1) {
        world.advance(graceMs / 2 + 1_000);
        // Killed before the wish was noted: it is asked for again, as whoever asked would.
        await poll(
          world,
          undefined,
          quarantined(world).map(({ id }) => id),
        );
      }
      const how = `killed at ${at}${isPair ? ', two runs' : ''}`;
      assert.deepEqual(summaries(world), ['bad'], how);
      assert.deepEqual(told(world), [['bad', 'created', 'SUP-1']], how);
      assert.equal(world.issues[0]?.attachments.length, 1, how);
      assert.ok(world.mails[0]?.gone, how);
      assert.deepEqual([world.cursor()?.waiting, world.cursor()?.quarantined], [[], []], how);
    }
  }
});
test('a run that was held up past its time takes nothing back from the one that tried again after it', async () => {
  const world = await withGivenUp([mail('bad')]);
  const ids = quarantined(world).map(({ id }) => id);
  let resume: () => void = () => undefined;
  let remaining = 600_000;
  const held = new Promise<void>((resolve) => {
    resume = resolve;
  });
  // It is no mail that ended runs: they are heard of.
  await poll(world);
  let slow: Promise<unknown> = Promise.resolve();
  await new Promise<void>((reached) => {
    const step = async (name: string, when: string) => {
      if (name !== 'receipts.takeOver' || when === 'before') return;
      reached();
      await held;
    };
    slow = pollConnection(world.ports({ step, remainingMs: () => remaining }), 'c1', true, ids);
  });
  world.advance(graceMs + 1_000);
  await poll(world);
  assert.deepEqual(summaries(world), ['bad']);
  remaining = -1;
  resume();
  await slow;
  assert.deepEqual(
    [...world.receipts.values()].map(({ receipt }) => receipt.state),
    ['done'],
  );
});

/** A poll that is killed at its `at`-th passage before or after a port call; counts the passages. */
async function broken(world: World, ids: string[], at: number | null): Promise<number> {
  let passages = 0;
  let die: () => void = () => undefined;
  const death = new Promise<void>((resolve) => {
    die = resolve;
  });
  let isDead = false;
  const step = async () => {
    passages += 1;
    if (passages === at) {
      isDead = true;
      die();
    }
    if (isDead) await new Promise(() => undefined);
  };
  await Promise.race([pollConnection(world.ports({ step }), 'c1', true, ids), death]);
  return passages;
}

test('tells that a wish could not be kept, and takes the mail that waits all the same', async () => {
  const world = await withGivenUp([mail('bad')]);
  const ids = quarantined(world).map(({ id }) => id);
  world.mails.push({ uid: 9, raw: mail('next'), seen: false, gone: false });
  const unreadable: Change = (ports) => ({
    ...ports,
    activity: { ...ports.activity, getMany: () => Promise.reject(new AppError('store', 'transient', 'No answer.')) },
  });
  const refused = () => Promise.reject(new AppError('unreachable', 'transient', 'No answer.'));
  assert.equal(await poll(world, (ports) => ({ ...unreadable(ports), openMailbox: refused }), ids), 'unheard');
  assert.equal(await poll(world, unreadable, ids), 'unheard');
  assert.deepEqual(summaries(world), ['next']);
  assert.equal(await poll(world, undefined, ids), 'done');
  assert.deepEqual(summaries(world), ['next', 'bad']);
});

test('counts a mail no longer that was dismissed while a poll ran', async () => {
  const world = await withGivenUp([mail('bad')]);
  world.mails.push({ uid: 9, raw: mail('next'), seen: false, gone: false });
  const { cursors } = world.ports();
  let isDismissed = false;
  const step = async (name: string, when: string) => {
    if (name !== 'issues.create' || when === 'before' || isDismissed) return;
    isDismissed = true;
    await changeCursor(cursors, 'c1', (stored) => stored && { ...stored, quarantined: [] });
  };
  await pollConnection(world.ports({ step }), 'c1', true);
  assert.deepEqual(world.cursor()?.quarantined, []);
  world.advance(10 * 60_000);
  await poll(world);
  assert.deepEqual(world.cursor()?.quarantined, []);
  assert.deepEqual(summaries(world), ['next'], 'and what the poll took is met again, and taken once');
  assert.ok(world.mails.at(-1)?.seen);
});

test('tries byte-identical copies again together, which have one entry', async () => {
  const world = createWorld([mail('bad'), mail('good'), mail('bad')]);
  for (let round = 0; round < pollLimits.attempts; round += 1) {
    await poll(world, refusing('bad'));
    world.advance(60 * 60_000);
  }
  await poll(world, refusing('bad'));
  assert.deepEqual([quarantined(world).length, world.cursor()?.quarantined.length], [1, 2]);
  await poll(
    world,
    undefined,
    quarantined(world).map(({ id }) => id),
  );
  assert.deepEqual(summaries(world), ['good', 'bad']);
  assert.deepEqual([world.cursor()?.waiting, world.cursor()?.quarantined], [[], []]);
  assert.equal(world.cursor()?.totals.givenUp, 0);
  assert.ok(world.mails.every(({ seen }) => seen));
});
