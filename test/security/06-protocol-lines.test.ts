import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { connectionSettings } from '../../src/domain/connection';
import { outgoingSettings } from '../../src/domain/outgoing';
import { composeMail } from '../../src/mail/compose';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import { pop3Mailbox } from '../../src/mail/pop3/mailbox';
import { smtpMailer } from '../../src/mail/smtp/mailer';
import { startPop3Server } from '../mail/pop3/pop3-server';
import { outgoingMail } from '../support/outgoing-mail';
import { inbox, scriptedImap } from '../support/scripted-imap';

/**
 * Security list, point 6: CR, LF and NUL are refused in all that reaches a protocol line; lines of servers are capped, and their
 * words are shown as text of at most 200 characters.
 */

const breaks = ['\r\n', '\n', '\r', '\0', '\u0085'];
const common = {
  name: 'Support',
  host: 'imap.example.com',
  port: 993,
  username: 'support',
  target: { projectId: '10000', issueTypeId: '10001' },
};
const imap = { ...common, provider: 'imap', afterDownload: 'move', moveTo: 'Done' };
const microsoft = { ...imap, provider: 'microsoft-graph', credentialId: 'c', sharedMailbox: 'a@example.com' };
const smtp = { ...common, provider: 'smtp', fromAddress: 'a@example.com' };

for (const [field, parse] of [
  ['username', (value: string) => connectionSettings.safeParse({ ...imap, username: value })],
  ['host', (value: string) => connectionSettings.safeParse({ ...imap, host: value })],
  ['folder', (value: string) => connectionSettings.safeParse({ ...imap, folder: value })],
  ['moveTo', (value: string) => connectionSettings.safeParse({ ...imap, moveTo: value })],
  [
    'sharedMailbox',
    (value: string) =>
      connectionSettings.safeParse({ ...microsoft, host: undefined, port: undefined, sharedMailbox: value }),
  ],
  ['fromAddress', (value: string) => outgoingSettings.safeParse({ ...smtp, target: undefined, fromAddress: value })],
  ['prefix', (value: string) => outgoingSettings.safeParse({ ...smtp, target: undefined, prefix: value })],
  ['fromName', (value: string) => outgoingSettings.safeParse({ ...smtp, target: undefined, fromName: value })],
] as const) {
  test(`a line break or NUL within ${field} is refused, naming the field`, () => {
    for (const broken of breaks) {
      const { success, error } = parse(`a${broken}X-INJECTED`);
      assert.equal(success, false, JSON.stringify(broken));
      assert.ok(
        error?.issues.some(({ path }) => path.join('.') === field),
        JSON.stringify(error?.issues),
      );
    }
  });
}

/** What must never be at the beginning of a line that a server gets. */
const injected = 'X-INJECTED';
const passwords = fc
  .tuple(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom(...breaks),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  .map(([before, broken, after]) => `${before}${broken}${injected}${after}`);
const deps = { resolve: async () => ['127.0.0.1'], allowPlaintext: true };
const server = { encryption: 'none', host: 'localhost', username: 'alice', timeoutMs: 2_000, privateCa: '' } as const;

async function pipe(context: TestContext, greeting: string, answer: (line: string) => string) {
  const lines: string[] = [];
  const listener = createServer((socket: Socket) => {
    socket.on('error', () => {}).write(greeting);
    let rest = '';
    socket.on('data', (data) => {
      const parts = (rest + data.toString('latin1')).split(/\r\n|\n|\r/);
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        socket.write(answer(line));
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  context.after(() => new Promise((resolve) => listener.close(resolve)));
  const address = listener.address();
  return { lines, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

test('no password begins a line of IMAP, whatever is in it', async (t) => {
  const scripted = await scriptedImap({});
  t.after(() => scripted.stop());
  await fc.assert(
    fc.asyncProperty(passwords, async (password) => {
      const settings = { ...server, port: scripted.port, folder: '', largestMailMb: 1, timeoutMs: 300 };
      const mailbox = imapMailbox(settings, { password }, deps);
      await mailbox.check().finally(() => mailbox.close());
      assert.ok(!scripted.commands.some((line) => line.startsWith(injected)), scripted.commands.join('\n'));
    }),
    { numRuns: 15 },
  );
  assert.ok(scripted.commands.length > 0);
});

test('no password begins a line of POP3, whatever is in it', async (t) => {
  const pop3 = await startPop3Server();
  t.after(() => pop3.stop());
  await fc.assert(
    fc.asyncProperty(passwords, async (password) => {
      const mailbox = pop3Mailbox({ ...server, port: pop3.port, timeoutMs: 300 }, { password }, deps);
      await mailbox.check().finally(() => mailbox.close());
      assert.ok(!pop3.commands.some((line) => line.startsWith(injected)), pop3.commands.join('\n'));
    }),
    { numRuns: 15 },
  );
  assert.ok(pop3.commands.length > 0);
});

test('no password begins a line of SMTP, whatever is in it', async (t) => {
  const answer = (line: string) =>
    line.startsWith('EHLO')
      ? '250-hello\r\n250 AUTH LOGIN\r\n'
      : line.startsWith('AUTH')
        ? '334 VXNlcm5hbWU6\r\n'
        : '535 no\r\n';
  const listener = await pipe(t, '220 ready\r\n', answer);
  const check = async (password: string) => {
    const mailer = smtpMailer({ ...server, port: listener.port, timeoutMs: 300 }, { password }, deps);
    await mailer.check().finally(() => mailer.close());
  };
  await fc.assert(
    fc.asyncProperty(passwords, async (password) => {
      await check(password);
      assert.ok(!listener.lines.some((line) => line.startsWith(injected)), listener.lines.join('\n'));
    }),
    { numRuns: 15 },
  );
  // Such a password is not sent at all; another one is.
  await check('secret');
  assert.ok(listener.lines.length > 0);
});

test('no subject, name or address of a mail begins a header or a line of SMTP', async () => {
  const texts = passwords;
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const mail = outgoingMail({ subject: text, from: { name: text, address: 'support@example.com' } });
      const { raw, envelope } = await composeMail(mail, { rawBytes: 1_000_000, prefix: text.slice(0, 20) });
      const header = Buffer.from(raw).toString('latin1').split('\r\n\r\n')[0] ?? '';
      assert.ok(!header.split(/\r\n|\n|\r/).some((line) => line.startsWith(injected)), header);
      assert.ok([envelope.from, ...envelope.to].every((address) => !/[\r\n\0]/.test(address)));
      const refused = composeMail(
        { ...mail, to: [{ name: '', address: `a@example.com${text}` }] },
        { rawBytes: 1_000_000 },
      );
      await assert.rejects(refused, { code: 'address-invalid' });
    }),
    { numRuns: 50 },
  );
});

test('the words of a server are shown as one line of plain text, at most 200 characters', async (t) => {
  const words = `</script><b>no\u0007\u202e ${'x'.repeat(5_000)}`;
  const scripted = await scriptedImap({ on: { login: (tag) => `${tag} NO ${words}` } });
  t.after(() => scripted.stop());
  const mailbox = imapMailbox(
    { ...server, port: scripted.port, folder: '', largestMailMb: 1 },
    { password: 'x' },
    deps,
  );
  const { steps } = await mailbox.check().finally(() => mailbox.close());
  const detail = steps.find(({ ok }) => !ok)?.detail ?? '';
  assert.ok(detail.length > 0 && detail.length <= 200 && !/[\p{Cc}\u202e]/u.test(detail), JSON.stringify(detail));
});

test('an endless line ends the connection, and a long one does not', async (t) => {
  for (const [bytes, isFine] of [
    [50_000_000, false],
    [5_000, true],
  ] as const) {
    const scripted = await scriptedImap({
      on: {
        select: (tag, _args, socket) => {
          const chunk = 'x'.repeat(1_000_000);
          socket.write('* OK ');
          for (let sent = 0; sent < bytes && !socket.destroyed; sent += chunk.length) {
            socket.write(chunk.slice(0, Math.min(chunk.length, bytes - sent)));
          }
          return `\r\n${inbox(0, 1)}${tag} OK [READ-WRITE] open`;
        },
      },
    });
    const settings = { ...server, port: scripted.port, folder: '', largestMailMb: 1, timeoutMs: 10_000 };
    const mailbox = imapMailbox(settings, { password: 'x' }, deps);
    const { ok, steps } = await mailbox.check().finally(() => mailbox.close());
    assert.equal(ok, isFine, JSON.stringify(steps));
    await scripted.stop();
    t.diagnostic(`${bytes} bytes: ${ok ? 'taken' : 'refused'}`);
  }
});
