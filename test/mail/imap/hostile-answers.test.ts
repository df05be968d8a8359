import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { fetchAll, isError } from '../../contract/fetched';
import { inbox } from '../../support/scripted-imap';
import { withServer } from '../../support/scripted-mailbox';

const folderOfOne = { select: (tag: string) => `${inbox(1, 2)}${tag} OK [READ-WRITE] open` };
const sizes = (size: number) => (tag: string, args: string) =>
  args.includes('BODY') ? undefined : `* 1 FETCH (UID 1 RFC822.SIZE ${size})\r\n${tag} OK done`;

test('a literal that comes a byte at a time does not hold a fetch', () => {
  const drip = (tag: string, args: string, socket: Socket) => {
    if (!args.includes('BODY')) return sizes(5_000)(tag, args);
    socket.write('* 1 FETCH (UID 1 BODY[] {5000}\r\n');
    const timer = setInterval(() => socket.write('x'), 100);
    socket.once('close', () => clearInterval(timer));
    return undefined;
  };
  return withServer(
    { on: { ...folderOfOne, 'uid fetch': drip } },
    async (mailbox) => {
      await assert.rejects(fetchAll(mailbox, ['7.1']), isError('timeout', 'transient'));
    },
    { timeoutMs: 500 },
  );
});

test('a literal of 900 MB is refused unread, that message alone, and those beside it come', () => {
  const fetch = (tag: string, args: string) => {
    if (!args.includes('BODY'))
      return `* 1 FETCH (UID 1 RFC822.SIZE 9)\r\n* 2 FETCH (UID 2 RFC822.SIZE 9)\r\n* 3 FETCH (UID 3 RFC822.SIZE 9)\r\n${tag} OK done`;
    if (/^1:3 |^2/.test(args)) return `* 2 FETCH (UID 2 BODY[] {900000000}\r\nxxxxxxxxxxxxxxxxxxxxxx`;
    return `* 1 FETCH (UID ${args.split(' ')[0]} BODY[] {5}\r\nhello)\r\n${tag} OK done`;
  };
  return withServer(
    { on: { select: (tag) => `${inbox(3, 4)}${tag} OK open`, 'uid fetch': fetch } },
    async (mailbox) => {
      const before = process.memoryUsage().rss;
      const fetched = await fetchAll(mailbox, ['7.1', '7.2', '7.3']);
      assert.deepEqual(
        fetched.map(({ outcome }) => outcome),
        ['raw', 'too-large', 'raw'],
      );
      assert.equal(fetched[1]?.outcome === 'too-large' && fetched[1].size, 900_000_000);
      assert.ok(process.memoryUsage().rss - before < 300 * 1024 * 1024);
    },
  );
});

test('a size that lies cannot bring in more than the limit, nor cut a message short', () => {
  const bodies: Record<string, string> = { 1: 'x'.repeat(40_000), 2: 'y'.repeat(3_000) };
  const fetch = (tag: string, args: string) => {
    const uids = (args.startsWith('1:2') ? ['1', '2'] : [args.split(' ')[0] ?? '']) satisfies string[];
    const row = (uid: string) =>
      args.includes('BODY') ? `BODY[] {${bodies[uid]?.length}}\r\n${bodies[uid]}` : 'RFC822.SIZE 10';
    return `${uids.map((uid) => `* ${uid} FETCH (UID ${uid} ${row(uid)})\r\n`).join('')}${tag} OK done`;
  };
  return withServer(
    { on: { select: (tag) => `${inbox(2, 3)}${tag} OK open`, 'uid fetch': fetch } },
    async (mailbox) => {
      const [large, small] = await fetchAll(mailbox, ['7.1', '7.2'], 10_000);
      assert.deepEqual(large, { handle: '7.1', outcome: 'too-large', size: 40_000 });
      assert.equal(small?.outcome === 'raw' && small.raw.length, 3_000);
    },
  );
});

test('a literal that is cut is never handed out', () => {
  const fetch = (tag: string, args: string, socket: Socket) =>
    args.includes('BODY')
      ? void socket.end('* 1 FETCH (UID 1 BODY[] {5000}\r\nFrom: a@example.com\r\n')
      : sizes(5_000)(tag, args);
  return withServer({ on: { ...folderOfOne, 'uid fetch': fetch } }, async (mailbox) => {
    await assert.rejects(fetchAll(mailbox, ['7.1']), isError('connection-lost', 'transient'));
  });
});

test('a message that the server leaves out although it is there is not called gone', () => {
  const fetch = (tag: string, args: string) => {
    if (args.includes('BODY')) return `${tag} OK done`;
    return `* 1 FETCH (UID 1 RFC822.SIZE 9 FLAGS ())\r\n${tag} OK done`;
  };
  return withServer({ on: { ...folderOfOne, 'uid fetch': fetch } }, async (mailbox) => {
    assert.deepEqual(await fetchAll(mailbox, ['7.1']), []);
  });
});

test('messages that come in another order than asked for are handed out in the right one', () => {
  const fetch = (tag: string, args: string) => {
    const row = (uid: number) => (args.includes('BODY') ? `BODY[] {5}\r\nmail${uid}` : 'RFC822.SIZE 5');
    return `${[3, 1, 2].map((uid) => `* ${uid} FETCH (UID ${uid} ${row(uid)})\r\n`).join('')}${tag} OK done`;
  };
  return withServer(
    { on: { select: (tag) => `${inbox(3, 4)}${tag} OK open`, 'uid fetch': fetch } },
    async (mailbox) => {
      const fetched = await fetchAll(mailbox, ['7.1', '7.2', '7.3']);
      assert.deepEqual(
        fetched.map((one) => one.outcome === 'raw' && Buffer.from(one.raw).toString()),
        ['mail1', 'mail2', 'mail3'],
      );
    },
  );
});

test('a server without UIDVALIDITY keeps its position from session to session', () =>
  withServer(
    { on: { select: (tag) => `${inbox(0, 5, null)}${tag} OK open`, 'uid fetch': (tag) => `${tag} OK done` } },
    async (mailbox) => {
      const { position } = await mailbox.list('0:4', 10);
      assert.equal(position, '0:4');
      assert.equal((await mailbox.list('0:4', 10)).reset, false);
      assert.equal((await mailbox.list('9:4', 10)).reset, true);
    },
  ));

test('an answer with the last message, although it is older, is not taken for news', () =>
  withServer(
    { on: { ...folderOfOne, 'uid fetch': (tag) => `* 1 FETCH (UID 1 RFC822.SIZE 9)\r\n${tag} OK done` } },
    async (mailbox) => {
      assert.deepEqual((await mailbox.list('7:1', 10)).arrivals, []);
    },
  ));

test('nothing new costs one command, and a backlog is not described message by message', () => {
  const search = (tag: string) =>
    `* SEARCH ${Array.from({ length: 9_000 }, (_, n) => n + 1).join(' ')}\r\n${tag} OK done`;
  const fetch = (tag: string, args: string) => {
    const [from = 0, to = from] = (args.split(' ')[0] ?? '').split(':').map(Number);
    const uids = Array.from({ length: Math.max(0, Math.min(to, 9_000) - from + 1) }, (_, n) => from + n);
    return `${uids.map((uid) => `* ${uid} FETCH (UID ${uid} RFC822.SIZE 9)\r\n`).join('')}${tag} OK done`;
  };
  const on = {
    select: (tag: string) => `${inbox(9_000, 9_001)}${tag} OK open`,
    'uid search': search,
    'uid fetch': fetch,
  };
  return withServer({ on }, async (mailbox, commands) => {
    const page = await mailbox.list(null, 50);
    assert.equal(page.arrivals.length, 50);
    assert.equal(page.position, '7:50');
    assert.equal(page.more, true);
    assert.ok(commands.includes('UID FETCH 1:50 (UID FLAGS INTERNALDATE RFC822.SIZE)'), commands.join('\n'));
    commands.length = 0;
    assert.equal((await mailbox.list('7:9000', 50)).more, false);
    assert.deepEqual(commands, ['UID FETCH 9001:4294967295 (UID FLAGS INTERNALDATE RFC822.SIZE)']);
  });
});

for (const command of ['login', 'select']) {
  test(`an account that Exchange has no mailbox for is told what to check, not that its password is wrong (${command})`, () => {
    const refuse = (tag: string) => `${tag} BAD User is authenticated but not connected.`;
    return withServer({ on: { [command]: refuse } }, async (mailbox) => {
      await assert.rejects(mailbox.list(null, 50), isError('mailbox-not-connected', 'transient'));
    });
  });
}
