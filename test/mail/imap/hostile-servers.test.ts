import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { imapMailbox } from '../../../src/mail/imap/mailbox';
import { isError } from '../../contract/fetched';
import { scriptedImap, scriptedSettings } from '../../support/scripted-imap';
import { scriptedDeps, withServer } from '../../support/scripted-mailbox';

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
    { ...scriptedDeps, allowPlaintext: false },
  );
  await assert.rejects(mailbox.list(null, 10), isError('plaintext-refused', 'access'));
  assert.deepEqual(server.commands, []);
  await server.stop();
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
