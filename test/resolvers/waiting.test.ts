import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { PollRequest } from '../../src/domain/ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { connectionView } from '../../src/resolvers/connection-view';
import { waitingHandlers } from '../../src/resolvers/waiting';
import { failing, poll, refusing, withMailbox } from '../intake/polling';
import { createWorld, mail, type World } from '../support/world';

/** Mail that waits, as real polls leave it behind. */

const caller = { accountId: 'admin' };

function screen(world: World) {
  const pushed: PollRequest[] = [];
  const { connections, cursors, activity } = world.ports();
  const handlers = waitingHandlers({
    connections,
    cursors: {
      ...cursors,
      getMany: async (ids) => new Map(ids.flatMap((id) => (world.cursor() ? [[id, world.cursor()]] : [])) as never),
    },
    activity,
    queue: { push: async (requests) => void pushed.push(...requests) },
    audit: async () => undefined,
  });
  const view = () => connectionView(world.connection, world.cursor(), null, [], world.ports().now());
  return {
    pushed,
    view,
    waiting: (id: string | undefined = 'c1') => handlers['connections.waiting']({ id }, caller),
    tryNow: (handle?: string) => handlers['connections.tryNow']({ id: 'c1', handle }, caller),
  };
}

test('mail that Jira refuses is seen after the first poll, with subject, sender, reason and time, and the status is not green', async () => {
  const world = createWorld([mail('good'), mail('bad')]);
  const { view, waiting } = screen(world);
  await poll(world, refusing('bad'));
  const { items, heldBack, next } = await waiting();
  assert.deepEqual([heldBack, next, view().status, view().heldBack], [1, 0, 'waiting', 1]);
  const [item] = items;
  assert.ok(item);
  const { subject, from, code, message, mayTryNow, attempts, since } = item;
  assert.deepEqual(
    { subject, from, code, message, mayTryNow, attempts, since },
    {
      subject: 'bad',
      from: 'Ada <ada@example.org>',
      code: 'issue-refused',
      message: 'Jira refused the description.',
      mayTryNow: true,
      attempts: 1,
      since: world.ports().now(),
    },
  );
  assert.ok(item.retryAt > world.ports().now());
  world.advance(10 * 60_000);
  const later = since;
  await poll(world, refusing('bad'));
  assert.equal((await waiting()).items[0]?.since, later, 'since the first failure');
  world.advance(60 * 60_000);
  await poll(world);
  assert.deepEqual([view().status, (await waiting()).items], ['polling', []]);
});

test('one answer of Jira’s that leaves it open whether the issue exists is seen at once, and is not tried before its time', async () => {
  const world = createWorld([mail('first')]);
  const { view, waiting, tryNow, pushed } = screen(world);
  const busy = () => new AppError('jira-unavailable', 'transient', 'Jira answered 503.', { uncertain: true });
  await poll(world, failing('issues', 'create', busy));
  world.advance(60_000);
  await poll(world);
  assert.equal(view().trouble, null, 'the connection itself is well');
  assert.deepEqual([view().status, view().heldBack], ['waiting', 1]);
  const [item] = (await waiting()).items;
  assert.deepEqual([item?.reason, item?.message, item?.mayTryNow], ['claimed', 'Jira answered 503.', false]);
  await assert.rejects(tryNow(item?.handle), (error: AppError) => error.code === 'still-claimed');
  assert.deepEqual(await tryNow(), { asked: 0, tooEarly: 1 });
  assert.deepEqual(pushed, []);
});

test('a try that is asked for takes the mail in the next poll, and only that mail', async () => {
  const world = createWorld([mail('bad'), mail('worse')]);
  const { waiting, tryNow, pushed } = screen(world);
  const both = (ports: Parameters<ReturnType<typeof refusing>>[0]) => refusing('worse')(refusing('bad')(ports));
  await poll(world, both);
  const { items } = await waiting();
  const bad = items.find(({ subject }) => subject === 'bad');
  assert.deepEqual(await tryNow(bad?.handle), { asked: 1, tooEarly: 0 });
  assert.deepEqual(pushed, [{ connectionIds: ['c1'], delaySeconds: 0, force: true }]);
  await poll(world);
  assert.deepEqual(
    world.issues.map(({ draft }) => draft.summary),
    ['bad'],
  );
  assert.deepEqual(await tryNow(), { asked: 1, tooEarly: 0 });
  await poll(world);
  assert.equal(world.issues.length, 2);
  await assert.rejects(tryNow(bad?.handle), (error: AppError) => error.code === 'not-waiting');
});

test('mail that waits for its turn only is counted as next, and is no trouble', async () => {
  const world = createWorld(Array.from({ length: 70 }, (_, index) => mail(`mail ${index}`)));
  const { view, waiting } = screen(world);
  let left = 600_000;
  const step = (name: string) => {
    if (name === 'mailbox.fetch') left -= 20_000;
  };
  await pollConnection(world.ports({ step, remainingMs: () => left }), 'c1', false);
  const { heldBack, next } = await waiting();
  assert.equal(heldBack, 0);
  assert.ok(next > 0);
  assert.deepEqual([view().status, view().waiting], ['polling', next]);
});

test('mail that could not be deleted after its issue was made is held back, with the server’s reason', async () => {
  const world = createWorld([mail('first')], { afterDownload: 'delete' });
  const { view, waiting } = screen(world);
  const readOnly = withMailbox(() => ({
    settle: () => Promise.reject(new AppError('read-only', 'transient', 'The folder is read-only.')),
  }));
  await poll(world, readOnly);
  const [item] = (await waiting()).items;
  assert.deepEqual([item?.reason, item?.message, item?.mayTryNow], ['settle', 'The folder is read-only.', true]);
  assert.equal(view().heldBack, 1);
});

test('a poll that a person asked for says what came of it, and an idle one by itself writes nothing', async () => {
  const world = createWorld([mail('good'), mail('bad')]);
  const { view } = screen(world);
  assert.equal(view().asked, null);
  await poll(world, refusing('bad'));
  assert.deepEqual(view().asked, { at: world.ports().now(), results: { created: 1, failed: 1 } });
  world.advance(20_000);
  await poll(world, refusing('bad'));
  assert.deepEqual(view().asked, { at: world.ports().now(), results: {} }, 'nothing was due');
  const { revision } = world.cursor() ?? {};
  world.advance(20_000);
  assert.equal(await pollConnection(world.ports(), 'c1', false), 'idle');
  assert.equal(world.cursor()?.revision, revision);
});

test('the next poll is when it is due, or when access that was refused is tried again', async () => {
  const world = createWorld([mail('good')], { intervalMinutes: 30 });
  const { view } = screen(world);
  await poll(world);
  const now = world.ports().now();
  const due = view().nextPollAt ?? 0;
  assert.ok(due > now && due <= now + 30 * 60_000);
  const refused = () => new AppError('sign-in-failed', 'access', 'No.');
  world.mails.push({ uid: 2, raw: mail('second'), seen: false, gone: false });
  await poll(world, failing('issues', 'create', refused));
  assert.equal(view().nextPollAt, now + 5 * 60_000);
  world.connection = { ...world.connection, state: 'disabled' };
  assert.equal(view().nextPollAt, null);
});
