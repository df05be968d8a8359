import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertWorld } from '../support/alert-world';

test('a rule that was deleted or edited since is not told by a list that is behind', async () => {
  const world = alertWorld();
  const rule = world.addRule();
  world.fail(world.addConnection().id, world.now - 3_600_000);
  world.listedAlerts = [rule];
  world.alerts.delete(rule.id);
  await world.run();
  world.alerts.set(rule.id, { ...rule, version: rule.version + 1, enabled: false });
  await world.run();
  assert.deepEqual([world.sent.length, world.writes], [0, 0]);
  world.listedAlerts = null;
  world.alerts.set(rule.id, rule);
  await world.run();
  assert.equal(world.sent.length, 1);
});
