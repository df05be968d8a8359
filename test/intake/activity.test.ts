import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { graceMs, pollLimits } from '../../src/domain/limits';
import { previewSize } from '../../src/domain/start';
import { pollConnection } from '../../src/intake/poll-connection';
import { brokenPoll } from '../support/broken-poll';
import { createWorld, mail, settingsOf } from '../support/world';
import { type Change, entries, poll, quarantined, refusing, summaries, told, withGivenUp } from './polling';

/** More than a MB. */
const largeMail = (subject: string) => Buffer.concat([mail(subject), Buffer.alloc(1024 * 1024 + 1, 'a')]);

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

test('notes a mail that is too large with sender and subject, without having downloaded it', async () => {
  const world = createWorld([largeMail('huge'), mail('behind')], { largestMailMb: 1 });
  await poll(world);
  const [large] = quarantined(world);
  assert.deepEqual(
    [large?.code, large?.from, large?.subject, large?.size],
    ['mail-too-large', 'Ada <ada@example.org>', 'huge', largeMail('huge').byteLength],
  );
  assert.match(large?.reason ?? '', /takes mail of up to 1 MB/);
});

test('names each of more large mails than are shown at once', async () => {
  const subjects = Array.from({ length: previewSize + 2 }, (_, index) => `huge ${index}`);
  const world = createWorld(subjects.map(largeMail), { largestMailMb: 1 });
  await poll(world);
  assert.deepEqual(
    quarantined(world).map(({ subject }) => subject),
    subjects,
  );
});

test('gives up a mail that is too large also where its sender can not be asked for', async () => {
  const world = createWorld([largeMail('huge'), mail('behind')], { largestMailMb: 1 });
  await poll(world, (ports) => ({
    ...ports,
    openMailbox: async (...args) => ({
      ...(await ports.openMailbox(...args)),
      preview: () => Promise.reject(new AppError('server-refused', 'transient', 'Refused.')),
    }),
  }));
  assert.deepEqual(
    entries(world).map(({ code, from, subject, result }) => [code, from, subject, result]),
    [
      ['mail-too-large', null, null, 'quarantined'],
      [null, 'Ada <ada@example.org>', 'behind', 'created'],
    ],
  );
  assert.equal(world.cursor()?.trouble, null);
});

test('notes once why the mail waits at which a run ended, and nothing of those behind it', async () => {
  const world = createWorld([mail('first'), mail('second')]);
  let down = new AppError('jira-down', 'transient', 'Down.');
  const broken: Change = (ports) => ({
    ...ports,
    issues: { ...ports.issues, create: () => Promise.reject(down) },
  });
  let writes = 0;
  const counting: Change = (ports) => {
    const record: typeof ports.activity.record = (noted) => {
      writes += 1;
      return ports.activity.record(noted);
    };
    return { ...broken(ports), activity: { ...ports.activity, record } };
  };
  await poll(world, counting);
  await poll(world, counting);
  assert.deepEqual(told(world), [['first', 'failed', null]]);
  const [first, second] = world.cursor()?.waiting ?? [];
  assert.deepEqual([first?.code, first?.message, first?.entryId], ['jira-down', 'Down.', entries(world)[0]?.id]);
  assert.deepEqual([second?.reason, second?.code, second?.entryId], ['budget', undefined, undefined]);
  assert.equal(writes, 1, 'an outage writes no more of it in each poll');
  down = new AppError('jira-busy', 'transient', 'Busy.', { retryAfterMs: 1 });
  await poll(world, counting);
  assert.deepEqual([entries(world)[0]?.code, world.cursor()?.waiting[0]?.code, writes], ['jira-busy', 'jira-busy', 2]);
  await poll(world);
  assert.deepEqual(told(world), [
    ['first', 'created', 'SUP-1'],
    ['second', 'created', 'SUP-2'],
  ]);
});

test('says that a mail left the mailbox before it could be taken', async () => {
  const world = createWorld([mail('bad')]);
  await poll(world, refusing('bad'));
  for (const one of world.mails) one.gone = true;
  world.advance(60 * 60_000);
  await poll(world);
  assert.deepEqual(told(world), [['bad', 'failed', null]], 'heard once');
  world.advance(pollLimits.missingMs);
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

test('notes the steps of each mail with their moments and how long they took', async () => {
  const world = createWorld([mail('first', { attachments: 2 }), mail('second')]);
  const start = world.ports().now();
  // Each effect takes a second.
  const step = (_: string, when: string) => when === 'after' && world.advance(1_000);
  await pollConnection(world.ports({ step: async (name, when) => void step(name, when) }), 'c1', true);
  const [entry, second] = entries(world);
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
  // Claimed after the connection was read again and its receipt asked for; attached after the issue was read back, its receipt
  // written, and its files sent together.
  assert.deepEqual(
    steps.map(({ tookMs }) => tookMs),
    [1_000, 3_000, 0, 1_000, 3_000, 1_000],
  );
  // All but its download.
  assert.equal(entry?.tookMs, 8_000);
  assert.equal(entry?.triesBefore, 0);
  // Its download began when the first mail was done.
  assert.equal(second?.steps?.[0]?.tookMs, 1_000);
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
      attach: async (key, files) => {
        const isTooLarge = files.some(({ fileName }) => fileName === 'table-0.csv');
        if (isTooLarge) throw new AppError('attachment-too-large', 'message', 'Too large.');
        await ports.issues.attach(key, files);
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

test('notes that a claim was taken over from a run that was ended before there was an issue', async () => {
  const world = createWorld([mail('first')], {}, 0);
  const claim = (await brokenPoll(createWorld([mail('first')]), null)).indexOf('after receipts.claim');
  await brokenPoll(world, { at: claim + 1, how: 'kill' });
  world.advance(graceMs);
  await poll(world);
  assert.deepEqual(entries(world)[0]?.steps?.map(({ at: _, tookMs: __, ...facts }) => facts)[1], {
    step: 'claimed',
    takenOver: true,
  });
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
