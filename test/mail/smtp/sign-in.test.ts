import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { AppError } from '../../../src/domain/app-error';
import { mailerSettingsOf } from '../../../src/mail/mailer-wire';
import { greetingName } from '../../../src/mail/smtp/options';
import type { SmtpScript } from '../../support/scripted-smtp';
import { isError, mail, password, setUp } from './hostile-server';

const base64 = (word: string) => Buffer.from(word).toString('base64').toLowerCase();
/** The rest of AUTH LOGIN, which takes the password of the tests. */
const loginSteps = { [base64('alice')]: () => '334 UGFzc3dvcmQ6', [base64(password)]: () => '235 2.7.0 welcome' };
const waysOf = (lines: readonly string[]) => lines.flatMap((line) => /^AUTH (\S+)/.exec(line)?.[1] ?? []);

for (const words of [
  '502 Invalid input',
  '535 Login fail',
  '504 5.5.1 Unrecognized authentication type',
  '501 Syntax error in parameters',
  '538 5.7.11 Encryption required for requested authentication mechanism',
  '535 5.7.8 Error: authentication failed:',
]) {
  test(`signs in by LOGIN where PLAIN is announced but answered with "${words}", and begins with LOGIN the next time`, async (context) => {
    const on: SmtpScript['on'] = {
      auth: (line) => (/^AUTH PLAIN/i.test(line) ? words : '334 VXNlcm5hbWU6'),
      ...loginSteps,
    };
    const { server, mailer } = await setUp(context, { extensions: ['AUTH LOGIN PLAIN'], on });
    await mailer.send(mail);
    assert.deepEqual(waysOf(server.lines), ['PLAIN', 'LOGIN']);
    assert.equal(server.connections(), 1);
    await mailer.check();
    assert.deepEqual(waysOf(server.lines), ['PLAIN', 'LOGIN', 'LOGIN']);
  });
}

test('tries the next mechanism in a new session where the server ends the one in which it refused the first', async (context) => {
  const on: SmtpScript['on'] = {
    auth: (line, socket) => {
      if (/^AUTH LOGIN/i.test(line)) return '334 VXNlcm5hbWU6';
      socket.end('535 no\r\n');
      return undefined;
    },
    ...loginSteps,
  };
  const { server, mailer } = await setUp(context, { extensions: ['AUTH=PLAIN LOGIN'], on });
  await mailer.send(mail);
  assert.equal(server.connections(), 2);
});

test('a wrong password is sent twice at most, and told in the words of the server', async (context) => {
  const on: SmtpScript['on'] = {
    auth: (line) => (/^AUTH LOGIN/i.test(line) ? '334 VXNlcm5hbWU6' : '535 5.7.8 bad password'),
    ...loginSteps,
    [base64(password)]: () => '535 5.7.8 bad password',
  };
  const { server, mailer } = await setUp(context, { extensions: ['AUTH PLAIN LOGIN CRAM-MD5'], on });
  await assert.rejects(mailer.send(mail), (error) => {
    isError('sign-in-failed', 'access')(error);
    return error instanceof AppError && error.detail === '535 5.7.8 bad password';
  });
  assert.deepEqual(waysOf(server.lines), ['PLAIN', 'LOGIN']);
});

for (const words of [
  '454 4.7.0 Temporary authentication failure',
  '535 5.7.0 (#AUTH005) Too many bad auth attempts.',
  '534 5.7.9 Application-specific password required.',
  '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
]) {
  test(`no other mechanism is tried after "${words}"`, async (context) => {
    const { server, mailer } = await setUp(context, { on: { auth: () => words } });
    await assert.rejects(mailer.send(mail), AppError);
    assert.deepEqual(waysOf(server.lines), ['PLAIN']);
  });
}

for (const extensions of [['AUTH SCRAM-SHA-256 SCRAM-SHA-1'], ['AUTH GSSAPI NTLM'], ['PIPELINING'], ['AUTH']]) {
  test(`sends no password to a server that offers ${extensions.join()}`, async (context) => {
    const { server, mailer } = await setUp(context, { extensions });
    await assert.rejects(mailer.send(mail), isError('sign-in-not-offered', 'access'));
    assert.deepEqual(waysOf(server.lines), []);
    const report = await mailer.check();
    assert.deepEqual([report.steps.at(-1)?.step, report.steps.at(-1)?.ok], ['sign-in', false]);
  });
}

test('signs in by CRAM-MD5 where nothing else is offered', async (context) => {
  const answered = createHmac('md5', password).update('<1@example.com>').digest('hex');
  const { server, mailer } = await setUp(context, {
    extensions: ['AUTH SCRAM-SHA-1 CRAM-MD5'],
    on: {
      auth: () => `334 ${Buffer.from('<1@example.com>').toString('base64')}`,
      [base64(`alice ${answered}`)]: () => '235 ok',
    },
  });
  await mailer.send(mail);
  assert.deepEqual(waysOf(server.lines), ['CRAM-MD5']);
});

test('greets by a full domain name: of the settings, of the machine, of the From address', () => {
  const settings = {
    encryption: 'tls' as const,
    host: 'smtp.example.net',
    port: 465,
    username: 'ann@users.example',
    timeoutMs: 1_000,
    privateCa: '',
  };
  const name = (from: string, configured: string, machine: string) => greetingName(settings, from, configured, machine);
  assert.equal(name('desk@example.com', 'mail.example.org', 'host.example.org'), 'mail.example.org');
  assert.equal(name('desk@example.com', '', 'host.example.org'), 'host.example.org');
  assert.equal(name('desk@example.com', '', 'container-17'), 'example.com');
  assert.equal(name('desk@bücher.example', '', '10.0.0.7'), 'xn--bcher-kva.example');
  assert.equal(name('desk@[192.0.2.1]', '', ''), 'users.example');
  assert.equal(name('desk@x\r\nRCPT', '', 'a b.c'), 'users.example');
  assert.equal(greetingName({ ...settings, username: 'ann' }, '', '', 'container'), 'example.net');
  assert.equal(greetingName({ ...settings, username: '', host: '192.0.2.1' }, '', '', ''), '[127.0.0.1]');
});

for (const [words, kind] of [
  ['421 4.7.0 Try again later, closing connection. (EHLO)', 'transient'],
  ['504 5.5.2 <[127.0.0.1]>: Helo command rejected: need fully-qualified hostname', 'access'],
  ['550 5.7.1 Access denied. Invalid HELO name (See RFC2821 4.1.1.1)', 'access'],
] as const) {
  test(`says that the greeting's name is refused: "${words}"`, async (context) => {
    const on = { ehlo: () => words, helo: () => words };
    for (const encryption of ['none', 'starttls'] as const) {
      const { mailer } = await setUp(context, { on }, { settings: { encryption } });
      await assert.rejects(mailer.send(mail), (error) => {
        isError('greeting-refused', kind)(error);
        return error instanceof AppError && error.message.includes('GATEWAY_EHLO_NAME') && error.detail === words;
      });
    }
  });
}

test('a name that a relay takes is the domain of the From address, where the machine has none', async (context) => {
  const { server, mailer } = await setUp(context, { extensions: [] }, { settings: { username: '' } });
  await mailer.send(mail);
  assert.match(server.lines[0] ?? '', /^EHLO [\w-]+(\.[\w-]+)+$/);
});

test('Exchange is signed in to as the account of the token, and told to send from the shared mailbox', () => {
  const { username } = mailerSettingsOf({
    provider: 'microsoft-smtp',
    name: '',
    description: '',
    fromAddress: 'desk@contoso.example',
    fromName: '',
    prefix: '',
    defaultForProjects: [],
    credentialId: '1',
    host: 'smtp.office365.com',
    timeoutMs: 3_000,
    username: 'maria@contoso.example',
    sharedMailbox: 'desk@contoso.example',
  });
  assert.equal(username, 'maria@contoso.example');
});
