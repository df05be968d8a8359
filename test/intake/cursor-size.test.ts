import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { pollLimits, positionChars } from '../../src/domain/limits';
import type { Mailbox } from '../../src/domain/ports';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { kvsLimits } from '../emulator/forge/limits';
import { createWorld, mail, type World } from '../support/world';
import { entries, poll } from './polling';

/** As long as Graph's. */
const handleChars = 152;
const long = (handle: string) => handle.padEnd(handleChars, '_');
const short = (handle: string) => handle.replace(/_+$/, '');
const shortAll = (handles: readonly string[]) => handles.map(short);

let mostFetched = 0;

/** The same mailbox, with names of mails as long as Graph's and a position as long as any may be. */
function widened(mailbox: Mailbox): Mailbox {
  return {
    ...mailbox,
    list: async (position, limit) => {
      const listing = await mailbox.list(position?.trimEnd() ?? null, limit);
      const arrivals = listing.arrivals.map((one) => ({ ...one, handle: long(one.handle) }));
      return { ...listing, arrivals, position: listing.position?.padEnd(positionChars) ?? null };
    },
    fetch: async function* (handles, maxBytes) {
      mostFetched = Math.max(mostFetched, handles.length);
      for await (const one of mailbox.fetch(shortAll(handles), maxBytes)) yield { ...one, handle: long(one.handle) };
    },
    settle: async (handles, action, moveTo) =>
      (await mailbox.settle(shortAll(handles), action, moveTo)).map((one) => ({ ...one, handle: long(one.handle) })),
  };
}

const refusingAll = (ports: IntakePorts): IntakePorts => ({
  ...ports,
  openMailbox: async (settings, access) => widened(await ports.openMailbox(settings, access)),
  issues: {
    ...ports.issues,
    create: () => Promise.reject(new AppError('jira-refused', 'message', `Jira says: ${'no '.repeat(80)}`)),
  },
});

function assertFits(world: World): void {
  const bytes = Buffer.byteLength(JSON.stringify({ revision: 1, cursor: world.cursor() }));
  assert.ok(bytes <= kvsLimits.valueBytes, `${bytes} bytes`);
}

test('what is kept of a connection fits into a stored value, however much mail Jira refuses, and none of it is stuck', async () => {
  const names = Array.from({ length: 700 }, (_, index) => `mail ${index}`);
  const world = createWorld(names.map((name) => mail(name)));
  for (let round = 0; round < 40; round += 1) {
    await poll(world, refusingAll);
    assertFits(world);
    // Nor is so large a value written again while nothing is due.
    assert.equal(await poll(world, refusingAll), 'idle');
    world.advance(60 * 60_000);
  }
  assert.equal(mostFetched, pollLimits.batchSize);
  const given = entries(world).filter(({ result }) => result === 'quarantined');
  assert.deepEqual([given.length, world.cursor()?.totals.givenUp], [names.length, names.length]);

  await poll(
    world,
    refusingAll,
    given.map(({ id }) => id),
  );
  assertFits(world);
  assert.equal(world.cursor()?.totals.givenUp, names.length);
});
