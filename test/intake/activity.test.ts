import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { graceMs, pollLimits } from '../../src/domain/limits';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, mail, settingsOf, type World } from '../support/world';

type Change = (ports: IntakePorts) => IntakePorts;
const poll = (world: World, change: Change = (ports) => ports, reprocess: string[] = []) =>
  pollConnection(change(world.ports()), 'c1', true, reprocess);

const entries = (world: World) => [...world.activity.values()];
const told = (world: World) => entries(world).map(({ subject, result, issueKey }) => [subject, result, issueKey]);
const summaries = (world: World) => world.issues.map(({ draft }) => draft.summary);

/** Jira refuses issues with this summary. */
const refusing =
  (summary: string): Change =>
  (ports) => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        if (draft.summary !== summary) return ports.issues.create(draft);
        throw new AppError('issue-refused', 'message', 'Jira refused the description.');
      },
    },
  });

/** A world whose only quarantined mail is "bad", refused by Jira until it was given up. */
async function withGivenUp(raws: Uint8Array[], settings: Record<string, unknown> = {}): Promise<World> {
  const world = createWorld(raws, settings);
  for (let round = 0; round < pollLimits.attempts; round += 1) {
    await poll(world, refusing('bad'));
    world.advance(60 * 60_000);
  }
  assert.equal(quarantined(world).length, 1);
  return world;
}
const quarantined = (world: World) => entries(world).filter(({ result }) => result === 'quarantined');

test('notes each mail that became an issue, with sender, subject, message id and key', async () => {
  const world = createWorld([mail('first'), mail('second')]);
  await poll(world);
  assert.deepEqual(told(world), [
    ['first', 'created', 'SUP-1'],
    ['second', 'created', 'SUP-2'],
  ]);
  const [one] = entries(world);
  assert.deepEqual(
    [one?.from, one?.messageId, one?.handle, one?.connectionId, one?.size],
    ['Ada <ada@example.org>', 'first@example.org', '7.1', 'c1', mail('first').byteLength],
  );
});

test('notes a mail that is tried again, then in its place what became of it', async () => {
  const world = createWorld([mail('bad'), mail('good')]);
  await poll(world, refusing('bad'));
  assert.deepEqual(told(world), [
    ['bad', 'failed', null],
    ['good', 'created', 'SUP-1'],
  ]);
  world.advance(60 * 60_000);
  await poll(world);
  assert.deepEqual(told(world), [
    ['bad', 'created', 'SUP-2'],
    ['good', 'created', 'SUP-1'],
  ]);
});

test('notes a mail that is too large without its sender, which nobody has looked at', async () => {
  const world = createWorld([new Uint8Array(1024 * 1024 + 1), mail('behind')], { largestMailMb: 1 });
  await poll(world);
  const [large] = quarantined(world);
  assert.deepEqual([large?.code, large?.from, large?.size], ['mail-too-large', null, 1024 * 1024 + 1]);
  assert.match(large?.reason ?? '', /takes mail of up to 1 MB/);
});

test('notes nothing for what only the connection is to blame for', async () => {
  const world = createWorld([mail('first')]);
  await poll(world, (ports) => ({
    ...ports,
    issues: { ...ports.issues, create: () => Promise.reject(new AppError('jira-down', 'transient', 'Down.')) },
  }));
  assert.deepEqual(entries(world), []);
});

test('says that a mail left the mailbox before it could be taken', async () => {
  const world = createWorld([mail('bad')]);
  await poll(world, refusing('bad'));
  for (const one of world.mails) one.gone = true;
  world.advance(60 * 60_000);
  await poll(world);
  assert.deepEqual(told(world), [['bad', 'gone', null]]);
  assert.match(entries(world)[0]?.reason ?? '', /no longer in the mailbox.*Jira refused the description/);
});

test('keeps the time of each mail when the mailbox is listed anew, and does not bring back what was forgotten', async () => {
  const world = createWorld([mail('first')]);
  await poll(world);
  const [before] = entries(world);
  world.advance(60 * 60_000);
  world.connection = { ...world.connection, settings: settingsOf({ folder: 'Other' }) };
  world.activity.clear();
  await poll(world);
  assert.deepEqual(told(world), [['first', 'created', 'SUP-1']]);
  assert.equal(entries(world)[0]?.at, before?.at);
  world.advance(31 * 86_400_000);
  world.activity.clear();
  world.connection = { ...world.connection, settings: settingsOf({ folder: 'Third' }) };
  await poll(world);
  assert.deepEqual(entries(world), []);
});

test('takes mail all the same when the log can not be written', async () => {
  const world = createWorld([mail('first'), mail('second')], { afterDownload: 'delete' });
  await poll(world, (ports) => ({
    ...ports,
    activity: { ...ports.activity, record: () => Promise.reject(new Error('refused')) },
  }));
  await poll(world);
  assert.deepEqual(summaries(world), ['first', 'second']);
  assert.ok(world.mails.every(({ gone }) => gone));
  assert.equal(world.cursor()?.trouble, null);
});

for (const [what, raw] of [
  ['Jira refuses', mail('bad')],
  ['is too large', new Uint8Array(1024 * 1024 + 1)],
] as const) {
  test(`gives up a mail that ${what} only once that is noted where an administrator sees it`, async () => {
    const world = createWorld([raw, mail('good')], { largestMailMb: 1 });
    const unnoted: Change = (ports) => ({
      ...refusing('bad')(ports),
      activity: { ...ports.activity, record: () => Promise.reject(new Error('refused')) },
    });
    for (let round = 0; round < pollLimits.attempts; round += 1) {
      await poll(world, unnoted);
      assert.deepEqual(world.cursor()?.quarantined, []);
      world.advance(60 * 60_000);
    }
    await poll(world, refusing('bad'));
    assert.deepEqual(world.cursor()?.waiting, []);
    assert.equal(world.cursor()?.quarantined.length, 1);
    assert.equal(quarantined(world).length, 1);
    assert.deepEqual(summaries(world), ['good']);
  });
}

test('makes an issue of a mail that was given up when it is asked to, in the place of its entry', async () => {
  const world = await withGivenUp([mail('bad'), mail('good')]);
  const ids = quarantined(world).map(({ id }) => id);
  await poll(world, undefined, ids);
  assert.deepEqual(summaries(world), ['good', 'bad']);
  assert.deepEqual(told(world).sort(), [
    ['bad', 'created', 'SUP-2'],
    ['good', 'created', 'SUP-1'],
  ]);
  assert.deepEqual(world.cursor()?.quarantined, []);
  assert.ok(world.mails.every(({ seen }) => seen));
  await poll(world, undefined, ids);
  assert.equal(world.issues.length, 2, 'what was taken is not taken again, however often it is asked for');
});

test('gives a mail up again at once when it is refused again, and tries again as soon as it is asked to', async () => {
  const world = await withGivenUp([mail('bad')]);
  const ids = quarantined(world).map(({ id }) => id);
  for (const change of [refusing('bad'), refusing('bad')]) {
    world.advance(1_000);
    await poll(world, change, ids);
    assert.deepEqual(told(world), [['bad', 'quarantined', null]]);
    assert.equal(world.cursor()?.quarantined.length, 1);
  }
  world.advance(1_000);
  await poll(world, undefined, ids);
  assert.deepEqual(summaries(world), ['bad']);
});

test('takes a mail that was too large once the limit is higher, and then has one entry of it', async () => {
  const large = new Uint8Array(1024 * 1024 + 1).fill(32);
  large.set(mail('large'));
  const world = createWorld([large], { largestMailMb: 1 });
  await poll(world);
  const ids = quarantined(world).map(({ id }) => id);
  await poll(world, undefined, ids);
  assert.deepEqual(summaries(world), [], 'the limit is as it was');
  world.connection = { ...world.connection, settings: settingsOf({ largestMailMb: 2 }) };
  await poll(world, undefined, ids);
  assert.deepEqual(told(world), [['large', 'created', 'SUP-1']]);
});

test('says that a mail is gone when it is to be tried again', async () => {
  const world = await withGivenUp([mail('bad')]);
  for (const one of world.mails) one.gone = true;
  await poll(
    world,
    undefined,
    quarantined(world).map(({ id }) => id),
  );
  assert.deepEqual(told(world), [['bad', 'gone', null]]);
  assert.deepEqual([world.cursor()?.waiting, world.cursor()?.quarantined], [[], []]);
});

test('leaves alone what was not given up, and what belongs to another mailbox', async () => {
  const world = await withGivenUp([mail('bad'), mail('good')]);
  const ids = entries(world).map(({ id }) => id);
  world.connection = { ...world.connection, settings: settingsOf({ folder: 'Other' }) };
  await poll(world, refusing('bad'), ids);
  assert.deepEqual(summaries(world), ['good']);
});

test('makes one issue of a mail that is tried again, wherever a run is killed, alone and with a second one beside it', async () => {
  const prepared = async () => {
    const world = await withGivenUp([mail('bad', { attachments: 1 })], { afterDownload: 'delete' });
    return { world, ids: quarantined(world).map(({ id }) => id) };
  };
  const whole = await prepared();
  const count = await broken(whole.world, whole.ids, null);
  assert.ok(count > 20, 'the sweep must pass through the whole poll');
  for (let at = 1; at <= count; at += 1) {
    for (const isPair of [false, true]) {
      const { world, ids } = await prepared();
      await Promise.all([broken(world, ids, at), ...(isPair ? [broken(world, ids, null)] : [])]);
      for (let round = 0; round < 8; round += 1) {
        world.advance(graceMs / 2 + 1_000);
        // Killed before the wish was noted: it is asked for again, as whoever asked would.
        await poll(
          world,
          undefined,
          quarantined(world).map(({ id }) => id),
        );
      }
      const how = `killed at ${at}${isPair ? ', two runs' : ''}`;
      assert.deepEqual(summaries(world), ['bad'], how);
      assert.deepEqual(told(world), [['bad', 'created', 'SUP-1']], how);
      assert.equal(world.issues[0]?.attachments.length, 1, how);
      assert.ok(world.mails[0]?.gone, how);
      assert.deepEqual([world.cursor()?.waiting, world.cursor()?.quarantined], [[], []], how);
    }
  }
});
/** A poll that is killed at its `at`-th passage before or after a port call; counts the passages. */
async function broken(world: World, ids: string[], at: number | null): Promise<number> {
  let passages = 0;
  let die: () => void = () => undefined;
  const death = new Promise<void>((resolve) => {
    die = resolve;
  });
  let isDead = false;
  const step = async () => {
    passages += 1;
    if (passages === at) {
      isDead = true;
      die();
    }
    if (isDead) await new Promise(() => undefined);
  };
  await Promise.race([pollConnection(world.ports({ step }), 'c1', true, ids), death]);
  return passages;
}

test('notes the steps of each mail with their moments and how long they took', async () => {
  const world = createWorld([mail('first', { attachments: 2 })]);
  const start = world.ports().now();
  // Each effect takes a second.
  const step = (_: string, when: string) => when === 'after' && world.advance(1_000);
  await pollConnection(world.ports({ step: async (name, when) => void step(name, when) }), 'c1', true);
  const [entry] = entries(world);
  const steps = entry?.steps ?? [];
  assert.deepEqual(
    steps.map(({ at: _, tookMs: __, ...facts }) => facts),
    [
      { step: 'downloaded', bytes: mail('first', { attachments: 2 }).byteLength },
      { step: 'claimed', takenOver: false },
      { step: 'read' },
      { step: 'created', issueKey: 'SUP-1' },
      { step: 'attached', files: 2, refused: 0 },
      { step: 'handed-over', action: 'mark-read' },
    ],
  );
  assert.ok((steps[0]?.at ?? 0) > start);
  // Claimed after the connection was read again; attached after the receipt of the issue and twice one file.
  assert.deepEqual(
    steps.map(({ tookMs }) => tookMs),
    [1_000, 2_000, 0, 1_000, 3_000, 1_000],
  );
  assert.equal(entry?.triesBefore, 0);
});

test('notes that an issue was taken over from a run that was ended, and what Jira refused', async () => {
  const world = createWorld([mail('first', { attachments: 2 })], {}, 0);
  await new Promise<void>((resolve) => {
    const step = (name: string, when: string) => {
      if (name !== 'issues.create' || when === 'before') return;
      resolve();
      // Never goes on: the run was ended here.
      return new Promise<void>(() => undefined);
    };
    void pollConnection(world.ports({ step }), 'c1', true);
  });
  world.advance(graceMs + 1_000);
  await poll(world, (ports) => ({
    ...ports,
    issues: {
      ...ports.issues,
      attach: async (key, attachment) => {
        if (attachment.fileName === 'table-0.csv') throw new AppError('attachment-too-large', 'message', 'Too large.');
        await ports.issues.attach(key, attachment);
      },
    },
  }));
  assert.deepEqual(
    entries(world)[0]
      ?.steps?.map(({ at: _, tookMs: __, ...facts }) => facts)
      .slice(1),
    [
      { step: 'read' },
      { step: 'adopted', issueKey: 'SUP-1' },
      { step: 'attached', files: 1, refused: 1 },
      { step: 'handed-over', action: 'mark-read' },
    ],
  );
});

test('counts the tries of a mail that is given up, and says at which step', async () => {
  const world = await withGivenUp([mail('bad')]);
  const [entry] = quarantined(world);
  assert.equal(entry?.triesBefore, pollLimits.attempts - 1);
  assert.deepEqual(
    entry?.steps?.map(({ step }) => step),
    ['downloaded', 'claimed', 'read', 'given-up'],
  );
});

test('tells that a wish could not be kept, and takes the mail that waits all the same', async () => {
  const world = await withGivenUp([mail('bad')]);
  const ids = quarantined(world).map(({ id }) => id);
  world.mails.push({ uid: 9, raw: mail('next'), seen: false, gone: false });
  const unreadable: Change = (ports) => ({
    ...ports,
    activity: { ...ports.activity, getMany: () => Promise.reject(new AppError('store', 'transient', 'No answer.')) },
  });
  assert.equal(await poll(world, unreadable, ids), 'unheard');
  assert.deepEqual(summaries(world), ['next']);
  assert.equal(await poll(world, undefined, ids), 'done');
  assert.deepEqual(summaries(world), ['next', 'bad']);
});

test('tries byte-identical copies again together, which have one entry', async () => {
  const world = createWorld([mail('bad'), mail('good'), mail('bad')]);
  for (let round = 0; round < pollLimits.attempts; round += 1) {
    await poll(world, refusing('bad'));
    world.advance(60 * 60_000);
  }
  await poll(world, refusing('bad'));
  assert.deepEqual([quarantined(world).length, world.cursor()?.quarantined.length], [1, 2]);
  await poll(
    world,
    undefined,
    quarantined(world).map(({ id }) => id),
  );
  assert.deepEqual(summaries(world), ['good', 'bad']);
  assert.deepEqual([world.cursor()?.waiting, world.cursor()?.quarantined], [[], []]);
  assert.equal(world.cursor()?.totals.givenUp, 0);
  assert.ok(world.mails.every(({ seen }) => seen));
});
