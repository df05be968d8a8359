import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../src/domain/app-error';
import { isError } from '../../contract/fetched';
import { inbox } from '../../support/scripted-imap';
import { withServer } from '../../support/scripted-mailbox';

for (const words of ['NO [AUTHENTICATIONFAILED] no', 'BAD invalid command', 'NO mechanism is off']) {
  test(`a mechanism that is announced and refused (${words}) is followed by the next one, which is kept`, () =>
    withServer(
      { capabilities: 'SASL-IR AUTH=PLAIN', on: { authenticate: (tag) => `${tag} ${words}` } },
      async (mailbox, commands) => {
        assert.equal((await mailbox.list(null, 10)).position, '7:0');
        await mailbox.check();
        assert.equal(commands.filter((command) => command.startsWith('AUTHENTICATE')).length, 1, commands.join('\n'));
      },
    ));
}

test('a password that is wrong is tried by two mechanisms, and no more', () =>
  withServer(
    { capabilities: 'AUTH=PLAIN', on: { authenticate: (tag) => `${tag} NO wrong`, login: (tag) => `${tag} NO wrong` } },
    async (mailbox, commands) => {
      await assert.rejects(mailbox.list(null, 10), isError('sign-in-failed', 'access', 'sign-in'));
      assert.equal(commands.filter((command) => /^(AUTHENTICATE|LOGIN)/.test(command)).length, 2);
    },
  ));

test('no password goes out by a command that the server forbids', () =>
  withServer(
    { capabilities: 'AUTH=PLAIN LOGINDISABLED', on: { authenticate: (tag) => `${tag} NO wrong` } },
    async (mailbox, commands) => {
      await assert.rejects(mailbox.list(null, 10), isError('sign-in-failed', 'access'));
      assert.ok(!commands.some((command) => command.startsWith('LOGIN ')));
    },
  ));

for (const words of [
  'NO Server Unavailable. 15',
  'NO Internal server error',
  'NO Service is temporarily down',
  'NO Please try again later',
]) {
  test(`trouble of the server's own at the sign-in passes by itself: ${words}`, () =>
    withServer({ on: { login: (tag) => `${tag} ${words}` } }, async (mailbox) => {
      await assert.rejects(mailbox.list(null, 10), isError('sign-in-unavailable', 'transient'));
    }));
}

for (const [command, reply] of [
  ['login', 'BAD Request is throttled. Suggested Backoff Time: 299910 milliseconds'],
  ['select', 'NO Request is throttled. Suggested Backoff Time: 299910 milliseconds'],
  ['uid fetch', 'BAD Request is throttled. Suggested Backoff Time: 299910 milliseconds\r\n* BYE Connection closed. 14'],
  ['uid search', 'NO Request is throttled. Suggested Backoff Time: 299910 milliseconds'],
] as const) {
  test(`a wait that is asked for at ${command} is told, not slept`, () =>
    withServer(
      { on: { select: (tag) => `${inbox(90, 91)}${tag} OK open`, [command]: (tag: string) => `${tag} ${reply}` } },
      async (mailbox, commands) => {
        await assert.rejects(mailbox.list(null, 10), (error: unknown) => {
          assert.ok(error instanceof AppError);
          assert.deepEqual([error.code, error.kind, error.retryAfterMs], ['throttled', 'transient', 299_910]);
          assert.doesNotMatch(error.message, /timeout/);
          return true;
        });
        assert.equal(commands.filter((one) => one.toLowerCase().startsWith(`${command} `)).length, 1);
      },
    ));
}

test('names of other namespaces are taken as they are, and own ones get the prefix', () => {
  const opened: string[] = [];
  const on = {
    namespace: (tag: string) =>
      `* NAMESPACE (("INBOX." ".")) (("user." ".")) (("Shared Folders." "."))\r\n${tag} OK done`,
    list: (tag: string, args: string) =>
      `* LIST () "." ${/"?([^" ]+)"?$/.exec(args)?.[1] === '*' ? '"Shared Folders.Desk"' : args.split(' ').slice(1).join(' ')}\r\n${tag} OK done`,
    select: (tag: string, args: string) => {
      opened.push(args.replaceAll('"', ''));
      return `${inbox(0, 1)}${tag} OK open`;
    },
  };
  return withServer({ capabilities: 'NAMESPACE', on }, async (mailbox) => {
    assert.ok((await mailbox.folders()).some(({ path }) => path === 'Shared Folders/Desk'));
  }).then(async () => {
    for (const folder of ['Shared Folders/Desk', 'user/bob', 'Work', 'INBOX/Work', 'inbox', ''])
      await withServer({ capabilities: 'NAMESPACE', on }, (mailbox) => mailbox.list(null, 5).then(() => {}), {
        folder,
      });
    assert.deepEqual(opened, ['Shared Folders.Desk', 'user.bob', 'INBOX.Work', 'INBOX.Work', 'INBOX', 'INBOX']);
  });
});
