import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { changeCursor } from '../../src/domain/cursor-change';
import { graceMs, pollLimits } from '../../src/domain/limits';
import { connectionView } from '../../src/resolvers/connection-view';
import { pageOf } from '../support/activity-page';
import { brokenPoll } from '../support/broken-poll';
import { createWorld, mail, type World } from '../support/world';
import { type Change, poll, quarantined, summaries } from './polling';

/** More than may wait at the same time, so that they are asked for in portions. */
const names = Array.from({ length: 300 }, (_, index) => `mail ${index}`);

const refusingAll: Change = (ports) => ({
  ...ports,
  issues: {
    ...ports.issues,
    create: () => Promise.reject(new AppError('issue-refused', 'message', 'Jira refused it.')),
  },
});

async function allGivenUp(): Promise<World> {
  const world = createWorld(names.map((name) => mail(name)));
  for (let round = 0; round < 2 * pollLimits.attempts; round += 1) {
    await poll(world, refusingAll);
    world.advance(60 * 60_000);
  }
  assert.equal(quarantined(world).length, names.length);
  return world;
}

/** What the button does. */
async function askForAll(world: World): Promise<void> {
  const { cursors, now } = world.ports();
  const tryAgain = { to: now(), left: quarantined(world).length };
  await changeCursor(cursors, 'c1', (cursor) => cursor && { ...cursor, tryAgain });
  world.advance(1_000);
}

const shown = (world: World) => connectionView(world.connection, world.cursor(), null, [], 0).tryingAgain;

function assertOver(world: World, how: string): void {
  assert.deepEqual(summaries(world).sort(), [...names].sort(), how);
  const { waiting, totals, tryAgain } = world.cursor() ?? {};
  assert.deepEqual([waiting, totals?.taken, totals?.givenUp, tryAgain], [[], names.length, 0, undefined], how);
  assert.deepEqual([quarantined(world).length, shown(world)], [0, 0], how);
}

test('asks for nothing twice while the list of the log is behind', async () => {
  const world = await allGivenUp();
  await askForAll(world);
  // Each list is answered as it would have been before the first mail was taken.
  const before = [...world.activity.values()].map((entry) => structuredClone(entry));
  const behind: Change = (ports) => ({
    ...ports,
    activity: { ...ports.activity, list: async (query) => pageOf(before, query) },
  });
  for (let round = 0; round < 3; round += 1) {
    await poll(world, behind);
    world.advance(60_000);
  }
  assertOver(world, 'with a list that is behind');
});

test('takes all mail that was given up, in portions, when it is asked to once, and says how much is left', async () => {
  const world = await allGivenUp();
  await askForAll(world);
  const left: number[] = [shown(world)];
  const step = (name: string, when: string) => {
    if (name === 'cursors.put' && when === 'after') left.push(shown(world));
  };
  await poll(world, () => world.ports({ step }));
  assertOver(world, 'at once');
  assert.deepEqual([left[0], left.at(-1)], [names.length, 0]);
  assert.deepEqual(
    left,
    [...left].sort((a, b) => b - a),
    'it only becomes less',
  );
  assert.ok(new Set(left).size >= 6, 'and is seen to');
});

test('tries each once that is refused again, and then leaves them alone', async () => {
  const world = await allGivenUp();
  const tries: string[] = [];
  await askForAll(world);
  const counting: Change = (ports) => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: ({ summary }) => {
        tries.push(summary);
        world.advance(1);
        return Promise.reject(new AppError('issue-refused', 'message', 'Jira refused it.'));
      },
    },
  });
  for (let round = 0; round < 3; round += 1) await poll(world, counting);
  assert.deepEqual(tries.sort(), [...names].sort());
  assert.deepEqual([quarantined(world).length, shown(world)], [names.length, 0]);
  assert.deepEqual([world.cursor()?.totals.givenUp, world.cursor()?.waiting], [names.length, []]);
});

test('leaves alone what was given up after it was asked for, and what lies in another mailbox', async () => {
  const world = await allGivenUp();
  const [later, elsewhere] = quarantined(world);
  assert.ok(later && elsewhere);
  world.activity.set(elsewhere.id, { ...elsewhere, mailbox: '["imap","other"]' });
  await askForAll(world);
  world.activity.set(later.id, { ...later, at: world.ports().now() });
  await poll(world);
  assert.equal(world.issues.length, names.length - 2);
  assert.deepEqual(new Set(quarantined(world).map(({ id }) => id)), new Set([later.id, elsewhere.id]));
  assert.equal(shown(world), 0);
});

test('goes on with all that was asked for when a run is killed around any note of it', async () => {
  const whole = await allGivenUp();
  await askForAll(whole);
  const passages = await brokenPoll(whole, null);
  const notes = passages.flatMap((passage, index) =>
    / (cursors.put|activity.list)$/.test(passage) ? [index + 1] : [],
  );
  // The first portion and the second, and what lies between them.
  const places = [...notes.slice(0, 2), ...notes.slice(-5)];
  assert.ok(notes.length >= 12 && passages.filter((one) => one === 'before activity.list').length > 2);
  for (const at of places) {
    const world = await allGivenUp();
    await askForAll(world);
    await brokenPoll(world, { at, how: 'kill' });
    for (let round = 0; round < 3; round += 1) {
      await poll(world);
      world.advance(graceMs + 60_000);
    }
    assertOver(world, `killed ${passages[at - 1]} (${at})`);
  }
});
