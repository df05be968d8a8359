import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { changeCursor } from '../../src/domain/cursor-change';
import type { PollRequest } from '../../src/domain/ports';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { startingCursor } from '../../src/resolvers/connection-start';
import { runPolls } from '../../src/triggers/run-polls';
import { beginningWithOwnStores } from '../support/poll-start';
import { createWorld, mail, type World } from '../support/world';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const summaries = (world: World) => world.issues.map(({ draft }) => draft.summary);
const poll = (world: World, ports: IntakePorts = world.ports()) => pollConnection(ports, 'c1', false);

/** The mail server fails as long as `error` returns something; `asked` counts how often it was asked. */
function serverThat(world: World, error: () => AppError | null) {
  const ports = world.ports();
  const server = { asked: 0 };
  const openMailbox: IntakePorts['openMailbox'] = async (settings, access) => {
    server.asked += 1;
    const failure = error();
    if (failure !== null) throw failure;
    return ports.openMailbox(settings, access);
  };
  return { server, ports: { ...ports, openMailbox } };
}

const down = (options: ConstructorParameters<typeof AppError>[3] = {}) =>
  new AppError('unreachable', 'transient', 'The mail server does not answer.', options);

for (const [asked, waitMs] of [
  ['two minutes', 2 * minuteMs],
  ['three hours, longer than any wait of ours', 3 * hourMs],
  ['one day', 24 * hourMs],
] as const) {
  test(`waits when the server asks for ${asked}, and asks it nothing before`, async () => {
    const world = createWorld([mail('first')]);
    const failure = { now: true };
    const { server, ports } = serverThat(world, () => (failure.now ? down({ retryAfterMs: waitMs }) : null));
    const start = ports.now();
    await poll(world, ports);
    assert.equal(world.cursor()?.trouble?.notBefore, start + waitMs);
    failure.now = false;
    world.advance(waitMs - 1);
    assert.equal(await poll(world, ports), 'idle');
    assert.equal(server.asked, 1);
    world.advance(1);
    await poll(world, ports);
    assert.deepEqual(summaries(world), ['first']);
  });
}

test('says since when it fails and how often, and begins anew after a poll that worked', async () => {
  const world = createWorld([]);
  let isDown = true;
  const { ports } = serverThat(world, () => (isDown ? down() : null));
  const start = ports.now();
  const troubles = async () => {
    await poll(world, ports);
    const { since, failures } = world.cursor()?.trouble ?? { since: null, failures: null };
    return [since === null ? null : since - start, failures];
  };
  assert.deepEqual(await troubles(), [0, 1]);
  world.advance(minuteMs);
  assert.deepEqual(await troubles(), [0, 2]);
  world.advance(2 * minuteMs);
  isDown = false;
  assert.deepEqual(await troubles(), [null, null]);
  world.advance(minuteMs);
  isDown = true;
  assert.deepEqual(await troubles(), [4 * minuteMs, 1]);
  assert.equal(world.cursor()?.trouble?.notBefore, start + 5 * minuteMs, 'the shortest wait again');
});

const refusal = (code = 'sign-in-failed') =>
  new AppError(code, 'access', 'The server refused the password.', { step: 'sign-in' });

test('suspends at the third refusal of access over ten minutes, and never asks that server again by itself', async () => {
  const world = createWorld([mail('first')]);
  const { server, ports } = serverThat(world, () => refusal());
  const start = ports.now();
  const tries: number[] = [];
  for (let minute = 0; minute < 60; minute += 1) {
    const before = server.asked;
    await poll(world, ports);
    if (server.asked > before) tries.push(minute);
    const { state } = world.connection;
    assert.equal(state, minute < 10 ? 'enabled' : 'suspended');
    if (minute === 0) assert.equal(world.cursor()?.trouble?.notBefore, start + 5 * minuteMs);
    world.advance(minuteMs);
  }
  assert.deepEqual(tries, [0, 5, 10]);
  const calls: string[] = [];
  const step = (name: string) => void calls.push(name);
  await pollConnection({ ...world.ports({ step }), openMailbox: ports.openMailbox }, 'c1', false);
  assert.equal(server.asked, 3);
  assert.deepEqual(new Set(calls), new Set(['connections.get', 'cursors.get']), 'nothing else is asked');
});

test('a connection that is polled each hour is tried again five and ten minutes after a refusal', async () => {
  const world = createWorld([mail('first')], { intervalMinutes: 60 });
  const { server, ports } = serverThat(world, () => refusal());
  const pushed: PollRequest[] = [];
  const queue = { push: async (requests: readonly PollRequest[]) => void pushed.push(...requests) };
  for (let round = 1; round <= 3; round += 1) {
    await runPolls(ports, queue, { connectionIds: ['c1'], force: false });
    const again = { connectionIds: ['c1'], delaySeconds: 300, force: false };
    assert.deepEqual(pushed.splice(0), round < 3 ? [again] : [], `after refusal ${round}`);
    world.advance(5 * minuteMs);
  }
  assert.deepEqual([server.asked, world.connection.state], [3, 'suspended']);
});

test('whoever asks for polls shortens none of the ten minutes, and makes no storm', async () => {
  const world = createWorld([mail('first')]);
  const { server, ports } = serverThat(world, () => refusal());
  const results: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    results.push(await pollConnection(ports, 'c1', true));
    world.advance(30_000);
  }
  assert.deepEqual(
    results,
    ['refused', 'idle', 'idle', 'idle', 'idle', 'idle'],
    'one event for the next try is enough',
  );
  assert.deepEqual([server.asked, world.connection.state, world.cursor()?.trouble?.refused?.tries], [6, 'enabled', 6]);
  world.advance(7 * minuteMs);
  await poll(world, ports);
  assert.equal(world.connection.state, 'suspended');
});

test('a poll that works between refusals begins their count anew, and a server that is down does not', async () => {
  const world = createWorld([mail('first')]);
  let error: AppError | null = refusal();
  const { ports } = serverThat(world, () => error);
  const after = async (next: AppError | null) => {
    error = next;
    await poll(world, ports);
    world.advance(5 * minuteMs);
    return world.cursor()?.trouble?.refused?.tries ?? 0;
  };
  assert.equal(await after(refusal()), 1);
  assert.equal(await after(refusal()), 2);
  assert.equal(await after(null), 0);
  assert.equal(await after(refusal('certificate-expired')), 1);
  assert.equal(await after(down()), 1);
  assert.equal(world.connection.state, 'enabled');
  assert.equal(await after(refusal('certificate-expired')), 2);
  assert.equal(await after(refusal('certificate-expired')), 3);
  assert.equal(world.connection.state, 'suspended');
});

for (const code of ['authorization-expired', 'no-mailbox', 'account-disabled', 'password-missing']) {
  test(`${code} suspends at once: no other try can change it`, async () => {
    const world = createWorld([mail('first')]);
    const { ports } = serverThat(world, () => refusal(code));
    assert.equal(await poll(world, ports), 'idle');
    assert.equal(world.connection.state, 'suspended');
  });
}

test('leaves nothing behind of a first poll that fails after its connection was deleted', async () => {
  const world = createWorld([mail('first')]);
  const { connections } = world.ports();
  const { ports } = serverThat(world, () => {
    void connections.remove('c1');
    return down();
  });
  assert.equal(await poll(world, ports), 'idle');
  assert.equal(world.cursor(), null);
});

test('goes on where it stopped once an administrator has put right what suspended it', async () => {
  const world = createWorld(['one', 'two', 'three'].map((name) => mail(name)));
  const ports = world.ports();
  const create: IntakePorts['issues']['create'] = (draft) =>
    draft.summary === 'two'
      ? Promise.reject(new AppError('jira-config', 'access', 'The issue type is gone.'))
      : ports.issues.create(draft);
  for (let round = 0; round < 3; round += 1) {
    await poll(world, { ...ports, issues: { ...ports.issues, create } });
    world.advance(5 * minuteMs);
  }
  assert.deepEqual([world.connection.state, summaries(world)], ['suspended', ['one']]);

  world.mails.push({ uid: 4, raw: mail('four'), seen: false, gone: false });
  const open = () => Promise.reject(new Error('The place in the mailbox is known already.'));
  await changeCursor(
    ports.cursors,
    'c1',
    await startingCursor(world.connection, open, { from: 'continue' }, ports.now()),
  );
  world.connection = { ...world.connection, state: 'enabled' };
  await poll(world);
  assert.deepEqual(summaries(world), ['one', 'two', 'three', 'four']);
  assert.equal(world.cursor()?.trouble, null);
});

test('a connection that waits after a failure keeps no other one of its event waiting', async () => {
  const world = createWorld([mail('first')]);
  const ports = world.ports();
  const waiting = {
    code: 'x',
    message: 'Down.',
    detail: null,
    step: null,
    since: 0,
    failures: 9,
    notBefore: ports.now() + hourMs,
  };
  await poll(world);
  const cursor = world.cursor();
  assert.ok(cursor);
  world.mails.push({ uid: 2, raw: mail('second'), seen: false, gone: false });
  const opened: string[] = [];
  await runPolls(
    beginningWithOwnStores<IntakePorts>({
      ...ports,
      connections: { ...ports.connections, get: async (id) => ({ ...world.connection, id }) },
      cursors: {
        ...ports.cursors,
        get: async (id) => (id === 'c1' ? ports.cursors.get(id) : { ...cursor, trouble: waiting }),
      },
      openMailbox: async (settings, access) => {
        opened.push(access.connectionId ?? '');
        return ports.openMailbox(settings, access);
      },
    }),
    { push: async () => assert.fail('nothing is left to do') },
    { connectionIds: ['failing-1', 'failing-2', 'c1'], force: false },
  );
  assert.deepEqual(opened, ['c1']);
  assert.deepEqual(summaries(world), ['first', 'second']);
});
