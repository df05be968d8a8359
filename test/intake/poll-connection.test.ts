import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { pollLimits } from '../../src/domain/limits';
import type { IntakePorts } from '../../src/intake/intake-ports';
import { pollConnection } from '../../src/intake/poll-connection';
import { createWorld, mail, settingsOf, type World } from '../support/world';
import { failing, withMailbox } from './polling';

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

test('closes the mailbox, whatever comes of the poll', async () => {
  const world = createWorld([mail('first')]);
  let open = 0;
  const counting = withMailbox(() => {
    open += 1;
    const close = async () => {
      open -= 1;
    };
    return { close };
  });
  const cut = withMailbox(() => ({ list: () => Promise.reject(new AppError('cut', 'transient', 'Cut.')) }));
  assert.equal(await poll(world, counting), 'done');
  assert.equal(await poll(world, (ports) => counting(cut(ports))), 'idle');
  assert.equal(world.cursor()?.trouble?.code, 'cut');
  assert.equal(open, 0);
});

test('notes that it ran when the last note is old', async () => {
  const world = createWorld([mail('first')]);
  await poll(world);
  world.advance(pollLimits.heartbeatMs);
  assert.deepEqual(await writesOf(world), ['cursors.put']);
  assert.deepEqual(await writesOf(world), []);
});

test('makes an issue of a mail without attachments with these calls, and no others', async () => {
  const world = createWorld([mail('first')]);
  const calls: string[] = [];
  const step = (name: string, when: string) => void (when === 'before' && calls.push(name));
  await pollConnection(world.ports({ step }), 'c1', false);
  const beginning = [
    'connections.get',
    'cursors.get',
    'openMailbox',
    'mailbox.list',
    'jiraPause.until',
    'mailbox.fetch',
  ];
  const taking = ['connections.get', 'receipts.get', 'receipts.claim'];
  const making = ['issues.create', 'issues.attachments', 'receipts.put'];
  const ending = ['activity.record', 'mailbox.settle', 'cursors.put', 'tallies.add'];
  assert.deepEqual(calls, [...beginning, ...taking, ...making, ...ending]);
});

test('notes the time of a poll that a person asked for, also when there was nothing new', async () => {
  const world = createWorld([mail('first')]);
  await poll(world);
  const before = world.cursor()?.polledAt;
  world.advance(1_000);
  assert.equal(await poll(world, undefined, true), 'idle');
  assert.equal(world.cursor()?.polledAt, Number(before) + 1_000);
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
  const world = createWorld([large, large.slice(1), mail('behind')], { largestMailMb: 1 });
  const fetched: string[] = [];
  const step = (name: string) => void fetched.push(name);
  await pollConnection(world.ports({ step }), 'c1', false);
  assert.deepEqual(summaries(world), ['(no subject)', 'behind']);
  assert.equal(fetched.filter((name) => name === 'mailbox.fetch').length, 4, 'two fetches, before and after');
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

for (const afterDownload of ['mark-read', 'delete']) {
  test(`takes nothing more once the connection was deleted, and leaves no cursor behind (${afterDownload})`, async () => {
    const world = createWorld([mail('first'), mail('second')], { afterDownload });
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
    assert.deepEqual([world.cursor(), world.tally()], [null, null]);
    assert.ok(world.mails.every(({ seen, gone }) => !seen && !gone));
  });
}

test('counts no poll of a connection that was deleted in the middle of it, after some of it was saved', async () => {
  const count = pollLimits.batchSize + 10;
  const world = createWorld(Array.from({ length: count }, (_, index) => mail(`mail ${index}`)));
  const { connections } = world.ports();
  const step = async (name: string, when: string) => {
    if (name === 'issues.create' && when === 'after' && world.issues.length === count - 5)
      await connections.remove('c1');
  };
  await pollConnection(world.ports({ step }), 'c1', false);
  assert.equal(world.issues.length, count - 5);
  assert.equal(world.tally(), null);
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
