import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { graceMs, pollLimits } from '../../src/domain/limits';
import { brokenPoll } from '../support/broken-poll';
import { createWorld, mail, type World } from '../support/world';
import { type Change, entries, poll, quarantined, summaries } from './polling';

/** Issues that the app makes and may not see, and files that it may not attach. */

/** Every issue that is made has a security level that leaves the app out. */
const hiding: (world: World) => Change = (world) => (ports) => ({
  ...ports,
  issues: {
    ...ports.issues,
    create: async (draft) => {
      const key = await ports.issues.create(draft);
      for (const issue of world.issues) if (issue.key === key) issue.hidden = true;
      return key;
    },
  },
});

/** As an administrator does it, should the connection have been suspended. */
const enable = (world: World) => {
  world.connection = { ...world.connection, state: 'enabled', version: world.connection.version + 1 };
};
const show = (world: World) => {
  for (const issue of world.issues) issue.hidden = false;
};
const there = (world: World) => world.mails.filter(({ gone }) => !gone).length;

for (const attachments of [0, 2]) {
  test(`stops at the first issue that it cannot see, names the cause, and leaves the mail (${attachments} files)`, async () => {
    const world = createWorld([mail('first', { attachments }), mail('second')], { afterDownload: 'delete' });
    await poll(world, hiding(world));
    assert.deepEqual(summaries(world), ['first'], 'no more of them are made');
    assert.equal(there(world), 2);
    const { trouble, waiting } = world.cursor() ?? {};
    assert.equal(trouble?.code, 'issue-unseen');
    assert.match(trouble?.message ?? '', /SUP-1.*cannot see it.*security level.*stays in the mailbox/);
    assert.deepEqual([waiting?.[0]?.code, entries(world)[0]?.result], ['issue-unseen', 'failed']);

    enable(world);
    await poll(world, hiding(world));
    assert.deepEqual(summaries(world), ['first'], 'nor made again');
    show(world);
    enable(world);
    await poll(world);
    assert.deepEqual(summaries(world), ['first', 'second']);
    assert.deepEqual([there(world), world.issues[0]?.attachments.length], [0, attachments]);
    assert.deepEqual([world.cursor()?.trouble, world.cursor()?.waiting], [null, []]);
  });
}

test('believes that an issue was deleted when it was seen before, and makes it no more', async () => {
  const world = createWorld([mail('first', { attachments: 61 })], { afterDownload: 'delete' });
  let attached = 0;
  const breaking: Change = (ports) => ({
    ...ports,
    issues: {
      ...ports.issues,
      attach: async (key, file) => {
        attached += 1;
        if (attached === 2) throw new AppError('jira-unavailable', 'transient', 'In trouble.');
        return ports.issues.attach(key, file);
      },
    },
  });
  await poll(world, breaking);
  for (const issue of world.issues) issue.deleted = true;
  world.advance(graceMs);
  await poll(world);
  assert.deepEqual([world.issues.length, there(world), world.cursor()?.waiting], [1, 0, []]);
});

test('gives a mail up in the end whose issue is never seen, so that others go through, and does not make it again', async () => {
  const world = createWorld([mail('first'), mail('second')], { afterDownload: 'delete' });
  await poll(world, hiding(world));
  // Somebody deletes the issue instead, and puts the project right.
  for (const issue of world.issues) issue.deleted = true;
  for (let round = 1; round < pollLimits.attempts; round += 1) {
    world.advance(60 * 60_000);
    enable(world);
    await poll(world);
  }
  assert.deepEqual(summaries(world), ['first', 'second']);
  assert.deepEqual(
    quarantined(world).map(({ subject, code }) => [subject, code]),
    [['first', 'issue-unseen']],
  );
  assert.equal(there(world), 1);
  for (const issue of world.issues) issue.deleted = false;
  show(world);
  await poll(
    world,
    undefined,
    quarantined(world).map(({ id }) => id),
  );
  assert.deepEqual(summaries(world), ['first', 'second'], 'the same issue');
  assert.deepEqual([there(world), world.cursor()?.waiting], [0, []]);
});

test('makes no third issue where answers get lost and search shows nothing of what was made', async () => {
  const world = createWorld([mail('first')], { afterDownload: 'delete' });
  const losing: Change = (ports) => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        await ports.issues.create(draft);
        throw new AppError('jira-unreachable', 'transient', 'Jira did not answer.', { uncertain: true });
      },
      findByOrigin: async () => null,
      showsOthers: async () => false,
    },
  });
  for (let round = 0; round < 30; round += 1) {
    await poll(world, losing);
    world.advance(graceMs + 1_000);
    enable(world);
  }
  assert.equal(world.issues.length, pollLimits.lostAnswers);
  assert.deepEqual(
    quarantined(world).map(({ code }) => code),
    ['issue-untraceable'],
  );
  assert.equal(there(world), 1);
});

test('makes the issue after any number of lost answers where search shows what it makes', async () => {
  const world = createWorld([mail('other'), mail('first')], { afterDownload: 'delete' });
  let left = 4;
  const losing: Change = (ports) => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        if (draft.summary === 'other' || left-- <= 0) return ports.issues.create(draft);
        throw new AppError('jira-unreachable', 'transient', 'Jira did not answer.', { uncertain: true });
      },
    },
  });
  for (let round = 0; round < 6; round += 1) {
    await poll(world, losing);
    world.advance(graceMs + 1_000);
  }
  assert.deepEqual(summaries(world), ['other', 'first']);
  assert.equal(there(world), 0);
});

/** Jira takes no file from the app. */
const refusingFiles =
  (code: 'attach-refused' | 'issue-gone'): Change =>
  (ports) => ({
    ...ports,
    issues: { ...ports.issues, attach: () => Promise.reject(new AppError(code, 'message', 'No files of yours.')) },
  });

for (const code of ['attach-refused', 'issue-gone'] as const) {
  test(`suspends nobody when files are refused (${code}): the mail waits, and gets only what is missing`, async () => {
    const raws = [mail('with files', { attachments: 61 }), mail('plain')];
    const world = createWorld(raws, { afterDownload: 'delete' });
    let left = 1;
    await poll(world, (ports) => {
      const refused = refusingFiles(code)(ports).issues.attach;
      const attach: typeof refused = (...args) => (left-- > 0 ? ports.issues.attach(...args) : refused(...args));
      return { ...ports, issues: { ...ports.issues, attach } };
    });
    assert.deepEqual([world.connection.state, world.cursor()?.trouble], ['enabled', null]);
    assert.deepEqual(summaries(world), ['with files', 'plain']);
    assert.equal(there(world), 1);
    assert.deepEqual(world.issues[0]?.comments.length, 1);
    assert.match(world.issues[0]?.comments[0] ?? '', /could be attached.*table-60\.csv/s);
    assert.deepEqual(
      world.cursor()?.waiting.map((one) => [one.reason, one.code]),
      [['failed', 'attach-refused']],
    );
    // For weeks: nothing is given up, doubled, or said again.
    for (let round = 0; round < 30; round += 1) {
      world.advance(24 * 60 * 60_000);
      await poll(world, refusingFiles(code));
    }
    assert.deepEqual([world.issues[0]?.comments.length, world.issues[0]?.attachments.length], [1, 60]);
    assert.deepEqual([quarantined(world), there(world)], [[], 1]);
    world.advance(pollLimits.refusedAttachmentsMs);
    await poll(world);
    assert.deepEqual(
      world.issues[0]?.attachments.map(({ fileName }) => fileName),
      Array.from({ length: 61 }, (_, index) => `table-${index}.csv`),
    );
    assert.deepEqual([there(world), world.cursor()?.waiting, world.issues.length], [0, [], 2]);
  });
}

test('gives mail up whose files are refused once so much waits that nothing new would be listed', async () => {
  const count = 400;
  const raws = Array.from({ length: count }, (_, index) => mail(`mail ${index}`, { attachments: 1 }));
  const world = createWorld([...raws, mail('plain')]);
  for (let round = 0; round < 12; round += 1) {
    await poll(world, refusingFiles('attach-refused'));
    world.advance(pollLimits.refusedAttachmentsMs);
  }
  assert.ok(summaries(world).includes('plain'), 'it is not held up for ever');
  assert.equal(quarantined(world).length + (world.cursor()?.waiting.length ?? 0), count);
});

test('takes a comment that is refused for what it is: a note that is missing', async () => {
  const world = createWorld([mail('with files', { attachments: 1 })]);
  const refused = new AppError('jira-permission', 'access', 'No comments of yours.');
  await poll(world, (ports) => {
    const { issues } = refusingFiles('attach-refused')(ports);
    return { ...ports, issues: { ...issues, comment: () => Promise.reject(refused) } };
  });
  assert.deepEqual([world.connection.state, world.cursor()?.trouble], ['enabled', null]);
  world.advance(pollLimits.refusedAttachmentsMs);
  await poll(world);
  assert.equal(world.issues[0]?.attachments.length, 1);
});

test('loses and doubles nothing when a run that makes issues nobody sees is killed anywhere but right after it made one', async () => {
  const fresh = () => createWorld([mail('first', { attachments: 1 })], { afterDownload: 'delete' });
  const count = await (async () => {
    const world = fresh();
    return (await brokenPoll(world, null, { change: hiding(world) })).length;
  })();
  for (let at = 1; at <= count; at += 1) {
    const world = fresh();
    const passages = await brokenPoll(world, { at, how: 'kill' }, { change: hiding(world) });
    // What was made and never noted can't be known of: search does not show it.
    const isNoted = world.issues.length === 0 || [...world.receipts.values()][0]?.receipt.state !== 'claimed';
    for (let round = 0; round < 3; round += 1) {
      world.advance(graceMs + 1_000);
      enable(world);
      await poll(world, hiding(world));
    }
    assert.ok(!isNoted || world.issues.length === 1, `${passages.at(-1)}: ${world.issues.length} issues`);
    show(world);
    for (let round = 0; round < 4; round += 1) {
      world.advance(graceMs + 1_000);
      enable(world);
      await poll(world);
    }
    assert.deepEqual([there(world), world.cursor()?.waiting], [0, []], passages.at(-1));
    assert.equal(world.issues.at(-1)?.attachments.length, 1);
  }
});
