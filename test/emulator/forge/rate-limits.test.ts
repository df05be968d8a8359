import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kvs } from '@forge/kvs';
import { fixtureForge, stillClock } from './fixture/forge';
import { refusedWith } from './fixture/refusals';

test('allows 1,000 storage requests a second', async () => {
  const clock = stillClock();
  const forge = await fixtureForge({ clock });
  await forge.run(async () => {
    for (let n = 0; n < 1_000; n += 1) await kvs.get('a');
    await assert.rejects(kvs.get('a'), refusedWith('TOO_MANY_REQUESTS', 429));
    clock.advance(1_000);
    await kvs.get('a');
  });
});

test('allows 4,000 writes a minute, each started 10 KB counting as one', async () => {
  const clock = stillClock();
  const forge = await fixtureForge({ clock });
  await forge.run(async () => {
    const large = 'x'.repeat(95 * 1024);
    for (let n = 0; n < 400; n += 1) await kvs.set('a', large);
    await assert.rejects(kvs.set('a', 1), refusedWith('TOO_MANY_REQUESTS', 429));
    // Reads have an account of their own.
    assert.equal(await kvs.get('a'), large);
    clock.advance(60_000);
    await kvs.set('a', 1);
  });
});

test('allows 4,000 reads a minute, each started 10 KB counting as one', async () => {
  const clock = stillClock();
  const forge = await fixtureForge({ clock });
  await forge.run(async () => {
    await kvs.set('a', 'x'.repeat(95 * 1024));
    for (let n = 0; n < 400; n += 1) await kvs.get('a');
    await assert.rejects(kvs.get('a'), refusedWith('TOO_MANY_REQUESTS', 429));
    await kvs.set('a', 1);
  });
});

test('can leave the rates out for what runs faster than any network', async () => {
  const forge = await fixtureForge({ rateLimits: false });
  await forge.run(async () => {
    for (let n = 0; n < 1_100; n += 1) await kvs.get('a');
  });
});
