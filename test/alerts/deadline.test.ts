import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { alertLimits, alertTimeoutSeconds } from '../../src/domain/limits';
import { opsgenieRequests } from '../../src/notify/opsgenie';
import { alertWorld, start } from '../support/alert-world';

const opsgenie = { channel: { type: 'opsgenie', region: 'us' } } as const;

/** A world in which so many connections fail. */
function failing(count: number) {
  const world = alertWorld();
  const alert = world.addRule(opsgenie);
  for (let made = 0; made < count; made += 1) world.fail(world.addConnection().id, start - 3_600_000);
  return { world, alert };
}
const requests = (world: ReturnType<typeof alertWorld>) => world.sent.map((notice) => opsgenieRequests(notice).length);
/** What people see: the incidents of all messages, none twice. */
function toldOnce(world: ReturnType<typeof alertWorld>): number {
  const topics = world.sent.flatMap(({ began }) => began.map(({ topic }) => topic));
  assert.equal(new Set(topics).size, topics.length, 'told twice');
  return topics.length;
}

test('Opsgenie gets many incidents in several messages, which together stay below the requests of one function', async () => {
  const { world } = failing(60);
  await world.run();
  assert.deepEqual(requests(world), [10, 10, 10, 10, 10]);
  world.advance(5);
  await world.run();
  assert.deepEqual(requests(world).slice(5), [10]);
  assert.equal(toldOnce(world), 60);
});

test('a slow Opsgenie gets what fits into one run, and the rest with the next ones', async () => {
  const { world } = failing(100);
  world.sendTakes = alertLimits.opsgenieAtOnce * (alertLimits.timeoutMs - 1);
  for (let run = 0; run < 10; run += 1) {
    const before = world.now;
    await world.run();
    assert.ok(world.now - before < alertTimeoutSeconds * 1_000, 'the platform would have ended it');
    assert.equal(requests(world).length, run + 1);
    world.advance(5);
  }
  assert.equal(toldOnce(world), 100);
});

test('what became worse takes two requests each, and what is over one', async () => {
  const { world } = failing(30);
  await world.run();
  for (const connection of world.connections.slice(0, 12)) connection.state = 'suspended';
  for (const { id } of world.connections.slice(12)) world.recover(id);
  world.sent.length = 0;
  for (let run = 0; run < 6; run += 1) {
    world.advance(5);
    await world.run();
  }
  assert.deepEqual(requests(world), [10, 10, 4, 10, 8]);
  assert.equal(world.sent.flatMap(({ replaced }) => replaced).length, 12);
  assert.equal(world.sent.flatMap(({ ended }) => ended).length, 18);
});

test('after a message that failed the run sends no other, and the next one begins with the same', async () => {
  const { world } = failing(20);
  const error = new AppError('throttled', 'transient', 'Opsgenie asks to slow down.');
  world.sendFails = { when: 'before', error };
  assert.equal((await world.run()).filter((call) => call === 'send').length, 1);
  world.sendFails = null;
  world.advance(5);
  await world.run();
  assert.equal(toldOnce(world), 20);
});

for (const [name, channel, outcome] of [
  ['Slack', { type: 'slack' }, 'unclear'],
  ['Opsgenie', opsgenie.channel, 'failed'],
] as const) {
  test(`${name} that never answers does not hold a run up beyond its time`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const world = alertWorld();
    const { id } = world.addRule({ channel });
    world.fail(world.addConnection().id, start - 3_600_000);
    world.sendTakes = Number.POSITIVE_INFINITY;
    const run = world.run();
    while (world.ledgers.get(id)?.sendingSince === undefined) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(alertTimeoutSeconds * 1_000 - 1);
    await run;
    const ledger = world.ledgers.get(id);
    assert.deepEqual([ledger?.sendingSince, ledger?.last?.outcome], [0, outcome]);
    assert.match(ledger?.last?.message ?? '', /may have arrived/);
  });
}

test('a run that has little time left begins no message, and loses none', async () => {
  const { world } = failing(1);
  const late = alertTimeoutSeconds * 1_000 - 60_000;
  assert.deepEqual(
    (await world.run({ late })).filter((call) => call === 'send' || call === 'ledgers.put'),
    [],
  );
  await world.run();
  assert.equal(toldOnce(world), 1);
});
