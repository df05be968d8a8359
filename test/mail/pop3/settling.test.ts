import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handlesOf, openMailbox } from './open';
import { mail } from './pop3-server';

const three = () => [mail('a'), mail('b'), mail('c')];
const ids = (mails: readonly { id: string | null }[]) => mails.map(({ id }) => id);

test('deletes what was asked for, tells what was gone, and can be repeated', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: three() });
  const [a = '', b = ''] = await handlesOf(mailbox);
  const expected = [
    { handle: b, outcome: 'settled' },
    { handle: 'unope', outcome: 'gone' },
  ];
  assert.deepEqual(await mailbox.settle([b, 'unope'], 'delete', ''), expected);
  assert.deepEqual(ids(server.mails), ['a', 'c']);
  assert.deepEqual(await mailbox.settle([b, a], 'delete', ''), [
    { handle: b, outcome: 'gone' },
    { handle: a, outcome: 'settled' },
  ]);
  assert.deepEqual(ids(server.mails), ['c']);
});

test('numbers are those of the session: what others deleted meanwhile shifts no deletion', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: three() });
  const [, , c = ''] = await handlesOf(mailbox);
  await mailbox.close();
  server.mails.shift();
  assert.equal((await mailbox.settle([c], 'delete', ''))[0]?.outcome, 'settled');
  assert.deepEqual(ids(server.mails), ['b']);
});

test('a connection that ends after DELE deletes nothing, claims nothing, and the next try deletes', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: three() });
  const handles = await handlesOf(mailbox);
  server.script = (command, visit) => {
    if (command !== 'QUIT') return undefined;
    visit.socket.destroy();
    return null;
  };
  await assert.rejects(mailbox.settle(handles, 'delete', ''), {
    code: 'connection-lost',
    kind: 'transient',
    uncertain: true,
  });
  assert.equal(server.mails.length, 3);
  server.script = undefined;
  assert.deepEqual(
    (await mailbox.settle(handles, 'delete', '')).map(({ outcome }) => outcome),
    ['settled', 'settled', 'settled'],
  );
  assert.equal(server.mails.length, 0);
});

test('when the answer to QUIT is lost, the next session sees that the mail is gone', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: three() });
  const [a = ''] = await handlesOf(mailbox);
  server.script = (command, visit, usual) => {
    if (command !== 'QUIT') return undefined;
    usual();
    visit.socket.destroy();
    return null;
  };
  await assert.rejects(mailbox.settle([a], 'delete', ''), { kind: 'transient', uncertain: true });
  server.script = undefined;
  assert.deepEqual(ids(server.mails), ['b', 'c']);
  assert.deepEqual(await mailbox.settle([a], 'delete', ''), [{ handle: a, outcome: 'gone' }]);
});

test('a refused DELE concerns its message, a refused QUIT all of them', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: three() });
  const handles = await handlesOf(mailbox);
  server.script = (command) => (command === 'DELE 2' ? '-ERR read only\r\n' : undefined);
  const outcomes = await mailbox.settle(handles, 'delete', '');
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ['settled', 'refused', 'settled'],
  );
  assert.match(JSON.stringify(outcomes[1]), /read only/);

  server.mails = three();
  const again = await handlesOf(mailbox);
  server.script = (command) => (command === 'QUIT' ? '-ERR some deleted messages not removed\r\n' : undefined);
  assert.deepEqual(
    (await mailbox.settle(again, 'delete', '')).map(({ outcome }) => outcome),
    ['refused', 'refused', 'refused'],
  );
});

test('deletes in a new session what a person touched in this one, where the server would keep it and say nothing', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: three() });
  const handles = await handlesOf(mailbox);
  // As Courier does, whose sessions know a message by the name that its file had at sign-in.
  server.script = (command, visit) => {
    if (visit.number > 1) return undefined;
    if (command === 'QUIT') visit.marked.delete(2);
    return /^(TOP|RETR) 2\b/.test(command) ? '-ERR it is gone\r\n' : undefined;
  };
  const settled = await mailbox.settle(handles, 'delete', '');
  assert.ok(settled.every(({ outcome }) => outcome === 'settled'));
  assert.deepEqual(ids(server.mails), []);
  assert.equal(server.visits, 2);
});

test('marking as read needs no server, and moving is refused', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: three() });
  assert.deepEqual(await mailbox.settle(['ux'], 'mark-read', ''), [{ handle: 'ux', outcome: 'settled' }]);
  assert.equal((await mailbox.settle(['ux'], 'move', 'Done'))[0]?.outcome, 'refused');
  assert.equal(server.visits, 0);
  assert.deepEqual(await mailbox.folders(), []);
});

test('a poll is one session from listing to deletion', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: three() });
  const { arrivals, position } = await mailbox.list(null, 50);
  const handles = arrivals.map(({ handle }) => handle);
  for await (const one of mailbox.fetch(handles, 10_000)) assert.equal(one.outcome, 'raw');
  await mailbox.settle(handles, 'delete', '');
  assert.equal(server.visits, 1);
  server.mails.push(mail('d'));
  assert.equal((await mailbox.list(position, 50)).arrivals.length, 1);
});
