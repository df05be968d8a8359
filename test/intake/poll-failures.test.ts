import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { graceMs, pollLimits } from '../../src/domain/limits';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { brokenPoll } from '../support/broken-poll';
import { createWorld, mail, type World } from '../support/world';
import { failing } from './polling';

const poll = (world: World, change: (ports: IntakePorts) => IntakePorts = (ports) => ports, force = false) =>
  pollConnection(change(world.ports()), 'c1', force);

const summaries = (world: World) => world.issues.map((issue) => issue.draft.summary);

test('backs off longer with each failed poll, and is well again after one that works', async () => {
  const world = createWorld([mail('first')]);
  const down = failing(
    'issues',
    'create',
    () => new AppError('jira-unavailable', 'transient', 'Jira does not answer.'),
  );
  const waits: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    const before = world.ports().now();
    await poll(world, down, true);
    waits.push(((world.cursor()?.trouble?.notBefore ?? 0) - before) / 60_000);
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
  assert.equal(await poll(world), 'idle', 'not before its time');
  assert.deepEqual(summaries(world), []);
  world.advance(60 * 60_000);
  await poll(world);
  assert.deepEqual(summaries(world), ['first']);
  assert.equal(world.cursor()?.trouble, null);
});

test('waits as long as Jira asks', async () => {
  const world = createWorld([mail('first')]);
  const limited = failing(
    'issues',
    'create',
    () => new AppError('jira-busy', 'transient', 'Slow down.', { retryAfterMs: 123_000 }),
  );
  const before = world.ports().now();
  await poll(world, limited);
  assert.equal(world.cursor()?.trouble?.notBefore, before + 123_000);
});

test('suspends the connection when only an administrator can help, with the mail still there', async () => {
  const world = createWorld([mail('first')]);
  const gone = failing(
    'issues',
    'create',
    () => new AppError('jira-config', 'access', 'The project does not exist.', { detail: 'project: gone' }),
  );
  for (let round = 0; round < 3; round += 1) {
    assert.equal(world.connection.state, 'enabled');
    await poll(world, gone);
    world.advance(5 * 60_000);
  }
  assert.equal(world.connection.state, 'suspended');
  assert.equal(world.cursor()?.trouble?.message, 'The project does not exist.');
  assert.equal(await poll(world), 'idle');
  world.connection = { ...world.connection, state: 'enabled' };
  await poll(world, undefined, true);
  assert.deepEqual(summaries(world), ['first']);
});

test('retries only the attachments that failed', async () => {
  const world = createWorld([mail('first', { attachments: 130 })]);
  let calls = 0;
  const broken = failing('issues', 'attach', () => {
    calls += 1;
    return calls === 2 ? new AppError('jira-unavailable', 'transient', 'No.', { uncertain: false }) : null;
  });
  await poll(world, broken);
  assert.equal(world.issues[0]?.attachments.length, 60, 'so many go together');
  world.advance(60_000);
  await poll(world, broken);
  assert.equal(world.issues.length, 1);
  assert.deepEqual(
    world.issues[0]?.attachments.map(({ fileName }) => fileName),
    Array.from({ length: 130 }, (_, index) => `table-${index}.csv`),
  );
  assert.equal(calls, 4, 'the first sixty were not sent again');
});

test('sends each file by itself where Jira refuses one of them, and none twice that it took all the same', async () => {
  const world = createWorld([mail('first', { attachments: 60 })]);
  const sent: number[] = [];
  await poll(world, (ports) => ({
    ...ports,
    issues: {
      ...ports.issues,
      attach: async (key, files) => {
        sent.push(files.length);
        if (files.length === 1 && files[0]?.fileName !== 'table-30.csv') return ports.issues.attach(key, files);
        // Of several it takes the first.
        if (files.length > 1) await ports.issues.attach(key, files.slice(0, 1));
        throw new AppError('attachment-too-large', 'message', 'Too large.');
      },
    },
  }));
  const [issue] = world.issues;
  const names = Array.from({ length: 60 }, (_, index) => `table-${index}.csv`);
  assert.deepEqual(
    issue?.attachments.map(({ fileName }) => fileName),
    names.filter((name) => name !== 'table-30.csv'),
  );
  assert.deepEqual(sent, [60, ...Array.from({ length: 59 }, () => 1)]);
  assert.deepEqual(issue?.comments.length, 1);
  assert.match(issue?.comments[0] ?? '', /table-30\.csv: Too large/);
});

test('goes on with an issue that is there at the next poll when the answer to an attachment got lost, and sends it once', async () => {
  const world = createWorld([mail('first', { attachments: 2 })]);
  let calls = 0;
  const attach = (ports: IntakePorts): IntakePorts => ({
    ...ports,
    issues: {
      ...ports.issues,
      attach: async (...sent) => {
        await ports.issues.attach(...sent);
        calls += 1;
        if (calls > 1) return;
        throw new AppError('jira-timeout', 'transient', 'Jira did not answer.', { uncertain: true });
      },
    },
  });
  await poll(world, attach);
  assert.deepEqual(
    world.cursor()?.waiting.map(({ reason, lost }) => [reason, lost]),
    [['failed', undefined]],
    'no answer about an issue was lost',
  );
  world.advance(60_000);
  await poll(world, attach);
  assert.deepEqual(
    world.issues.map(({ attachments }) => attachments.map(({ fileName }) => fileName)),
    [['table-0.csv', 'table-1.csv']],
  );
  assert.equal(world.mails[0]?.seen, true);
});

test('takes a mail that could not be read as soon as it can be: no issue of it can be there', async () => {
  const world = createWorld([mail('first')]);
  const unreadable = (ports: IntakePorts): IntakePorts => ({
    ...ports,
    parseMessage: () => Promise.reject(new Error('The parser could not be loaded.')),
  });
  await poll(world, unreadable);
  assert.equal(world.cursor()?.waiting[0]?.reason, 'failed');
  world.advance(2 * 60_000);
  await poll(world);
  assert.deepEqual(summaries(world), ['first']);
});

test('says in a comment which attachments Jira refused', async () => {
  const world = createWorld([mail('first', { attachments: 1 })]);
  await poll(
    world,
    failing(
      'issues',
      'attach',
      () => new AppError('attachment-too-large', 'message', 'It is larger than Jira allows.'),
    ),
  );
  assert.match(world.issues[0]?.comments.join() ?? '', /table-0\.csv: It is larger than Jira allows\./);
  assert.equal(world.mails[0]?.seen, true);
});

for (const [what, receipt] of [
  ['create', 'release'],
  ['attach', 'put'],
] as const) {
  test(`tells why Jira failed to ${what} when the store fails right after it, and makes one issue later`, async () => {
    const world = createWorld([mail('first', { attachments: 1 })]);
    let isDown = false;
    const jira = failing('issues', what, () => {
      isDown = true;
      return new AppError('jira-unavailable', 'transient', 'Jira does not answer.');
    });
    const store = failing('receipts', receipt, () => (isDown ? new AppError('store', 'transient', 'No.') : null));
    await poll(world, (ports) => store(jira(ports)));
    assert.equal(world.cursor()?.trouble?.code, 'jira-unavailable');
    world.advance(graceMs);
    await poll(world);
    world.advance(graceMs);
    await poll(world);
    assert.deepEqual(
      world.issues.map(({ draft, attachments }) => [draft.summary, attachments.length]),
      [['first', 1]],
    );
  });
}

test('is done with a mail whose issue somebody deleted while its attachments were sent', async () => {
  const world = createWorld([mail('first', { attachments: 2 })]);
  const step = (name: string, when: string) => {
    if (name === 'issues.attach' && when === 'after') for (const issue of world.issues) issue.deleted = true;
  };
  await pollConnection(world.ports({ step }), 'c1', false);
  assert.deepEqual([world.cursor()?.waiting, world.cursor()?.quarantined, world.mails[0]?.seen], [[], [], true]);
  assert.equal(world.issues.length, 1);
});

test('looks for the issue before it creates another when Jira did not answer, and not before search can know', async () => {
  const world = createWorld([mail('first')]);
  const ports = world.ports();
  const unsure: IntakePorts = {
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        await ports.issues.create(draft);
        throw new AppError('jira-timeout', 'transient', 'Jira did not answer.', { uncertain: true });
      },
    },
  };
  await pollConnection(unsure, 'c1', false);
  world.advance(graceMs / 2);
  await poll(world);
  assert.equal(world.mails[0]?.seen, false);
  world.advance(graceMs);
  await poll(world);
  assert.deepEqual(summaries(world), ['first']);
  assert.equal(world.mails[0]?.seen, true);
});

test('gives up a mail that the server lists but never hands out, and takes those behind it', async () => {
  const world = createWorld([mail('withheld'), mail('behind')]);
  const withholding = (ports: IntakePorts): IntakePorts => ({
    ...ports,
    openMailbox: async (...args) => {
      const mailbox = await ports.openMailbox(...args);
      const given = (handles: readonly string[]) => handles.filter((handle) => handle !== '7.1');
      return { ...mailbox, fetch: (handles, maxBytes) => mailbox.fetch(given(handles), maxBytes) };
    },
  });
  for (let round = 0; round < pollLimits.attempts; round += 1) {
    assert.deepEqual(world.cursor()?.quarantined ?? [], []);
    await poll(world, withholding);
    world.advance(60 * 60_000);
  }
  assert.deepEqual(summaries(world), ['behind']);
  assert.deepEqual(world.cursor()?.waiting, []);
  assert.deepEqual(
    world.cursor()?.quarantined.map(({ handle, code }) => [handle, code]),
    [['7.1', 'mail-withheld']],
  );
});

test('leaves a mail alone that a killed run has claimed, until that run can not live any more', async () => {
  const world = createWorld([mail('first'), mail('second')]);
  const start = world.ports().now();
  const claim = (await brokenPoll(createWorld([mail('first')]), null)).indexOf('after receipts.claim');
  await brokenPoll(world, { at: claim + 1, how: 'kill' });
  const looks: number[] = [];
  const step = (name: string, when: string) => {
    if (name === 'mailbox.fetch' && when === 'before') looks.push(world.ports().now() - start);
  };
  for (let minute = 0; minute < 60; minute += 1) {
    if (minute === 5) world.mails.push({ uid: 3, raw: mail('third'), seen: false, gone: false });
    await pollConnection(world.ports({ step }), 'c1', false);
    world.advance(60_000);
  }
  assert.deepEqual(looks, [0, 0, 5 * 60_000, graceMs], 'both at first, then what is new, then what was claimed');
  assert.deepEqual(summaries(world), ['second', 'third', 'first']);
});
