import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertWorld, start } from '../support/alert-world';

/** Runs until nothing is left to say: the connection fails, is told, recovers, and that is told. */
async function live(world: ReturnType<typeof alertWorld>, id: string): Promise<void> {
  for (let run = 0; run < 4; run += 1) {
    world.advance(5);
    await world.run();
  }
  world.recover(id);
  for (let run = 0; run < 8; run += 1) {
    world.advance(5);
    await world.run();
  }
}

const began = (world: ReturnType<typeof alertWorld>) => world.sent.filter(({ began }) => began.length > 0).length;
const ended = (world: ReturnType<typeof alertWorld>) => world.sent.filter(({ ended }) => ended.length > 0).length;

test('a run that is killed at any step loses no alert, and doubles one only between sending it and noting that', async () => {
  const doubled: string[] = [];
  for (const phase of ['begins', 'is over'] as const) {
    for (let at = 0; ; at += 1) {
      let reached = true;
      for (const when of ['before', 'after'] as const) {
        const world = alertWorld();
        world.addRule();
        const { id } = world.addConnection();
        world.fail(id, start - 3_600_000);
        if (phase === 'is over') {
          await world.run();
          world.recover(id);
          for (const minutes of [5, 15]) {
            world.advance(minutes);
            if (minutes === 5) await world.run();
          }
        }
        const calls = await world.run({ kill: { at, when } });
        reached = calls.length > at;
        if (!reached) break;
        await live(world, id);
        const step = `${phase}: killed ${when} ${calls[at]} (${at})`;
        assert.ok(began(world) >= 1 && began(world) <= 2, `${step}: told ${began(world)} times`);
        assert.ok(ended(world) >= 1 && ended(world) <= 2, `${step}: over ${ended(world)} times`);
        if (began(world) + ended(world) > 2) doubled.push(`${phase}: ${when} ${calls[at]}`);
      }
      if (!reached) break;
    }
  }
  // Between the other side's answer and the note of it nobody can know whether people saw the message.
  assert.deepEqual(doubled, [
    'begins: after send',
    'begins: before ledgers.put',
    'is over: after send',
    'is over: before ledgers.put',
  ]);
});

test('two runs at once tell everything once', async () => {
  const world = alertWorld();
  world.addRule();
  world.addRule({ name: 'Second' });
  const { id } = world.addConnection();
  world.fail(id, start - 3_600_000);
  await Promise.all([world.run(), world.run(), world.run()]);
  assert.equal(world.sent.length, 2);
  world.recover(id);
  for (let run = 0; run < 8; run += 1) {
    world.advance(5);
    await Promise.all([world.run(), world.run()]);
  }
  assert.equal(world.sent.length, 4);
});

test('one rule that cannot be told does not hold up the others', async () => {
  const world = alertWorld();
  world.addRule();
  world.addRule({ name: 'Mail', channel: { type: 'email', outgoingId: 'gone', recipients: ['ops@example.com'] } });
  world.fail(world.addConnection().id, start - 3_600_000);
  await world.run();
  assert.equal(world.sent.length, 1);
  assert.match(world.ledgers.get('a2')?.last?.message ?? '', /was deleted/);
});
