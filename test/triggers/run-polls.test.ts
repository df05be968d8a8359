import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { pollLimits } from '../../src/domain/limits';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { runPolls } from '../../src/triggers/run-polls';
import { beginningWithOwnStores } from '../support/poll-start';
import { createWorld, mail, type World } from '../support/world';
import { eventFor, queueOf, refused, summaries, until } from './events';

test('polls the connections of an event, and pushes nothing when they are done', async () => {
  const world = createWorld([mail('one')]);
  const queue = queueOf();
  await runPolls(world.ports(), queue, eventFor('c1'));
  assert.equal(world.issues.length, 1);
  assert.deepEqual(queue.pushed, []);
});

test('polls a connection with others each time, as long as it has no event of its own', async () => {
  const world = createWorld([mail('one')]);
  await runPolls(world.ports(), queueOf(), eventFor('c1', 'gone'));
  world.mails.push({ uid: 2, raw: mail('two'), seen: false, gone: false });
  await runPolls(world.ports(), queueOf(), eventFor('c1', 'gone'));
  assert.deepEqual(summaries(world), ['one', 'two']);
});

test('pushes a connection again that ran out of time', async () => {
  const world = createWorld([mail('one'), mail('two')]);
  const queue = queueOf();
  const remainingMs = () => (world.issues.length === 0 ? 600_000 : 1_000);
  await runPolls(world.ports({ remainingMs }), queue, eventFor('c1'));
  assert.equal(world.issues.length, 1);
  assert.deepEqual(
    queue.pushed.map(({ connectionIds, delaySeconds }) => [connectionIds, delaySeconds]),
    [[['c1'], 5]],
  );
});

test('leaves an event out that the platform postponed until another one had polled, and no other', async () => {
  const world = createWorld([mail('one')]);
  const now = () => world.ports().now();
  const takes = async (event: Partial<ReturnType<typeof eventFor>>, name: string) => {
    world.mails.push({ uid: world.mails.length + 1, raw: mail(name), seen: false, gone: false });
    await runPolls(world.ports(), queueOf(), { ...eventFor('c1'), ...event });
    return summaries(world).includes(name);
  };
  const first = now();
  world.advance(60_000);
  assert.equal(await takes({ dueAt: first }, 'late'), true, 'late, but nobody was faster');
  world.advance(60_000);
  assert.equal(await takes({ dueAt: first + 30_000 }, 'left out'), false);
  assert.equal(await takes({ dueAt: first + 30_000, force: true }, 'asked for'), true);
  world.advance(1_000);
  assert.equal(await takes({ dueAt: now() }, 'on time'), true);
  assert.equal(await takes({}, 'without a time'), true);
  world.advance(16 * 60_000);
  assert.equal(await takes({ dueAt: now() - 16 * 60_000 }, 'by another clock'), true, 'no event is postponed so long');
});

test('polls the others of an event when the store fails for one of them', async () => {
  const world = createWorld([mail('one')]);
  const logged: unknown[] = [];
  const ports: IntakePorts = {
    ...world.ports(),
    log: (_, event, facts) => void logged.push([event, facts?.connectionId]),
  };
  const broken = beginningWithOwnStores({
    ...ports,
    connections: {
      ...ports.connections,
      get: (id: string) => (id === 'broken' ? Promise.reject(new Error('down')) : ports.connections.get(id)),
    },
  });
  const queue = queueOf();
  await runPolls(broken, queue, eventFor('broken', 'c1', 'gone'));
  assert.equal(world.issues.length, 1);
  assert.deepEqual(queue.pushed, [], 'its next event comes anyway');
  assert.deepEqual(logged, [['poll-broken-off', 'broken']]);
});

test('never fails, and says what is lost, when neither the store nor the queue can keep what somebody asked for', async () => {
  const world = createWorld([]);
  const logged: string[] = [];
  const readPollStart = () => Promise.reject(new Error('down'));
  const ports: IntakePorts = { ...world.ports(), readPollStart, log: (_, event) => void logged.push(event) };
  await runPolls(ports, refused, { connectionIds: ['c1'], force: true, reprocess: ['an-entry'] });
  assert.deepEqual(logged, ['poll-broken-off', 'wish-lost']);
});

/** Polls of a world in which the mailboxes of `hanging` connections never answer; they are let go at the end. */
function worldThatHangs(world: World, hanging: ReadonlySet<string>) {
  let letGo: () => void = () => undefined;
  const hold = () =>
    new Promise<void>((resolve) => {
      letGo = resolve;
    });
  let held = hold();
  const ports = world.ports();
  const healthy = world.connection;
  const opening: string[] = [];
  const changed: IntakePorts = {
    ...ports,
    connections: {
      ...ports.connections,
      get: async (id) => (id === healthy.id ? ports.connections.get(id) : { ...healthy, id }),
    },
    cursors: {
      ...ports.cursors,
      get: async (id) => (id === healthy.id ? ports.cursors.get(id) : null),
      put: async (id, cursor) => (id === healthy.id ? ports.cursors.put(id, cursor) : cursor),
    },
    openMailbox: async (settings, access) => {
      const id = access.connectionId ?? '';
      opening.push(id);
      if (hanging.has(id)) {
        await held;
        throw new AppError('timeout', 'transient', 'The server does not answer.');
      }
      return ports.openMailbox(settings, access);
    },
  };
  const letGoAll = () => {
    letGo();
    held = hold();
  };
  return { ports: beginningWithOwnStores(changed), opening, letGo: letGoAll };
}

const twenty = Array.from({ length: 20 }, (_, index) => `hanging-${index}`);

test('polls a healthy connection behind twenty whose servers hang', async () => {
  const world = createWorld([mail('one')]);
  const { ports, letGo } = worldThatHangs(world, new Set(twenty));
  let isOver = false;
  const polled = runPolls(ports, queueOf(), eventFor(...twenty, 'c1'), async () => undefined).then(() => {
    isOver = true;
  });
  await until(() => world.tally() !== null);
  assert.equal(world.issues.length, 1);
  await rounds();
  assert.ok(!isOver, 'the platform would stop what still hangs');
  letGo();
  await polled;
});

test('does not wait for those that are not slow, nor measure the last one', async () => {
  const world = createWorld([mail('one')]);
  const { ports, opening } = worldThatHangs(world, new Set());
  let waits = 0;
  const wait = () => {
    waits += 1;
    return new Promise<never>(() => undefined);
  };
  await runPolls(ports, queueOf(), eventFor('c1'), wait);
  assert.deepEqual([world.issues.length, waits], [1, 0]);
  await runPolls(ports, queueOf(), eventFor(...twenty), wait);
  assert.equal(opening.length, 1 + twenty.length);
});

test('lets no more than a limit of hanging servers pile up in memory', async () => {
  const many = Array.from({ length: 60 }, (_, index) => `hanging-${index}`);
  const { ports, opening, letGo } = worldThatHangs(createWorld([]), new Set(many));
  const polled = runPolls(ports, queueOf(), eventFor(...many), async () => undefined);
  await until(() => opening.length >= pollLimits.parallel + pollLimits.slow);
  await rounds();
  assert.equal(opening.length, pollLimits.parallel + pollLimits.slow);
  letGo();
  await until(() => opening.length === many.length);
  letGo();
  await polled;
  assert.deepEqual(opening, many, 'and all of them have their turn');
});

test('an event that comes late, for connections that were disabled or deleted meanwhile, does nothing', async () => {
  const world = createWorld([mail('one')]);
  world.connection = { ...world.connection, state: 'disabled' };
  const queue = queueOf();
  await runPolls(world.ports(), queue, eventFor('c1', 'gone'));
  assert.deepEqual([world.issues, queue.pushed, world.cursor()], [[], [], null]);
});

/** Time for whatever can go on. */
async function rounds(): Promise<void> {
  for (let round = 0; round < 50; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('asks again for what somebody asked for when it could not be read, or the storage did not answer', async () => {
  for (const what of ['activity', 'connections'] as const) {
    const world = createWorld([mail('one')]);
    const ports = world.ports();
    const down = () => Promise.reject(new Error('down'));
    const broken =
      what === 'activity'
        ? { ...ports, activity: { ...ports.activity, getMany: down } }
        : beginningWithOwnStores({ ...ports, connections: { ...ports.connections, get: down } });
    const queue = queueOf();
    await runPolls(broken, queue, { ...eventFor('c1'), reprocess: ['entry'] });
    const again = { connectionIds: ['c1'], delaySeconds: 60, force: true, reprocess: ['entry'] };
    assert.deepEqual(queue.pushed, [again], what);
    await runPolls(ports, queue, { ...eventFor('c1'), reprocess: ['entry'] });
    assert.equal(queue.pushed.length, 1, 'once it is heard, nobody asks again');
  }
});
