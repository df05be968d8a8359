import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '../../support/scripted-mailbox';

const verbs = (commands: readonly string[]) =>
  commands.flatMap((one) => /\b(AUTHENTICATE \w+|LOGIN)\b/.exec(one)?.[1] ?? []);

for (const words of [
  'NO [AUTHENTICATIONFAILED] Authentication failed',
  'BAD invalid command',
  'NO authentication failure',
]) {
  test(`signs in by LOGIN where AUTH=PLAIN is announced but answered with "${words}", and begins so the next time`, () =>
    withServer(
      { capabilities: 'SASL-IR AUTH=PLAIN', on: { authenticate: (tag) => `${tag} ${words}` } },
      async (mailbox, commands) => {
        assert.equal((await mailbox.list(null, 10)).position, '7:0');
        assert.deepEqual(verbs(commands), ['AUTHENTICATE PLAIN', 'LOGIN']);
        assert.equal((await mailbox.check()).ok, true);
        assert.deepEqual(verbs(commands), ['AUTHENTICATE PLAIN', 'LOGIN', 'LOGIN']);
      },
    ));
}

for (const [words, code, kind] of [
  ['NO Server Unavailable. 15', 'sign-in-unavailable', 'transient'],
  ['NO [UNAVAILABLE] LOGIN Server error - Please try again later', 'sign-in-unavailable', 'transient'],
  ['NO [ALERT] Too many simultaneous connections. (Failure)', 'sign-in-unavailable', 'transient'],
  ['NO System Error (Failure)', 'sign-in-unavailable', 'transient'],
  ['NO generic failure', 'sign-in-unavailable', 'transient'],
  ['NO [ALERT] Please log in via your web browser: try again later', 'sign-in-failed', 'access'],
  ['NO [ALERT] Application-specific password required', 'sign-in-failed', 'access'],
  ['NO [CONTACTADMIN] Account disabled', 'account-disabled', 'access'],
  [
    'NO Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, or system is busy.',
    'sign-in-failed',
    'access',
  ],
] as const) {
  test(`"${words}" is ${code}, and no other way to sign in is tried`, () =>
    withServer(
      { capabilities: 'SASL-IR AUTH=PLAIN', on: { authenticate: (tag) => `${tag} ${words}` } },
      async (mailbox, commands) => {
        await assert.rejects(mailbox.list(null, 10), { code, kind });
        assert.deepEqual(verbs(commands), ['AUTHENTICATE PLAIN']);
      },
    ));
}

test('a wrong password is sent twice at most, and by LOGIN only once where nothing else is offered', async () => {
  const no = (tag: string) => `${tag} NO [AUTHENTICATIONFAILED] wrong`;
  await withServer(
    { capabilities: 'AUTH=PLAIN AUTH=LOGIN', on: { authenticate: no, login: no } },
    async (mailbox, commands) => {
      await assert.rejects(mailbox.list(null, 10), { code: 'sign-in-failed' });
      assert.equal(verbs(commands).length, 2);
    },
  );
  await withServer({ on: { login: no } }, async (mailbox, commands) => {
    await assert.rejects(mailbox.list(null, 10), { code: 'sign-in-failed' });
    assert.equal(verbs(commands).length, 1);
  });
  await withServer(
    { capabilities: 'AUTH=PLAIN LOGINDISABLED', on: { authenticate: no } },
    async (mailbox, commands) => {
      await assert.rejects(mailbox.list(null, 10), { code: 'sign-in-failed' });
      assert.deepEqual(verbs(commands), ['AUTHENTICATE PLAIN']);
    },
  );
});
