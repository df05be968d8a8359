import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PollRequest } from '../../src/domain/ports';
import { readPollEvent } from '../../src/triggers/poll-queue';
import { runPolls } from '../../src/triggers/run-polls';
import { createWorld, mail } from '../support/world';

const eventFor = (...connectionIds: string[]) => {
  const event = readPollEvent({ connectionIds, force: false });
  assert.ok(event);
  return event;
};

function queueOf() {
  const pushed: PollRequest[] = [];
  return { pushed, push: async (requests: readonly PollRequest[]) => void pushed.push(...requests) };
}

test('polls the connections of an event, and pushes nothing when they are done', async () => {
  const world = createWorld([mail('one')]);
  const queue = queueOf();
  await runPolls(world.ports(), queue, eventFor('c1'));
  assert.equal(world.issues.length, 1);
  assert.deepEqual(queue.pushed, []);
});

test('pushes a connection again that ran out of time', async () => {
  const world = createWorld([mail('one'), mail('two')]);
  const queue = queueOf();
  const remainingMs = () => (world.issues.length === 0 ? 600_000 : 1_000);
  await runPolls(world.ports({ remainingMs }), queue, eventFor('c1'));
  assert.equal(world.issues.length, 1);
  assert.deepEqual(
    queue.pushed.map(({ connectionIds, delaySeconds }) => [connectionIds, delaySeconds]),
    [[['c1'], 0]],
  );
});

test('polls the others of an event when the store fails for one of them', async () => {
  const world = createWorld([mail('one')]);
  const ports = world.ports();
  const broken = {
    ...ports,
    connections: {
      ...ports.connections,
      get: (id: string) => (id === 'broken' ? Promise.reject(new Error('down')) : ports.connections.get(id)),
    },
  };
  await runPolls(broken, queueOf(), eventFor('broken', 'c1', 'gone'));
  assert.equal(world.issues.length, 1);
});

test('understands its own events, and no others', () => {
  assert.ok(readPollEvent({ connectionIds: ['a'], force: true }));
  for (const body of [null, {}, { connectionIds: [] }, { connectionIds: ['a'] }, { connectionId: 'a', force: true }]) {
    assert.equal(readPollEvent(body), null, JSON.stringify(body));
  }
});
