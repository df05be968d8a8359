import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMailbox, texts } from './open';
import { mail, type StoredMail } from './pop3-server';

const mails = (count: number) => Array.from({ length: count }, (_, n) => mail(`id${n}`, `body ${n}`));
const subjects = (found: readonly string[]) => found.map((text) => /^Subject: (.*)\r$/m.exec(text)?.[1] ?? text);

const twins = (): StoredMail[] => [
  mail('same', 'one'),
  mail('other', 'two'),
  { ...mail('third', 'three'), id: 'same' },
];

test('messages with one id are different messages, and each is listed once', async (t) => {
  const { mailbox } = await openMailbox(t, { mails: twins() });
  const { arrivals, position } = await mailbox.list(null, 50);
  const found = await texts(
    mailbox,
    arrivals.map(({ handle }) => handle),
  );
  assert.deepEqual(
    found.map((text) => text.split('\r\n').at(-2)),
    ['one', 'two', 'three'],
  );
  assert.deepEqual(await mailbox.list(position, 50), { arrivals: [], position, more: false, reset: false });
});

test('a deletion takes the right one of two messages with one id', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: twins() });
  const { arrivals } = await mailbox.list(null, 50);
  const third = arrivals[2]?.handle ?? '';
  assert.deepEqual(await mailbox.settle([third], 'delete', ''), [{ handle: third, outcome: 'settled' }]);
  assert.deepEqual(
    server.mails.map(({ raw }) => /Subject: (.*)\r/.exec(String(raw))?.[1]),
    ['same', 'other'],
  );
});

test('messages without an id are told apart by their headers', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a'), { ...mail('b'), id: null }, mail('c')] });
  const { position, arrivals } = await mailbox.list(null, 50);
  assert.equal(arrivals.length, 3);
  server.mails.push({ ...mail('d'), id: null });
  const next = await mailbox.list(position, 50);
  assert.equal(next.arrivals.length, 1);
  server.mails.shift();
  assert.deepEqual((await mailbox.list(next.position, 50)).arrivals, []);
});

test('a server without UIDL can be read', async (t) => {
  const { server, mailbox } = await openMailbox(t, {
    mails: [mail('a'), mail('b')],
    capabilities: ['TOP', 'USER'],
    script: (command) => (command.startsWith('UIDL') ? '-ERR unknown command\r\n' : undefined),
  });
  const { position, arrivals } = await mailbox.list(null, 50);
  assert.equal(arrivals.length, 2);
  server.mails = [mail('b'), mail('c')];
  const next = await mailbox.list(position, 50);
  assert.deepEqual(
    subjects(
      await texts(
        mailbox,
        next.arrivals.map(({ handle }) => handle),
      ),
    ),
    ['c'],
  );
});

test('a server that refuses UIDL for once gives no message another name', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: mails(3) });
  const { position } = await mailbox.list(null, 50);
  server.mails.push(mail('new'));
  for (const answer of ['-ERR not now\r\n', '-ERR [SYS/TEMP] not now\r\n']) {
    server.script = (command) => (command === 'UIDL' ? answer : undefined);
    await assert.rejects(mailbox.list(position, 50), { code: 'server-refused', kind: 'transient' });
  }
  server.script = undefined;
  assert.equal((await mailbox.list(position, 50)).arrivals.length, 1);
});

test('identical copies without ids are as many arrivals as there are copies', async (t) => {
  const { mailbox } = await openMailbox(t, {
    mails: [
      { ...mail('a'), id: null },
      { ...mail('a'), id: null },
    ],
  });
  const { arrivals } = await mailbox.list(null, 50);
  assert.equal(new Set(arrivals.map(({ handle }) => handle)).size, 2);
  assert.equal(
    (
      await texts(
        mailbox,
        arrivals.map(({ handle }) => handle),
      )
    ).length,
    2,
  );
});

test('a server that can name its messages in no way is refused with an explanation', async (t) => {
  const { mailbox } = await openMailbox(t, {
    mails: mails(2),
    capabilities: ['USER'],
    script: (command) => (/^(UIDL|TOP)/.test(command) ? '-ERR unknown command\r\n' : undefined),
  });
  await assert.rejects(mailbox.list(null, 50), { code: 'no-unique-ids', kind: 'access' });
  const report = await mailbox.check();
  assert.deepEqual([report.ok, report.steps.at(-1)?.step], [false, 'count']);
});

for (const others of [0, 3]) {
  test(`an id that left the mailbox of ${others + 1} names new mail when it is used again`, async (t) => {
    const rest = mails(others);
    const { server, mailbox } = await openMailbox(t, { mails: [{ id: 'again', raw: mail('first').raw }, ...rest] });
    const before = await mailbox.list(null, 50);
    server.mails = [...rest];
    const between = await mailbox.list(before.position, 50);
    assert.deepEqual(between.arrivals, []);
    assert.notEqual(between.position, before.position, 'so that it is kept that the first is gone');
    server.mails = [...rest, { id: 'again', raw: mail('second').raw }];
    const { arrivals, reset } = await mailbox.list(between.position, 50);
    const found = await texts(
      mailbox,
      arrivals.map(({ handle }) => handle),
    );
    assert.deepEqual([subjects(found), reset], [['second'], false]);
  });
}
