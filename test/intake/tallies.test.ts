import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { pollLimits } from '../../src/domain/limits';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, mail, type World } from '../support/world';

/** Each effect of the world takes a hundred milliseconds. */
async function poll(
  world: World,
  change: (ports: IntakePorts) => IntakePorts = (ports) => ports,
  force = true,
): Promise<string[]> {
  const calls: string[] = [];
  const step = (name: string, when: string) => {
    if (when === 'before') calls.push(name);
    else world.advance(100);
  };
  await pollConnection(change(world.ports({ step })), 'c1', force);
  return calls;
}

const refusing =
  (subject: string) =>
  (ports: IntakePorts): IntakePorts => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        if (draft.summary !== subject) return ports.issues.create(draft);
        throw new AppError('issue-refused', 'message', 'Jira refused it.');
      },
    },
  });

test('counts what became of the mail of each poll, how long it took, and what is left waiting', async () => {
  const world = createWorld([mail('good'), mail('bad'), mail('better')]);
  await poll(world, refusing('bad'));
  const [bucket] = world.tally()?.hours ?? [];
  assert.deepEqual([bucket?.results, bucket?.polls, bucket?.waiting], [{ created: 2, failed: 1 }, 1, 1]);
  assert.ok((bucket?.pollMs ?? 0) >= 1_000);
  world.advance(60 * 60_000);
  await poll(world);
  const [, next] = world.tally()?.hours ?? [];
  assert.deepEqual([next?.results, next?.waiting], [{ created: 1 }, 0]);
});

test('counts a mail once, whatever a poll meets again', async () => {
  const world = createWorld([mail('same'), mail('same')]);
  await poll(world, (ports) => ({
    ...ports,
    openMailbox: async (settings, access) => ({
      ...(await ports.openMailbox(settings, access)),
      settle: () => Promise.reject(new AppError('cut', 'transient', 'Cut.')),
    }),
  }));
  world.advance(60 * 60_000);
  await poll(world);
  assert.deepEqual(
    world.tally()?.hours.map(({ results }) => results.created ?? 0),
    [1, 0],
  );
});

test('counts no idle poll, but the one that notes that it ran', async () => {
  const world = createWorld([mail('first')]);
  await poll(world);
  const due = () => poll(world, (ports) => ports, false);
  assert.ok(!(await due()).includes('tallies.add'));
  world.advance(pollLimits.heartbeatMs);
  assert.ok((await due()).includes('tallies.add'));
  const [bucket] = world.tally()?.hours ?? [];
  assert.deepEqual([bucket?.results, bucket?.polls], [{ created: 1 }, 2]);
});

test('counts a poll that failed', async () => {
  const world = createWorld([]);
  await poll(world, (ports) => ({
    ...ports,
    openMailbox: () => Promise.reject(new AppError('down', 'transient', 'Down.')),
  }));
  assert.deepEqual(
    world.tally()?.hours.map(({ polls, results }) => [polls, results]),
    [[1, {}]],
  );
});

test('takes mail all the same when a poll can not be counted', async () => {
  const world = createWorld([mail('first')]);
  await poll(world, (ports) => ({
    ...ports,
    tallies: { ...ports.tallies, add: () => Promise.reject(new Error('refused')) },
  }));
  assert.equal(world.issues.length, 1);
  assert.deepEqual([world.cursor()?.trouble, world.cursor()?.waiting], [null, []]);
  assert.ok(world.mails[0]?.seen);
});
