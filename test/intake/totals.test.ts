import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { type Completeness, completeness } from '../../src/domain/completeness';
import { type Cursor, readCursor } from '../../src/domain/cursor';
import { pollLimits } from '../../src/domain/limits';
import { quarantinedNow } from '../../src/domain/totals';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { completenessOf } from '../../src/resolvers/connection-completeness';
import { startingCursor } from '../../src/resolvers/connection-start';
import { createWorld, mail, type World } from '../support/world';
import { withMailbox } from './polling';

const names = (count: number, what = 'mail') => Array.from({ length: count }, (_, index) => `${what} ${index}`);
const poll = (world: World, ports: IntakePorts = world.ports(), reprocess: string[] = []) =>
  pollConnection(ports, 'c1', true, reprocess);
const mailboxOf = (world: World) => world.ports().openMailbox(world.connection.settings, { connectionId: 'c1' });

/** What the connection's page says of the mailbox. */
async function look(world: World): Promise<Completeness> {
  const mailbox = await mailboxOf(world);
  const found = await completenessOf(world.ports().cursors, 'c1', world.connection.settings, mailbox);
  assert.ok(found);
  return found;
}

/** Holds every number against the world itself, and returns them. */
async function addsUp(world: World, expected: Partial<Completeness['totals']>, how = ''): Promise<Completeness> {
  const found = await look(world);
  const actual = Object.fromEntries(Object.keys(expected).map((key) => [key, Reflect.get(found.totals, key)]));
  assert.deepEqual(actual, expected, how);
  assert.equal(found.survey.onServer, world.mails.filter(({ gone }) => !gone).length, how);
  assert.equal(found.difference, 0, `does not add up, ${how}: ${JSON.stringify(found)}`);
  return found;
}

function deliver(world: World, subject: string): void {
  const uid = (world.mails.at(-1)?.uid ?? 0) + 1;
  world.mails.push({ uid, raw: mail(subject), seen: false, gone: false });
}

async function enable(world: World, from: 'now' | 'everything'): Promise<void> {
  const { cursors, now } = world.ports();
  const mailbox = await mailboxOf(world);
  const starting = await startingCursor(world.connection, (use) => use(mailbox), { from }, now());
  await cursors.put('c1', starting(null));
}

/** Jira refuses mails whose subject has this word. */
function refusing(world: World, word: string): IntakePorts {
  const ports = world.ports();
  const refused = () => Promise.reject(new AppError('issue-refused', 'message', 'Jira refused it.'));
  const create: IntakePorts['issues']['create'] = (draft) =>
    draft.summary.includes(word) ? refused() : ports.issues.create(draft);
  return { ...ports, issues: { ...ports.issues, create } };
}

async function giveUp(world: World, word: string): Promise<void> {
  for (let round = 0; round < pollLimits.attempts; round += 1) {
    await poll(world, refusing(world, word));
    world.advance(60 * 60_000);
  }
}

const entryIds = (world: World, result: string) =>
  [...world.activity.values()].filter((entry) => entry.result === result).map(({ id }) => id);

test('counts what was left alone at the start, and what was taken and kept since', async () => {
  const world = createWorld(names(7, 'old').map((name) => mail(name)));
  await enable(world, 'now');
  for (const name of names(3)) deliver(world, name);
  assert.equal((await addsUp(world, { alone: 7, taken: 0 })).survey.unlisted, 3);
  await poll(world);
  const { kept, survey } = await addsUp(world, { alone: 7, taken: 3, removed: 0 });
  assert.deepEqual([kept, survey.unlisted], [3, 0]);
});

test('counts what was deleted after it was taken as taken, and no longer expects it', async () => {
  const world = createWorld(
    names(120).map((name) => mail(name)),
    { afterDownload: 'delete' },
  );
  await enable(world, 'everything');
  await poll(world);
  const { kept, survey } = await addsUp(world, { alone: 0, taken: 120, removed: 120 });
  assert.deepEqual([kept, survey.onServer], [0, 0]);
});

test('adds up in the middle of a backlog, with mail that waits and mail that is not listed yet', async () => {
  const world = createWorld(names(80).map((name) => mail(name)));
  const remainingMs = () => (world.issues.length < 63 ? 600_000 : 1_000);
  await enable(world, 'everything');
  await poll(world, world.ports({ remainingMs }));
  const { waiting, kept } = await addsUp(world, { taken: 63 });
  assert.deepEqual([kept, waiting], [63, 17]);
});

test('counts a mail that left before it was taken, and names those that somebody took away afterwards', async () => {
  const world = createWorld(names(5).map((name) => mail(name)));
  const ports = world.ports();
  await enable(world, 'everything');
  const [first, second, third] = world.mails;
  assert.ok(first && second && third);
  await poll(world, {
    ...ports,
    openMailbox: async (settings, access) => {
      const mailbox = await ports.openMailbox(settings, access);
      const list: typeof mailbox.list = async (position, limit) => {
        const listing = await mailbox.list(position, limit);
        first.gone = true;
        return listing;
      };
      return { ...mailbox, list };
    },
  });
  await addsUp(world, { taken: 4, gone: 0 }, 'the mailbox said once that one is not there');
  world.advance(pollLimits.missingMs);
  await poll(world);
  await addsUp(world, { taken: 4, gone: 1 });
  second.gone = true;
  third.gone = true;
  assert.equal((await look(world)).difference, -2);
});

test('counts each mail once through quarantine, another try in vain, and one that works', async () => {
  const world = createWorld([...names(2), 'bad one', 'bad two'].map((name) => mail(name)));
  await enable(world, 'everything');
  await giveUp(world, 'bad');
  await addsUp(world, { taken: 2, givenUp: 2, dismissed: 0 });

  const [one, two] = entryIds(world, 'quarantined');
  assert.ok(one && two);
  await poll(world, refusing(world, 'bad'), [one]);
  await addsUp(world, { taken: 2, givenUp: 2, dismissed: 0 }, 'tried again in vain');

  await poll(world, world.ports(), [two]);
  await addsUp(world, { taken: 3, givenUp: 1, dismissed: 0 }, 'tried again well');
});

test('says how many are in quarantine beyond those that it can show', async () => {
  const count = pollLimits.quarantined + 30;
  const world = createWorld(
    names(count).map(() => new Uint8Array(1024 * 1024 + 1)),
    { largestMailMb: 1 },
  );
  await enable(world, 'everything');
  await poll(world);
  const cursor = world.cursor();
  assert.ok(cursor !== null && cursor.quarantined.length > 0 && cursor.quarantined.length < count);
  assert.equal(quarantinedNow(cursor.totals), count);
  await addsUp(world, { givenUp: count });
});

test('begins to count anew when the server numbers its mail anew, and counts nothing twice', async () => {
  const world = createWorld([...names(60), 'bad'].map((name) => mail(name)));
  await enable(world, 'everything');
  await giveUp(world, 'bad');
  await addsUp(world, { taken: 60, givenUp: 1 });
  const before = world.cursor()?.totals.since ?? 0;
  world.validity += 1;
  assert.deepEqual([(await look(world)).isRelisting, (await look(world)).difference], [true, null]);
  deliver(world, 'after');
  await poll(world);
  const { totals, waiting } = await addsUp(world, { taken: 61, givenUp: 1, gone: 0, alone: 0 }, 'listed anew');
  assert.ok(totals.since > before);
  assert.equal(waiting, 0);
  assert.equal(world.issues.length, 61);
});

test('keeps what waits out of the count when the server numbers its mail anew, until it is listed again', async () => {
  const world = createWorld([...names(3), 'bad'].map((name) => mail(name)));
  await enable(world, 'everything');
  await poll(world, refusing(world, 'bad'));
  world.validity += 1;
  world.advance(60 * 60_000);
  await poll(world, refusing(world, 'bad'));
  const { waiting } = await addsUp(world, { taken: 3, gone: 0 }, 'one waits');
  assert.equal(waiting, 1);
  world.advance(60 * 60_000);
  await poll(world);
  await addsUp(world, { taken: 4, gone: 0 }, 'and is taken');
});

test('counts what waits once when its list begins anew under the names of before', async () => {
  const world = createWorld([...names(3), 'bad'].map((name) => mail(name)));
  await enable(world, 'everything');
  await poll(world, refusing(world, 'bad'));
  let isForgotten = true;
  const forgetful = withMailbox((mailbox) => ({
    list: async (position, limit) => {
      const listing = await mailbox.list(isForgotten ? null : position, limit);
      const reset = isForgotten;
      isForgotten = false;
      return { ...listing, reset };
    },
  }));
  await poll(world, forgetful(world.ports()));
  const { waiting } = await addsUp(world, { taken: 3, skipped: 0 }, 'listed anew, and waits on');
  assert.equal(waiting, 1);
  world.advance(60 * 60_000);
  await poll(world, refusing(world, 'bad'));
  world.advance(60 * 60_000);
  await poll(world);
  await addsUp(world, { taken: 4, skipped: 0 }, 'and is taken');
});

test('counts mail from before the start as skipped when it is listed anew, and no longer as left alone', async () => {
  const world = createWorld(names(4, 'old').map((name) => mail(name)));
  for (const one of world.mails) one.receivedAt = world.ports().now() - 24 * 60 * 60_000;
  await enable(world, 'now');
  deliver(world, 'new');
  await poll(world);
  await addsUp(world, { alone: 4, taken: 1, skipped: 0 });
  world.validity += 1;
  await poll(world);
  await addsUp(world, { alone: 0, taken: 1, skipped: 4 });
  assert.equal(world.issues.length, 1);
});

test('counts each mail once when two runs go side by side, whichever of them is overtaken', async () => {
  for (const afterDownload of ['mark-read', 'delete'] as const) {
    const world = createWorld(
      names(130).map((name) => mail(name)),
      { afterDownload },
    );
    await enable(world, 'everything');
    await Promise.all([poll(world), poll(world), poll(world)]);
    for (let round = 0; round < 4; round += 1) {
      world.advance(60 * 60_000);
      await poll(world);
    }
    const removed = afterDownload === 'delete' ? 130 : 0;
    await addsUp(world, { taken: 130, removed, gone: 0 }, afterDownload);
    assert.equal(world.issues.length, 130);
  }
});

test('a run that is overtaken throws away what it counted, and writes nothing over the other’s', async () => {
  const world = createWorld(names(2).map((name) => mail(name)));
  await enable(world, 'everything');
  const ports = world.ports();
  const put: IntakePorts['cursors']['put'] = async (id, cursor) => {
    const now = world.cursor();
    assert.ok(now);
    // Somebody else is faster, once.
    if (now.revision === cursor.revision) await ports.cursors.put(id, { ...now, warning: 'from the other one' });
    return ports.cursors.put(id, cursor);
  };
  assert.equal(await poll(world, { ...ports, cursors: { ...ports.cursors, put } }), 'idle');
  assert.equal(world.cursor()?.warning, 'from the other one');
  assert.equal(world.cursor()?.trouble, null);
  await poll(world);
  await addsUp(world, { taken: 2 });
});

test('a cursor of an earlier version begins to count when it is read, and says so', async () => {
  const world = createWorld(names(3).map((name) => mail(name)));
  await enable(world, 'everything');
  await poll(world);
  const { totals: _, revision: __, ...old } = world.cursor() as Cursor;
  const now = world.ports().now();
  const read = readCursor({ ...old, quarantined: [{ handle: '7.9', code: 'x', reason: 'y', at: 1 }] }, now);
  assert.deepEqual([read.totals.since, read.totals.alone, read.totals.givenUp], [now, null, 1]);
  const survey = {
    onServer: 4,
    isExact: true,
    reason: null,
    unlisted: 0,
    isCut: false,
    isReset: false,
    isSteady: true,
  };
  assert.equal(completeness(read, survey).difference, null, 'what was there before is not known');
});

test('does not claim to know what is missing while mail is listed that no page can wait for', async () => {
  const world = createWorld(names(600).map((name) => mail(name)));
  await enable(world, 'everything');
  const found = await look(world);
  assert.deepEqual([found.survey.unlisted, found.survey.isCut, found.difference], [500, true, null]);
});
