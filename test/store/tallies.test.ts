import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kvs } from '@forge/kvs';
import { bucketsOf, type PollFacts } from '../../src/domain/tally';
import { tallyStore } from '../../src/store/tallies';
import { stillClock } from '../emulator/forge/fixture/forge';
import type { Forge } from '../emulator/forge/forge';
import { storageForge } from '../support/storage-forge';

/** Tallies over the real storage package, on the emulator's storage API with all its limits. */
let forge: Forge;
/** It stands still: a poll before the full hour and one after it are not in one bucket. */
const clock = stillClock();
before(async () => {
  forge = await storageForge(clock);
});
after(() => forge.close());

const facts = (change: Partial<PollFacts> = {}): PollFacts => ({
  at: Date.now(),
  tookMs: 100,
  results: { created: 1 },
  waiting: 0,
  ...change,
});

test('keeps what polls came to until the connection is removed', () =>
  forge.run(async () => {
    const store = tallyStore();
    await store.add('one', facts());
    await store.add('one', facts({ results: { quarantined: 2 }, waiting: 3 }));
    const tally = (await store.getMany(['one', 'nobody'])).get('one');
    const [bucket] = bucketsOf(tally === undefined ? [] : [tally], '24h', Date.now()).slice(-1);
    assert.deepEqual([bucket?.results, bucket?.polls, bucket?.waiting], [{ created: 1, quarantined: 2 }, 2, 3]);
    await store.remove('one');
    assert.equal((await store.getMany(['one'])).size, 0);
  }));

test('forgets a connection that is not polled any more', () =>
  forge.run(async () => {
    await tallyStore().add('left', facts());
    clock.advance(32 * 86_400_000);
    assert.equal((await tallyStore().getMany(['left'])).size, 0);
  }));

/** A month with mail in each hour, as the store keeps it. */
async function seedBusyMonth(connectionId: string): Promise<void> {
  const store = tallyStore();
  const hours = 30 * 24;
  clock.advance(-hours * 3_600_000);
  for (let hour = 0; hour < hours; hour += 1) {
    clock.advance(3_600_000);
    await store.add(connectionId, facts({ tookMs: 12_345, waiting: 12, results: { created: 123, failed: 4 } }));
  }
}

test('counts a poll with one read and one write, of one unit even where mail comes in every hour of a month', () =>
  forge.run(async () => {
    await seedBusyMonth('busy');
    const before = forge.usage().kvs;
    await tallyStore().add('busy', facts());
    const { kvs } = forge.usage();
    assert.deepEqual([kvs.reads - before.reads, kvs.writes - before.writes], [1, 1]);
    assert.ok(kvs.bytesWritten - before.bytesWritten < 10_240, `${kvs.bytesWritten - before.bytesWritten} bytes`);
  }));

test('reads a thousand busy connections in few calls, far within the platform’s limit of a minute', () =>
  forge.run(async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `many-${index}`);
    await seedBusyMonth('model');
    const stored = await kvs.get<object>('tally:model');
    assert.ok(stored !== undefined);
    for (const id of ids) {
      await kvs.set(`tally:${id}`, stored);
      // However fast the machine is, no second sees more requests than the platform takes.
      clock.advance(100);
    }
    clock.advance(60_000);
    const before = forge.usage();
    const found = await tallyStore().getMany(ids);
    assert.equal(found.size, 1_000);
    const after = forge.usage();
    assert.equal(after.kvs.reads - before.kvs.reads, 40);
    const units = (after.kvs.bytesRead - before.kvs.bytesRead) / 10_240;
    assert.ok(units < 4_000 / 4, `${units} units`);
    const last = bucketsOf([...found.values()], '30d', Date.now() - 60_000);
    assert.ok(last.some(({ results }) => (results.created ?? 0) >= 123 * 1_000));
  }));
