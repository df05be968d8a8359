import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { graceMs, pollLimits } from '../../src/domain/limits';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, mail, settingsOf, type World } from '../support/world';

const poll = (world: World, change: (ports: IntakePorts) => IntakePorts = (ports) => ports, force = false) =>
  pollConnection(change(world.ports()), 'c1', force);

const summaries = (world: World) => world.issues.map((issue) => issue.draft.summary);

/** The port calls that write, of one poll. */
async function writesOf(world: World): Promise<string[]> {
  const writes: string[] = [];
  const step = (name: string, when: string) => {
    if (when === 'before' && /put|save|claim|takeOver|release|create|attach$|settle/.test(name)) writes.push(name);
  };
  await pollConnection(world.ports({ step }), 'c1', false);
  return writes;
}

/** Makes one port method fail as long as `error` returns something. */
function failing<P extends 'issues' | 'receipts' | 'cursors'>(
  port: P,
  method: keyof IntakePorts[P],
  error: () => AppError | null,
) {
  return (ports: IntakePorts): IntakePorts => {
    const original = ports[port][method] as (...args: unknown[]) => Promise<unknown>;
    const replaced = async (...args: unknown[]) => {
      const failure = error();
      if (failure !== null) throw failure;
      return original(...args);
    };
    return { ...ports, [port]: { ...ports[port], [method]: replaced } };
  };
}

test('makes one issue of each mail, oldest first, and marks each as read', async () => {
  const world = createWorld([mail('first'), mail('second'), mail('third')]);
  assert.equal(await poll(world), 'done');
  assert.deepEqual(summaries(world), ['first', 'second', 'third']);
  assert.ok(world.mails.every((one) => one.seen && !one.gone));
});

test('writes nothing when there is nothing new', async () => {
  const world = createWorld([mail('first')]);
  await poll(world);
  assert.deepEqual(await writesOf(world), []);
  assert.equal(await poll(world), 'idle');
});

test('notes that it ran when the last note is old', async () => {
  const world = createWorld([mail('first')]);
  await poll(world);
  world.advance(pollLimits.heartbeatMs);
  assert.deepEqual(await writesOf(world), ['cursors.put']);
  assert.deepEqual(await writesOf(world), []);
});

test('takes a mail that a person has read or flagged meanwhile', async () => {
  const world = createWorld([mail('first')]);
  const [one] = world.mails;
  assert.ok(one);
  one.seen = true;
  await poll(world);
  assert.deepEqual(summaries(world), ['first']);
});

test('makes one issue of byte-identical copies, and two of mails that share a Message-ID only', async () => {
  const world = createWorld([mail('a'), mail('a'), mail('b', { messageId: 'a' })]);
  await poll(world);
  assert.deepEqual(summaries(world), ['a', 'b']);
});

test('drains 500 mails over several batches in order', async () => {
  const names = Array.from({ length: 500 }, (_, index) => `mail ${index}`);
  const world = createWorld(names.map((name) => mail(name)));
  await poll(world);
  assert.deepEqual(summaries(world), names);
  assert.deepEqual(world.cursor()?.waiting, []);
});

test('stops in time, keeps what it reached, and goes on in order', async () => {
  const names = Array.from({ length: 80 }, (_, index) => `mail ${index}`);
  const world = createWorld(names.map((name) => mail(name)));
  const remainingMs = () => (world.issues.length < 63 ? 600_000 : 1_000);
  assert.equal(await pollConnection(world.ports({ remainingMs }), 'c1', false), 'again');
  assert.equal(world.issues.length, 63);
  await poll(world);
  assert.deepEqual(summaries(world), names);
});

test('quarantines a mail that is too large before it is downloaded, and takes those behind it', async () => {
  const large = new Uint8Array(1024 * 1024 + 1);
  const world = createWorld([large, mail('behind')], { largestMailMb: 1 });
  const fetched: string[] = [];
  const step = (name: string) => void fetched.push(name);
  await pollConnection(world.ports({ step }), 'c1', false);
  assert.deepEqual(summaries(world), ['behind']);
  assert.equal(fetched.filter((name) => name === 'mailbox.fetch').length, 2, 'one fetch, before and after');
  assert.deepEqual(
    world.cursor()?.quarantined.map(({ handle, code }) => [handle, code]),
    [['7.1', 'mail-too-large']],
  );
  assert.equal(world.mails[0]?.seen, false);
});

test('gives up a mail that Jira refuses after five tries, and never lets it block the others', async () => {
  const world = createWorld([mail('bad'), mail('good')]);
  const refuseBad = (ports: IntakePorts): IntakePorts => ({
    ...ports,
    issues: {
      ...ports.issues,
      create: (draft) =>
        draft.summary === 'bad'
          ? Promise.reject(new AppError('issue-refused', 'message', 'Jira refused the description.'))
          : ports.issues.create(draft),
    },
  });
  for (let round = 0; round < pollLimits.attempts; round += 1) {
    await poll(world, refuseBad);
    world.advance(60 * 60_000);
  }
  assert.deepEqual(summaries(world), ['good']);
  assert.deepEqual(world.cursor()?.waiting, []);
  assert.deepEqual(
    world.cursor()?.quarantined.map(({ code, reason }) => [code, reason]),
    [['issue-refused', 'Jira refused the description.']],
  );
  await poll(world);
  assert.deepEqual(summaries(world), ['good'], 'what is quarantined is not taken by itself');
});

test('takes a mail after all when Jira refused it fewer than five times', async () => {
  const world = createWorld([mail('bad')]);
  let left = pollLimits.attempts - 1;
  const refuse = failing('issues', 'create', () =>
    left-- > 0 ? new AppError('issue-refused', 'message', 'No.') : null,
  );
  for (let round = 0; round < pollLimits.attempts; round += 1) {
    await poll(world, refuse);
    world.advance(60 * 60_000);
  }
  assert.deepEqual(summaries(world), ['bad']);
});

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
  await poll(world, gone);
  assert.equal(world.connection.state, 'suspended');
  assert.equal(world.cursor()?.trouble?.message, 'The project does not exist.');
  assert.equal(await poll(world), 'idle');
  world.connection = { ...world.connection, state: 'enabled' };
  await poll(world, undefined, true);
  assert.deepEqual(summaries(world), ['first']);
});

test('takes nothing more once the connection was deleted, and leaves no cursor behind', async () => {
  const world = createWorld([mail('first'), mail('second')]);
  const ports = world.ports();
  const removing: IntakePorts = {
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        const key = await ports.issues.create(draft);
        await ports.connections.remove('c1');
        return key;
      },
    },
  };
  await pollConnection(removing, 'c1', false);
  assert.deepEqual(summaries(world), ['first']);
  assert.equal(world.cursor(), null);
});

test('takes nothing more the old way once the connection was edited', async () => {
  const world = createWorld([mail('first'), mail('second')]);
  const ports = world.ports();
  const editing: IntakePorts = {
    ...ports,
    issues: {
      ...ports.issues,
      create: async (draft) => {
        const key = await ports.issues.create(draft);
        if (world.connection.version === 1) {
          const settings = { ...world.connection.settings, target: { projectId: '20000', issueTypeId: '1' } };
          world.connection = { ...world.connection, version: 2, settings };
        }
        return key;
      },
    },
  };
  await pollConnection(editing, 'c1', false);
  await poll(world);
  assert.deepEqual(
    world.issues.map(({ draft }) => [draft.summary, draft.projectId]),
    [
      ['first', '10000'],
      ['second', '20000'],
    ],
  );
});

test('does not make an issue again that was deleted in Jira', async () => {
  const world = createWorld([mail('first')]);
  await poll(world);
  for (const issue of world.issues) issue.deleted = true;
  world.connection = { ...world.connection, settings: settingsOf({ folder: 'Other' }) };
  await poll(world);
  assert.equal(world.issues.length, 1);
});

test('retries only the attachment that failed', async () => {
  const world = createWorld([mail('first', { attachments: 3 })]);
  let calls = 0;
  const broken = failing('issues', 'attach', () => {
    calls += 1;
    return calls === 2 ? new AppError('jira-unavailable', 'transient', 'No.', { uncertain: false }) : null;
  });
  await poll(world, broken);
  world.advance(60_000);
  await poll(world, broken);
  assert.equal(world.issues.length, 1);
  assert.deepEqual(
    world.issues[0]?.attachments.map(({ fileName }) => fileName),
    ['table-0.csv', 'table-1.csv', 'table-2.csv'],
  );
  assert.equal(calls, 4, 'the first attachment was not sent again');
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

test('keeps trying to mark a mail without downloading it again, then says that it could not', async () => {
  const world = createWorld([mail('first')], { afterDownload: 'delete' });
  let fetches = 0;
  const refusing = (ports: IntakePorts): IntakePorts => ({
    ...ports,
    openMailbox: async (...args) => {
      const mailbox = await ports.openMailbox(...args);
      return {
        ...mailbox,
        fetch: (handles, maxBytes) => {
          fetches += 1;
          return mailbox.fetch(handles, maxBytes);
        },
        settle: async (handles) =>
          handles.map((handle) => ({ handle, outcome: 'refused', message: 'The mailbox is read-only.' })),
      };
    },
  });
  for (let round = 0; round < pollLimits.attempts + 1; round += 1) {
    await poll(world, refusing);
    world.advance(60 * 60_000);
  }
  assert.equal(fetches, 1);
  assert.equal(world.issues.length, 1);
  assert.equal(world.cursor()?.warning, 'The mailbox is read-only.');
  assert.deepEqual(world.cursor()?.waiting, []);
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
