import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jiraPauseStore } from '../../src/store/jira-pause';
import { storageForge } from '../support/storage-forge';

test('a pause is written once for one time, and known to whoever reads it', async () => {
  const forge = await storageForge();
  const pauses = jiraPauseStore();
  const run = <T>(work: () => Promise<T>) => forge.run(work);
  const writes = () => forge.usage().kvs.writes;
  assert.equal(await run(pauses.until), 0);
  const hour = Date.UTC(2026, 10, 20, 15);
  const before = writes();
  // As other polls were told it, a moment later.
  for (const until of [hour, hour + 900, hour - 400]) await run(() => pauses.pause(until));
  assert.equal(writes() - before, 1);
  assert.equal(await run(jiraPauseStore().until), hour);
  await run(() => pauses.pause(hour + 3_600_000));
  assert.equal(await run(pauses.until), hour + 3_600_000);
  await forge.close();
});
