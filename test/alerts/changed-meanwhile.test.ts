import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertWorld, start } from '../support/alert-world';

/** What administrators change while an incident is open. */

const told = (world: ReturnType<typeof alertWorld>) =>
  world.sent.map(({ began, ended }) => [
    ...began.map(({ title }) => title),
    ...ended.map(({ subject }) => `over: ${subject}`),
  ]);
async function hours(world: ReturnType<typeof alertWorld>, count: number): Promise<void> {
  for (let run = 0; run < count * 12; run += 1) {
    world.advance(5);
    await world.run();
  }
}
async function failing() {
  const world = alertWorld();
  const alert = world.addRule();
  const { id } = world.addConnection('Support');
  world.fail(id, start - 3_600_000);
  await world.run();
  const [connection] = world.connections;
  assert.ok(connection);
  return { world, alert, id, connection };
}
const [began, over] = [['“Support” cannot be polled'], ['over: Support']];

test('a connection that is disabled, or deleted, while it is told of is over once', async () => {
  const disabled = await failing();
  disabled.connection.state = 'disabled';
  await hours(disabled.world, 2);
  assert.deepEqual(told(disabled.world), [began, over]);

  const deleted = await failing();
  deleted.world.connections.length = 0;
  deleted.world.cursors.clear();
  await hours(deleted.world, 2);
  assert.deepEqual(told(deleted.world), [began, over]);
});

test('a connection that is disabled and enabled within a quarter of an hour, and fails again, is the same incident', async () => {
  const { world, connection } = await failing();
  connection.state = 'disabled';
  world.advance(5);
  await world.run();
  connection.state = 'enabled';
  await hours(world, 2);
  assert.deepEqual(told(world), [began]);
});

test('a rule that no longer tells of a kind tells the end of what it told', async () => {
  const { world, alert, id } = await failing();
  world.alerts.set(alert.id, { ...alert, version: 2, settings: { ...alert.settings, incidents: ['expiring'] } });
  await hours(world, 1);
  assert.deepEqual(told(world), [began]);
  world.recover(id);
  await hours(world, 2);
  assert.deepEqual(told(world), [began, over]);
});

test('a rule whose channel is changed goes on with what the old one told', async () => {
  const { world, alert, id } = await failing();
  const opsgenie = { type: 'opsgenie', region: 'us' } as const;
  world.alerts.set(alert.id, { ...alert, version: 2, settings: { ...alert.settings, channel: opsgenie } });
  await hours(world, 1);
  world.recover(id);
  await hours(world, 2);
  assert.deepEqual(told(world), [began, over]);
});

test('a run that is killed with the message claimed tells it at the next run but one, and only once', async () => {
  const world = alertWorld();
  world.addRule();
  world.fail(world.addConnection('Support').id, start - 3_600_000);
  const calls = await world.run();
  world.sent.length = 0;
  world.ledgers.clear();
  await world.run({ kill: { at: calls.indexOf('send'), when: 'before' } });
  assert.deepEqual(told(world), []);
  await hours(world, 1);
  assert.deepEqual(told(world), [began]);
});
