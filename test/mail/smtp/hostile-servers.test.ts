import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppError } from '../../../src/domain/app-error';
import { createAuthority } from '../../support/certificates';
import type { SmtpScript } from '../../support/scripted-smtp';
import { authority, folder, heardNoSecret, isError, mail, secrets, setUp, tls, valid } from './hostile-server';

for (const mode of ['tls', 'starttls'] as const) {
  test(`sends by ${mode} to a server that is what it should be`, async (context) => {
    const { server, mailer } = await setUp(context, { tls: tls(valid, mode) });
    assert.equal((await mailer.send(mail)).reply, '250 2.0.0 queued');
    assert.ok(server.lines.some((line) => line.startsWith('AUTH PLAIN')));
  });

  test(`a certificate that is expired, of another name or of another authority ends ${mode} before the password`, async (context) => {
    const other = await mkdtemp(join(folder, 'other-'));
    const stranger = await (await createAuthority(other)).issue('stranger');
    for (const [certificate, code] of [
      [await authority.issue('expired', { days: -1 }), 'certificate-expired'],
      [await authority.issue('other', { names: ['mail.example.net'] }), 'certificate-name'],
      [stranger, 'certificate-untrusted'],
    ] as const) {
      const { server, mailer } = await setUp(context, { tls: tls(certificate, mode) });
      await assert.rejects(mailer.send(mail), isError(code, 'access'));
      const report = await mailer.check();
      assert.deepEqual(
        report.steps.map(({ step, ok }) => [step, ok]),
        [
          ['lookup', true],
          ['connect', true],
          ['tls', false],
        ],
      );
      heardNoSecret(server.lines);
    }
  });
}

test('a STARTTLS that was stripped from the answer, or refused, ends before the password', async (context) => {
  for (const reply of ['502 5.5.1 what?', '454 4.7.0 not now']) {
    const { server, mailer } = await setUp(
      context,
      { on: { starttls: () => reply } },
      { settings: { encryption: 'starttls' } },
    );
    assert.equal((await mailer.check()).steps.at(-1)?.step, 'tls');
    await assert.rejects(mailer.send(mail), isError('starttls-missing', 'access'));
    heardNoSecret(server.lines);
  }
});

test('a STARTTLS that is agreed to and then goes on in clear ends before the password', async (context) => {
  const agreed = (_line: string, socket: { write(text: string): unknown }) => {
    socket.write('220 go on\r\n');
    setTimeout(() => socket.write('250-hello\r\n250 AUTH PLAIN\r\n'), 50);
    return undefined;
  };
  const { server, mailer } = await setUp(
    context,
    { on: { starttls: agreed } },
    { settings: { encryption: 'starttls' } },
  );
  await assert.rejects(mailer.send(mail), isError('tls-failed', 'access'));
  heardNoSecret(server.lines);
});

test('an EHLO that is refused hides STARTTLS too, and ends before the password', async (context) => {
  const { server, mailer } = await setUp(
    context,
    { on: { ehlo: () => '502 what?', helo: () => '250 hello' } },
    { settings: { encryption: 'starttls' } },
  );
  await assert.rejects(mailer.send(mail), isError('starttls-missing', 'access'));
  heardNoSecret(server.lines);
});

test('an answer that was injected behind the one to STARTTLS is noticed before the password', async (context) => {
  let isFirst = true;
  const { server, mailer } = await setUp(context, {
    tls: tls(valid, 'starttls'),
    on: {
      ehlo: (_line, socket) => {
        if (isFirst) {
          isFirst = false;
          // The write of the answer to STARTTLS is joined by the words of whoever is in the middle.
          const write = socket.write.bind(socket);
          Object.assign(socket, {
            write: (data: string | Uint8Array) =>
              write(data.toString().startsWith('220 go on') ? '220 go on\r\n250-injected\r\n250 AUTH PLAIN\r\n' : data),
          });
        }
        return '250-hello\r\n250-AUTH PLAIN\r\n250 STARTTLS';
      },
    },
  });
  await assert.rejects(mailer.send(mail), isError('starttls-injection', 'access'));
  heardNoSecret(server.lines);
});

test('without encryption nothing is sent unless the gateway allows it', async (context) => {
  const { server, mailer } = await setUp(context, {}, { allowPlaintext: false });
  await assert.rejects(mailer.send(mail), isError('plaintext-refused', 'access'));
  assert.equal(server.connections(), 0);
  const allowed = await setUp(context, {});
  await allowed.mailer.send(mail);
});

test('a token goes out as a token only, and a password as a password only', async (context) => {
  const token = 'ya29.a-token-of-access';
  const credentials = { accessToken: token };
  const offered = await setUp(context, { tls: tls(valid), extensions: ['AUTH PLAIN XOAUTH2'] }, { credentials });
  await offered.mailer.send(mail);
  const ways = (lines: readonly string[]) => lines.flatMap((line) => /^AUTH (\S+)/.exec(line)?.[1] ?? []);
  assert.deepEqual(ways(offered.server.lines), ['XOAUTH2']);
  const passwordsOnly = await setUp(context, { tls: tls(valid) }, { credentials });
  await assert.rejects(passwordsOnly.mailer.send(mail), isError('sign-in-not-offered', 'access'));
  const tokensOnly = await setUp(context, { tls: tls(valid), extensions: ['AUTH XOAUTH2'] });
  await assert.rejects(tokensOnly.mailer.send(mail), isError('sign-in-not-offered', 'access'));
  assert.deepEqual([...ways(passwordsOnly.server.lines), ...ways(tokensOnly.server.lines)], []);
});

test('a user name or password that would move the borders of its fields is not sent', async (context) => {
  for (const options of [
    { settings: { username: 'al\0ice' } },
    { credentials: { password: 'a\r\nb' } },
    { credentials: { accessToken: 'a\x01auth=b' } },
  ]) {
    const { server, mailer } = await setUp(context, { tls: tls(valid) }, options);
    await assert.rejects(mailer.send(mail), isError('forbidden-characters', 'access'));
    heardNoSecret(server.lines);
  }
});

test('a server that says nothing, or a byte now and then, is given up in time', async (context) => {
  const drip = (socket: { write(text: string): unknown; on(event: 'close', done: () => void): unknown }) => {
    const timer = setInterval(() => socket.write('2'), 50);
    socket.on('close', () => clearInterval(timer));
  };
  for (const script of [
    { greeting: null },
    { connected: drip },
    { on: { auth: () => undefined } },
    { on: { mail: () => undefined } },
  ] as SmtpScript[]) {
    const { mailer } = await setUp(context, script, { settings: { timeoutMs: 300 }, callMs: 1_500 });
    await assert.rejects(
      mailer.send(mail),
      (error) => error instanceof AppError && error.kind === 'transient' && !error.uncertain,
    );
  }
});

test('a reply without an end is dropped before it fills the memory', async (context) => {
  const flood = (
    _line: string,
    socket: { write(text: string): boolean; once(event: 'drain', go: () => void): unknown; writable: boolean },
  ) => {
    const more = () => {
      while (socket.writable && socket.write(`250-${'x'.repeat(1_000)}\r\n`));
      if (socket.writable) socket.once('drain', more);
    };
    more();
    return undefined;
  };
  const { mailer } = await setUp(context, { on: { ehlo: flood } });
  await assert.rejects(mailer.send(mail), (error) => error instanceof AppError && error.kind === 'transient');
});

test('a reply of many lines is shown as one of at most 200 characters', async (context) => {
  const lines = Array.from({ length: 50 }, (_, n) => `250-2.0.0 line ${n} \x1b[31m<b>`);
  const { mailer } = await setUp(context, { on: { '.': () => [...lines, '250 2.0.0 the end'].join('\r\n') } });
  const { reply } = await mailer.send(mail);
  assert.match(reply, /^250 2\.0\.0 line 0 .*line 1 /);
  assert.ok(reply.length <= 200 && !reply.includes('\x1b'));
});

test('a connection that is cut before the mail was sent leaves nothing open; cut after it, it does', async (context) => {
  const cut = (_line: string, socket: { destroy(): unknown }) => {
    socket.destroy();
    return undefined;
  };
  for (const [at, uncertain] of [
    ['mail', false],
    ['data', false],
    ['.', true],
  ] as const) {
    const { mailer } = await setUp(context, { on: { [at]: cut } });
    await assert.rejects(mailer.send(mail), (error) => {
      isError('connection-lost', 'transient')(error);
      assert.equal(error instanceof AppError && error.uncertain, uncertain, at);
      return true;
    });
  }
});

test('a server that takes the mail and does not answer in time leaves open whether it went out', async (context) => {
  const { mailer } = await setUp(context, { on: { '.': () => undefined } }, { callMs: 700 });
  await assert.rejects(
    mailer.send(mail),
    (error) => error instanceof AppError && error.code === 'timeout' && error.uncertain,
  );
});

test('a mail that may have gone out is not sent again over a new session, one that did not is', async (context) => {
  let mails = 0;
  const { server, mailer } = await setUp(context, {
    on: {
      mail: (_line, socket) => {
        mails += 1;
        if (mails === 2) socket.destroy();
        return '250 ok';
      },
      '.': (_line, socket) => {
        if (mails === 4) socket.destroy();
        return '250 2.0.0 queued';
      },
    },
  });
  await mailer.send(mail);
  await mailer.send(mail);
  assert.equal(server.connections(), 2, 'the session that died while it lay idle was replaced');
  await assert.rejects(mailer.send(mail), (error) => error instanceof AppError && error.uncertain);
  assert.equal(server.connections(), 2);
  await mailer.send(mail);
  assert.equal(server.connections(), 3);
});

test('the protocol shows commands and answers, but no secret and nothing of the mail', async (context) => {
  const { mailer, log } = await setUp(context, {
    tls: tls(valid),
    on: { auth: (line) => `535 5.7.8 ${Buffer.from(line.slice(11), 'base64').toString()} is wrong` },
  });
  await assert.rejects(mailer.send(mail), isError('sign-in-failed', 'access'));
  const fine = await setUp(context, {
    tls: tls(valid),
    extensions: ['AUTH LOGIN'],
    on: {
      auth: () => '334 VXNlcm5hbWU6',
      [Buffer.from('alice').toString('base64').toLowerCase()]: () => '334 UGFzc3dvcmQ6',
      [secrets[1]?.toLowerCase() ?? '']: () => '235 ok',
    },
  });
  await fine.mailer.send(mail);
  const text = [...log, ...fine.log].join('\n');
  for (const secret of secrets) assert.ok(!text.includes(secret), text);
  assert.match(text, /^C: MAIL FROM:<support@example\.com>/m);
  assert.match(text, /^S: 250 2\.0\.0 queued$/m);
  assert.match(text, /^C: AUTH PLAIN \[hidden\]$/m);
  assert.match(text, /^S: 250-AUTH PLAIN LOGIN$/m);
  assert.doesNotMatch(text, /Good morning|Subject:/);
});
