import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pollLimits } from '../../src/domain/limits';
import { runPolls } from '../../src/triggers/run-polls';
import { createWorld, mail, type World } from '../support/world';
import { eventFor, queueOf, refused, summaries, until } from './events';

/** A world in which each issue takes so long: longer than a slice, if nothing is said. */
function slowWorld(names: readonly string[], issueMs = pollLimits.sliceMs + 1_000) {
  const world = createWorld(names.map((name) => mail(name)));
  const ports = world.ports({
    step: (name, when) => void (name === 'issues.create' && when === 'before' && world.advance(issueMs)),
  });
  return { world, ports };
}

test('gives each connection of a shared event its slice, and goes on with the rest in an event of its own, in order', async () => {
  const names = ['one', 'two', 'three', 'four'];
  const { world, ports } = slowWorld(names);
  const queue = queueOf();
  await runPolls(ports, queue, eventFor('c1', 'gone'));
  assert.deepEqual(summaries(world), names.slice(0, 1));
  assert.deepEqual(
    queue.pushed.map(({ connectionIds, delaySeconds }) => [connectionIds, delaySeconds]),
    [[['c1'], 5]],
  );
  await runPolls(ports, queue, eventFor('c1', 'gone'));
  assert.equal(world.issues.length, 1, 'the next shared event leaves it to its own');
  await runPolls(ports, queue, eventFor('c1'));
  assert.deepEqual(summaries(world), names);
  world.mails.push({ uid: 5, raw: mail('five'), seen: false, gone: false });
  await runPolls(ports, queue, eventFor('c1', 'gone'));
  assert.deepEqual(summaries(world), [...names, 'five'], 'which is over, so that it is polled with others again');
});

test('takes as much in a slice as begins in it', async () => {
  const { world, ports } = slowWorld(['one', 'two', 'three', 'four'], pollLimits.sliceMs / 2 - 1);
  await runPolls(ports, queueOf(), eventFor('c1', 'gone'));
  assert.deepEqual(summaries(world), ['one', 'two', 'three']);
});

/** The platform ends the run in the middle of it. */
const never = { push: () => new Promise<never>(() => undefined) };
for (const [what, queue] of Object.entries({ 'was refused': refused, 'was never made': never })) {
  test(`a connection is polled with others again within two minutes when the push of its own event ${what}`, async () => {
    const { world, ports } = slowWorld(['one', 'two']);
    await Promise.race([runPolls(ports, queue, eventFor('c1', 'gone')), until(() => isAwaited(world))]);
    world.advance(2 * 60_000);
    await runPolls(ports, queueOf(), eventFor('c1', 'gone'));
    assert.deepEqual(summaries(world), ['one', 'two']);
  });
}
const isAwaited = (world: World) => (world.cursor()?.ownEventUntil ?? 0) > world.ports().now();

test('events that a connection shares with others leave it alone for as long as its own may be at work', async () => {
  const { world, ports } = slowWorld(['one', 'two', 'three', 'four', 'five']);
  await runPolls(ports, queueOf(), eventFor('c1', 'gone'));
  let shared = 0;
  const own = world.ports({
    step: async (name, when) => {
      if (name !== 'issues.create' || when !== 'before') return;
      world.advance(2 * 60_000);
      shared += 1;
      const others = queueOf();
      await runPolls(ports, others, eventFor('c1', 'gone'));
      assert.deepEqual(others.pushed, []);
    },
  });
  await runPolls(own, queueOf(), eventFor('c1'));
  assert.equal(shared, 4);
  assert.deepEqual(summaries(world), ['one', 'two', 'three', 'four', 'five']);
});

test('a connection that is edited during its own event goes on at once, and does not wait for an event that never comes', async () => {
  const names = ['one', 'two', 'three'];
  const { world, ports } = slowWorld(names);
  await runPolls(ports, queueOf(), eventFor('c1', 'gone'));
  const edited = world.ports({
    step: (name, when) => {
      if (name !== 'issues.create' || when !== 'after' || world.issues.length !== 2) return;
      world.connection = { ...world.connection, version: world.connection.version + 1 };
    },
  });
  const queue = queueOf();
  await runPolls(edited, queue, eventFor('c1'));
  assert.deepEqual(summaries(world), names.slice(0, 2), 'the rest is taken as the edit says');
  assert.deepEqual(
    queue.pushed.map(({ connectionIds }) => connectionIds),
    [['c1']],
  );
});

test('a connection that is alone in its event has all of the time', async () => {
  const { world, ports } = slowWorld(['one', 'two', 'three']);
  const queue = queueOf();
  await runPolls(ports, queue, eventFor('c1'));
  assert.deepEqual([summaries(world), queue.pushed], [['one', 'two', 'three'], []]);
});
