import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { ConnectionSettings } from '../../../src/domain/connection';
import { imapMailbox } from '../../../src/mail/imap/mailbox';
import { fetchAll, isError } from '../../contract/mailbox-contract';
import { inbox, type Script, scriptedImap, scriptedSettings } from '../../support/scripted-imap';

const deps = { resolve: async () => ['127.0.0.1'], allowPlaintext: true };

/** Runs `body` with a mailbox on a scripted server. */
async function withServer(
  script: Script,
  body: (mailbox: ReturnType<typeof imapMailbox>, commands: string[]) => Promise<void>,
  changes: Partial<ConnectionSettings> = {},
) {
  const server = await scriptedImap(script);
  const mailbox = imapMailbox(scriptedSettings(server.port, changes), { password: 'secret' }, deps);
  try {
    await body(mailbox, server.commands);
  } finally {
    await mailbox.close();
    await server.stop();
  }
}

const folderOfOne = { select: (tag: string) => `${inbox(1, 2)}${tag} OK [READ-WRITE] open` };
const sizes = (size: number) => (tag: string, args: string) =>
  args.includes('BODY') ? undefined : `* 1 FETCH (UID 1 RFC822.SIZE ${size})\r\n${tag} OK done`;

test('a decent server is served', () =>
  withServer({}, async (mailbox) => {
    assert.deepEqual(await mailbox.list(null, 10), { arrivals: [], position: '7:0', more: false, reset: false });
  }));

test('BYE instead of a greeting passes by itself, and its words are told', () =>
  withServer({ greeting: '* BYE Too many connections from your IP' }, async (mailbox) => {
    await assert.rejects(mailbox.list(null, 10), (error: unknown) => {
      assert.match(String(Reflect.get(Object(error), 'detail')), /Too many connections/);
      return isError('connection-lost', 'transient')(error);
    });
  }));

test('BYE after the sign-in passes by itself', () =>
  withServer(
    { on: { select: (_tag, _args, socket) => void socket.end('* BYE shutting down\r\n') } },
    async (mailbox) => {
      await assert.rejects(mailbox.list(null, 10), isError('connection-lost', 'transient'));
    },
  ));

test('BYE in the middle of a session passes by itself, and the next call gets a new one', () => {
  let calls = 0;
  const fetch = (tag: string, _args: string, socket: Socket) => {
    calls += 1;
    return calls === 1 ? void socket.end('* BYE idle for too long\r\n') : `${tag} OK done`;
  };
  return withServer({ on: { 'uid fetch': fetch } }, async (mailbox) => {
    await assert.rejects(mailbox.list(null, 10), isError('connection-lost', 'transient'));
    assert.deepEqual((await mailbox.list(null, 10)).arrivals, []);
  });
});

test('a session that died while it lay idle is replaced without a word', () => {
  const open: Socket[] = [];
  const fetch = (tag: string, _args: string, socket: Socket) => {
    open.push(socket);
    return `${tag} OK done`;
  };
  return withServer({ on: { 'uid fetch': fetch } }, async (mailbox) => {
    await mailbox.list(null, 10);
    // Reset rather than ended: the client learns of it only when it writes.
    open[0]?.resetAndDestroy();
    assert.deepEqual((await mailbox.list(null, 10)).arrivals, []);
    assert.equal(open.length, 2);
  });
});

test('a server that says nothing is given up in time', () =>
  withServer(
    { greeting: null },
    async (mailbox) => {
      await assert.rejects(mailbox.list(null, 10), isError('timeout', 'transient', 'sign-in'));
    },
    { timeoutMs: 300 },
  ));

test('a server that speaks another protocol is given up in time', () =>
  withServer(
    { connected: (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n') },
    async (mailbox) => {
      await assert.rejects(mailbox.list(null, 10), isError('timeout', 'transient', 'sign-in'));
    },
    { timeoutMs: 300 },
  ));

test('one byte a second does not hold a call for longer than its timeout', () => {
  const drip = (_tag: string, _args: string, socket: Socket) => {
    const timer = setInterval(() => socket.write('*'), 100);
    socket.once('close', () => clearInterval(timer));
    return undefined;
  };
  return withServer(
    { on: { 'uid fetch': drip } },
    async (mailbox) => {
      const startedAt = performance.now();
      await assert.rejects(mailbox.list(null, 10), isError('timeout', 'transient'));
      assert.ok(performance.now() - startedAt < 30_000);
    },
    { timeoutMs: 500 },
  );
});

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

test('STARTTLS that was stripped is noticed before the password is sent', () =>
  withServer(
    {},
    async (mailbox, commands) => {
      await assert.rejects(mailbox.list(null, 10), isError('starttls-missing', 'access', 'tls'));
      assert.ok(!commands.some((command) => /secret|LOGIN|AUTHENTICATE/.test(command)), commands.join('\n'));
    },
    { encryption: 'starttls' },
  ));

test('STARTTLS that the server refuses is noticed before the password is sent', () =>
  withServer(
    { capabilities: 'STARTTLS', on: { starttls: (tag) => `${tag} NO not today` } },
    async (mailbox, commands) => {
      await assert.rejects(mailbox.list(null, 10), isError('starttls-missing', 'access', 'tls'));
      assert.ok(!commands.some((command) => /LOGIN|AUTHENTICATE/.test(command)));
    },
    { encryption: 'starttls' },
  ));

test('what is injected between STARTTLS and the handshake is refused', () =>
  withServer(
    { capabilities: 'STARTTLS', on: { starttls: (tag) => `${tag} OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN` } },
    async (mailbox, commands) => {
      await assert.rejects(mailbox.list(null, 10), isError('starttls-injection', 'access', 'tls'));
      assert.ok(!commands.some((command) => /LOGIN|AUTHENTICATE/.test(command)));
    },
    { encryption: 'starttls' },
  ));

for (const encryption of ['none', 'starttls'] as const) {
  test(`PREAUTH is refused with encryption ${encryption}`, () =>
    withServer(
      { greeting: '* PREAUTH welcome, whoever you are' },
      async (mailbox, commands) => {
        const expected =
          encryption === 'none' ? isError('preauth-refused', 'access') : isError('starttls-missing', 'access');
        await assert.rejects(mailbox.list(null, 10), expected);
        assert.ok(!commands.some((command) => command.startsWith('SELECT')));
      },
      { encryption },
    ));
}

test('a connection without encryption is refused where it is not allowed, before anything is sent', async () => {
  const server = await scriptedImap({});
  const mailbox = imapMailbox(
    scriptedSettings(server.port),
    { password: 'secret' },
    { ...deps, allowPlaintext: false },
  );
  await assert.rejects(mailbox.list(null, 10), isError('plaintext-refused', 'access'));
  assert.deepEqual(server.commands, []);
  await server.stop();
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
    assert.ok(commands.includes('UID FETCH 1:50 (UID INTERNALDATE RFC822.SIZE)'), commands.join('\n'));
    commands.length = 0;
    assert.equal((await mailbox.list('7:9000', 50)).more, false);
    assert.deepEqual(commands, ['UID FETCH 9001:4294967295 (UID INTERNALDATE RFC822.SIZE)']);
  });
});

test('words of the server are shown as one line of plain text, at most 200 characters', () =>
  withServer(
    { on: { login: (tag) => `${tag} NO [AUTHENTICATIONFAILED] <b>no\x07 way</b> ${'x'.repeat(5_000)}` } },
    async (mailbox) => {
      await assert.rejects(mailbox.list(null, 10), (error: unknown) => {
        const detail = String(Reflect.get(Object(error), 'detail'));
        assert.ok(detail.length <= 200 && !/\p{Cc}/u.test(detail), detail);
        assert.match(detail, /no way/);
        return isError('sign-in-failed', 'access', 'sign-in')(error);
      });
    },
  ));

for (const [code, expected] of [
  ['[UNAVAILABLE]', isError('sign-in-unavailable', 'transient', 'sign-in')],
  ['[INUSE]', isError('sign-in-unavailable', 'transient', 'sign-in')],
  ['[ALERT] Too many simultaneous connections.', isError('sign-in-unavailable', 'transient', 'sign-in')],
  ['[AUTHENTICATIONFAILED]', isError('sign-in-failed', 'access', 'sign-in')],
  ['[AUTHORIZATIONFAILED]', isError('sign-in-failed', 'access', 'sign-in')],
  ['', isError('sign-in-failed', 'access', 'sign-in')],
] as const) {
  test(`a sign-in refused with "${code}" is told apart`, () =>
    withServer({ on: { login: (tag) => `${tag} NO ${code} no` } }, async (mailbox) => {
      await assert.rejects(mailbox.list(null, 10), expected);
    }));
}
