import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { pollLimits } from '../../src/domain/limits';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, mail } from '../support/world';

test('takes the pause that a server asked for, or between polls an hour apart, for no sign that runs were ended', async () => {
  const hourMs = 60 * 60_000;
  for (const [intervalMinutes, asked] of [
    [60, 0],
    [1, 24],
  ] as const) {
    const world = createWorld([mail('one')], { intervalMinutes });
    await pollConnection(world.ports(), 'c1', false);
    const busy = () => {
      throw new AppError('busy', 'transient', 'Come back later.', { retryAfterMs: asked * hourMs });
    };
    if (asked > 0) await pollConnection({ ...world.ports(), openMailbox: busy }, 'c1', false);
    world.advance(Math.max(1, asked) * hourMs);
    world.mails.push({ uid: 2, raw: mail('two'), seen: false, gone: false });
    const calls: string[] = [];
    const step = (name: string, when: string) => void (when === 'before' && calls.push(name));
    await pollConnection(world.ports({ step }), 'c1', false);
    assert.equal(world.issues.length, 2);
    // Saved, and once more without the trouble.
    assert.equal(calls.filter((name) => name === 'cursors.put').length, asked > 0 ? 2 : 1);
  }
});

test('takes one batch alone after a silence, and what is behind it together again', async () => {
  const raws = Array.from({ length: 3 * pollLimits.batchSize }, (_, index) => mail(`mail ${index}`));
  const world = createWorld(raws);
  world.advance(24 * 60 * 60_000);
  let saves = 0;
  const step = (name: string, when: string) => {
    if (name === 'cursors.put' && when === 'before') saves += 1;
  };
  await pollConnection(world.ports({ step }), 'c1', false);
  assert.equal(world.issues.length, raws.length);
  // For each of them alone: before its try, after it, before it is marked, and after that.
  assert.ok(saves >= 4 * pollLimits.batchSize && saves < 5 * pollLimits.batchSize, `${saves} saves`);
});
