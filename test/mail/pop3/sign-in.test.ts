import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handlesOf, openMailbox } from './open';
import { mail } from './pop3-server';

const plain = (user: string, password: string) =>
  `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`;

test('signs in with AUTH PLAIN where it is offered, and with USER and PASS where it is not', async (t) => {
  const modern = await openMailbox(t, { password: 'pä ss' }, {}, { password: 'pä ss' });
  await handlesOf(modern.mailbox);
  assert.deepEqual(modern.server.commands.slice(0, 2), ['CAPA', plain('alice', 'pä ss')]);
  const old = await openMailbox(t, { capabilities: ['UIDL', 'USER'] });
  await handlesOf(old.mailbox);
  assert.deepEqual(old.server.commands.slice(0, 3), ['CAPA', 'USER alice', 'PASS secret']);
  const ancient = await openMailbox(t, { script: (command) => (command === 'CAPA' ? '-ERR what?\r\n' : undefined) });
  await handlesOf(ancient.mailbox);
  assert.deepEqual(ancient.server.commands.slice(0, 3), ['CAPA', 'USER alice', 'PASS secret']);
  assert.equal(ancient.server.mostAtOnce, 1);
});

test('a long secret goes on a line of its own', async (t) => {
  const password = 'x'.repeat(300);
  const { server, mailbox } = await openMailbox(t, { password }, {}, { password });
  await handlesOf(mailbox);
  assert.deepEqual(server.commands.slice(1, 3), ['AUTH PLAIN', plain('alice', password).slice('AUTH PLAIN '.length)]);
});

test('signs in with an access token', async (t) => {
  const accessToken = `ya29.${'t'.repeat(1_000)}`;
  const { server, mailbox } = await openMailbox(t, { password: accessToken }, {}, { accessToken });
  await handlesOf(mailbox);
  assert.equal(server.commands[1], 'AUTH XOAUTH2');
  assert.equal(
    Buffer.from(server.commands[2] ?? '', 'base64').toString(),
    `user=alice\x01auth=Bearer ${accessToken}\x01\x01`,
  );
});

test('a refused token is an access error, also when the server explains it in a challenge first', async (t) => {
  const { server, mailbox } = await openMailbox(t, {}, {}, { accessToken: 'expired' });
  server.script = (command) => {
    if (command.startsWith('AUTH XOAUTH2 ')) return `+ ${Buffer.from('{"status":"401"}').toString('base64')}\r\n`;
    return command === '' ? '-ERR\r\n' : undefined;
  };
  await assert.rejects(mailbox.list(null, 5), {
    code: 'sign-in-failed',
    kind: 'access',
    step: 'sign-in',
    detail: '{"status":"401"}',
  });
});

const cases: [answer: string, capabilities: string[], code: string, kind: string][] = [
  ['-ERR [AUTH] Authentication failed.', ['AUTH-RESP-CODE'], 'sign-in-failed', 'access'],
  ['-ERR invalid user name or password', [], 'sign-in-failed', 'access'],
  ['-ERR', [], 'sign-in-failed', 'access'],
  ['-ERR [IN-USE] maildrop already locked', [], 'sign-in-unavailable', 'transient'],
  ['-ERR [LOGIN-DELAY] minimum time between mail checks', [], 'sign-in-unavailable', 'transient'],
  ['-ERR [SYS/TEMP] Internal error', [], 'sign-in-unavailable', 'transient'],
  ['-ERR something else', ['AUTH-RESP-CODE'], 'sign-in-unavailable', 'transient'],
  ['-ERR Server Unavailable. 21', [], 'sign-in-unavailable', 'transient'],
  ['-ERR Server Unavailable. 21', ['AUTH-RESP-CODE'], 'sign-in-unavailable', 'transient'],
  ['-ERR Temporary problem, please try again later', [], 'sign-in-unavailable', 'transient'],
  ['-ERR generic failure', [], 'sign-in-unavailable', 'transient'],
  ['-ERR Maximum number of connections from user+IP exceeded', [], 'sign-in-unavailable', 'transient'],
  ['-ERR Login failed.', [], 'sign-in-failed', 'access'],
  ['-ERR Please log in via your web browser and then try again', [], 'sign-in-failed', 'access'],
  ['-ERR Your account is disabled', ['AUTH-RESP-CODE'], 'account-disabled', 'access'],
  ['-ERR unable to lock maildrop', [], 'sign-in-unavailable', 'transient'],
  ['-ERR [SYS/PERM] mailbox closed', [], 'mailbox-unavailable', 'access'],
];
for (const [answer, capabilities, code, kind] of cases) {
  test(`"${answer}" is ${kind}${capabilities.length > 0 ? ' with AUTH-RESP-CODE' : ''}`, async (t) => {
    const { server, mailbox } = await openMailbox(t, { capabilities: ['USER', ...capabilities] });
    server.script = (command) => (command.startsWith('PASS') ? `${answer}\r\n` : undefined);
    await assert.rejects(mailbox.list(null, 5), { code, kind, step: 'sign-in' });
    const report = await mailbox.check();
    assert.deepEqual([report.ok, report.steps.at(-1)?.step, report.steps.at(-1)?.ok], [false, 'sign-in', false]);
  });
}

for (const words of ['-ERR [AUTH] no', '-ERR Unknown authentication mechanism', '-ERR']) {
  test(`signs in by USER and PASS where AUTH PLAIN is announced but answered with "${words}", and begins so the next time`, async (t) => {
    const { server, mailbox } = await openMailbox(t);
    server.script = (command) => (command.startsWith('AUTH') ? `${words}\r\n` : undefined);
    await handlesOf(mailbox);
    await mailbox.check();
    const verbs = server.commands
      .map((command) => command.split(' ')[0])
      .filter((verb) => /AUTH|USER/.test(verb ?? ''));
    assert.deepEqual(verbs, ['AUTH', 'USER', 'USER']);
  });
}

test('tries the next way in a new session where the server ends the one in which it refused the first', async (t) => {
  const { server, mailbox } = await openMailbox(t);
  server.script = (command, visit) => {
    if (!command.startsWith('AUTH')) return undefined;
    visit.socket.end('-ERR no\r\n');
    return null;
  };
  await handlesOf(mailbox);
  assert.equal(server.visits, 2);
});

test('signs in by AUTH LOGIN where nothing else is offered', async (t) => {
  const { server, mailbox } = await openMailbox(t, { capabilities: ['UIDL', 'SASL LOGIN'] });
  const answers = ['+ VXNlcm5hbWU6', '+ UGFzc3dvcmQ6', '+OK'];
  server.script = (command) =>
    /^(CAPA|UIDL|LIST|QUIT|STAT)/.test(command) ? undefined : `${answers.shift() ?? '-ERR'}\r\n`;
  await handlesOf(mailbox);
  assert.deepEqual(server.commands.slice(1, 4), ['AUTH LOGIN', 'YWxpY2U=', 'c2VjcmV0']);
});

test('a wrong password is sent twice at most, and once to a mailbox that is locked', async (t) => {
  const { server, mailbox } = await openMailbox(t, {}, {}, { password: 'wrong' });
  await assert.rejects(mailbox.list(null, 5), { code: 'sign-in-failed' });
  assert.equal(server.commands.filter((command) => /^(AUTH|PASS)/.test(command)).length, 2);
  const locked = await openMailbox(t);
  locked.server.script = (command) => (command.startsWith('AUTH') ? '-ERR [IN-USE] locked\r\n' : undefined);
  await assert.rejects(locked.mailbox.list(null, 5), { code: 'sign-in-unavailable' });
  assert.equal(locked.server.commands.filter((command) => /^(AUTH|PASS)/.test(command)).length, 1);
});

test('a locked mailbox is read with the next poll', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a')] });
  server.script = (command) => (command.startsWith('AUTH') ? '-ERR [IN-USE] locked\r\n' : undefined);
  await assert.rejects(mailbox.list(null, 5), { kind: 'transient' });
  server.script = undefined;
  assert.equal((await mailbox.list(null, 5)).arrivals.length, 1);
});

for (const character of ['\r', '\n', '\0', '\x01']) {
  test(`a ${JSON.stringify(character)} in name, password or token never reaches the server`, async (t) => {
    for (const capabilities of [['USER'], ['SASL PLAIN']]) {
      const evil = `x${character}DELE 1`;
      const byName = await openMailbox(t, { capabilities }, { username: evil });
      const byPassword = await openMailbox(t, { capabilities }, {}, { password: evil });
      const byToken = await openMailbox(t, { capabilities }, {}, { accessToken: evil });
      for (const { server, mailbox } of [byName, byPassword, byToken]) {
        await assert.rejects(mailbox.list(null, 5), { code: 'forbidden-characters', kind: 'access', step: 'sign-in' });
        assert.deepEqual(server.commands, ['CAPA']);
      }
    }
  });
}

test('handles are looked up, never sent', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a')] });
  const [settled] = await mailbox.settle(['1\r\nDELE 1'], 'delete', '');
  assert.equal(settled?.outcome, 'gone');
  assert.ok(!server.commands.some((command) => command.startsWith('DELE')));
});

for (const [what, greeting, code] of [
  ['a busy server', '-ERR too many connections', 'server-refused'],
  ['a server of another kind', '* OK IMAP4rev1 ready', 'server-broken'],
  ['endless garbage', 'x'.repeat(100_000), 'server-broken'],
] as const) {
  test(`${what} passes by itself`, async (t) => {
    const { mailbox } = await openMailbox(t, { greeting });
    await assert.rejects(mailbox.list(null, 5), { code, kind: 'transient' });
  });
}

test('a server that stays silent, and a port where nobody listens, are transient and name the step', async (t) => {
  const { server, mailbox } = await openMailbox(t, {}, { timeoutMs: 2_000 });
  server.script = (command) => (command.startsWith('AUTH') ? null : undefined);
  await assert.rejects(mailbox.list(null, 5), { code: 'timeout', kind: 'transient', step: 'sign-in' });
  await server.stop();
  await assert.rejects(mailbox.list(null, 5), { code: 'host-unreachable', kind: 'transient', step: 'connect' });
  server.stop = async () => {};
});

test('nothing is sent in clear unless the gateway allows it', async (t) => {
  const { server, mailbox } = await openMailbox(t, {}, {}, undefined, { allowPlaintext: false });
  await assert.rejects(mailbox.list(null, 5), { code: 'plaintext-refused', kind: 'access' });
  assert.equal(server.visits, 0);
});

test('connects only to the addresses that were resolved', async (t) => {
  const { server, mailbox } = await openMailbox(t, {}, { host: 'mail.example.com' });
  assert.equal((await mailbox.check()).ok, true);
  assert.equal(server.visits, 1);
  const refused = await openMailbox(t, {}, { host: 'localhost' }, undefined, {
    resolve: async () => Promise.reject(new Error('guarded')),
  });
  await assert.rejects(refused.mailbox.list(null, 5), /guarded/);
  assert.equal(refused.server.visits, 0);
});

test('a test against a server of another protocol tells each step once, and what to check', async (t) => {
  const { mailbox } = await openMailbox(t, { greeting: '* OK IMAP4rev1 ready' });
  const { steps } = await mailbox.check();
  assert.deepEqual(
    steps.map(({ step, ok }) => [step, ok]),
    [
      ['lookup', true],
      ['connect', false],
    ],
  );
  assert.match(steps.at(-1)?.message ?? '', /Check service provider, host and port\./);
});
