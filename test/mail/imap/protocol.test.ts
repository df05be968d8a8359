import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imapMailbox } from '../../../src/mail/imap/mailbox';
import type { Credentials } from '../../../src/mail/imap/settings';
import { protocolLog } from '../../../src/mail/protocol-log';
import { fetchAll } from '../../contract/fetched';
import { inbox, type Script, scriptedImap, scriptedSettings } from '../../support/scripted-imap';

const secret = 'canary-Passw0rd+/=';
const sasl = (text: string) => Buffer.from(text).toString('base64');
/** Every form in which the secret passes by. */
const leak = /canary|Passw0rd|Y2FuYXJ5|NhbmFyeS|jYW5hcnkt|UGFzc3cwcm|Bhc3N3MHJk|QYXNzdzByZ/;

/** What the protocol shows of `use` with a server that follows a script. */
async function protocolOf(script: Script, credentials: Credentials, use = 'list' as 'list' | 'fetch') {
  const server = await scriptedImap(script);
  const log = protocolLog();
  const settings = scriptedSettings(server.port);
  const deps = { resolve: async () => ['127.0.0.1'], allowPlaintext: true, log: log.add };
  const mailbox = imapMailbox(settings, credentials, deps);
  try {
    log.start();
    const outcome = await (use === 'list' ? mailbox.list(null, 5) : fetchAll(mailbox, ['7.1'])).catch(
      (error: unknown) => error,
    );
    return { lines: log.take().map(({ text }) => text), commands: server.commands, outcome };
  } finally {
    await mailbox.close();
    await server.stop();
  }
}

const continuation =
  (challenge: string, answer: (tag: string, line: string) => string): NonNullable<Script['on']>[string] =>
  (tag, _args, socket) => {
    socket.once('data', (chunk: Buffer) => socket.write(answer(tag, chunk.toString().trim())));
    return `+ ${challenge}`;
  };

for (const [way, capabilities, on, credentials] of [
  ['LOGIN', '', {}, { password: secret }],
  [
    'LOGIN that is refused',
    '',
    { login: (tag: string, args: string) => `${tag} NO you sent ${args}` },
    { password: secret },
  ],
  [
    'AUTHENTICATE PLAIN',
    'AUTH=PLAIN',
    { authenticate: continuation('', (tag) => `${tag} OK in\r\n`) },
    { password: secret },
  ],
  [
    'AUTHENTICATE PLAIN that is refused with what was sent',
    'AUTH=PLAIN',
    { authenticate: continuation('', (tag, line) => `${tag} NO bad string ${line}\r\n`) },
    { password: secret },
  ],
  [
    'AUTHENTICATE XOAUTH2',
    'AUTH=XOAUTH2 SASL-IR',
    { authenticate: (tag: string) => `${tag} OK in` },
    { accessToken: secret },
  ],
  [
    'AUTHENTICATE XOAUTH2 that is refused with what was sent',
    'AUTH=XOAUTH2 SASL-IR',
    {
      authenticate: (tag: string, args: string, socket: Parameters<NonNullable<Script['on']>[string]>[2]) => {
        socket.once('data', () => socket.write(`${tag} NO ${args} Bearer ${secret}\r\n`));
        return `+ ${sasl(JSON.stringify({ status: '401', sent: secret }))}`;
      },
    },
    { accessToken: secret },
  ],
] as const) {
  test(`shows that ${way} happened, and never what it sends`, async () => {
    const { lines, commands } = await protocolOf({ capabilities, on }, credentials);
    const text = lines.join('\n');
    assert.doesNotMatch(text, leak);
    const sent = commands.join('\n');
    const forms = [secret, sasl(`\0alice\0${secret}`), sasl(`user=alice\x01auth=Bearer ${secret}\x01\x01`)];
    assert.ok(way.includes('PLAIN') || forms.some((form) => sent.includes(form)), 'the secret did pass by');
    assert.match(text, /^C: \w+ (LOGIN|AUTHENTICATE (PLAIN|XOAUTH2)) \[hidden\]$/m);
    assert.match(text, /^C: \w+ CAPABILITY$/m, 'an ordinary command is shown');
    assert.match(text, way.includes('refused') ? /^S: \w+ NO /m : /^S: \w+ OK /m);
  });
}

test('AUTHENTICATE LOGIN hides both answers', async () => {
  const authenticate: NonNullable<Script['on']>[string] = (tag, _args, socket) => {
    socket.once('data', () => {
      socket.once('data', () => socket.write(`${tag} OK in\r\n`));
      socket.write(`+ ${sasl('Password:')}\r\n`);
    });
    return `+ ${sasl('Username:')}`;
  };
  const { lines } = await protocolOf(
    { capabilities: 'AUTH=LOGIN LOGINDISABLED', on: { authenticate } },
    { password: secret },
  );
  const text = lines.join('\n');
  assert.doesNotMatch(text, leak);
  assert.match(text, /AUTHENTICATE LOGIN \[hidden\]\n.*\nC: \[hidden\]\n.*\nC: \[hidden\]/);
});

test('shows the connection, the folder, and how large what came is', async () => {
  const body = 'Subject: Canary\r\n\r\nCanary\r\n';
  const on = {
    select: (tag: string) => `${inbox(1, 2)}${tag} OK [READ-WRITE] open`,
    'uid fetch': (tag: string, args: string) =>
      args.includes('BODY')
        ? `* 1 FETCH (UID 1 ENVELOPE ("" "Canary" NIL NIL NIL NIL NIL NIL NIL NIL) BODY[] {${body.length}}\r\n${body})\r\n${tag} OK done`
        : `* 1 FETCH (UID 1 RFC822.SIZE ${body.length})\r\n${tag} OK done`,
  };
  const { lines, outcome } = await protocolOf({ on }, { password: secret }, 'fetch');
  assert.equal((outcome as unknown[]).length, 1);
  const text = lines.join('\n');
  assert.doesNotMatch(text, /canary/i);
  assert.match(text, /^# Connected to localhost, port \d+\.$/m);
  assert.match(text, /^C: \w+ SELECT INBOX$/m);
  assert.match(text, /^S: \* 1 FETCH \(UID 1 ENVELOPE \(…\) BODY\[\] \[27 bytes\]\)$/m);
});

test('strings of a reply that nobody knows are not shown', async () => {
  const on = { select: (tag: string) => `* X-CANARY "canary subject"\r\n${inbox(0, 1)}${tag} OK open` };
  const { lines } = await protocolOf({ on }, { password: secret });
  assert.match(lines.join('\n'), /^S: \* X-CANARY \[14 bytes\]$/m);
});

test('a long line of quotes that are never closed costs the mailbox none of its time', async () => {
  const on: Script['on'] = {
    select: (tag, _args, socket) => {
      // Looked through again from each of its quotes it takes several seconds; the listing has two seconds.
      socket.write(`+ "${'\\"'.repeat(30_000)}\r\n`);
      setTimeout(() => socket.write(`${inbox(0, 1)}${tag} OK open\r\n`), 100);
      return undefined;
    },
  };
  const { lines, outcome } = await protocolOf({ on }, { password: secret });
  assert.deepEqual(outcome, { arrivals: [], position: '7:0', more: false, reset: false });
  assert.ok(lines.some((line) => /OK open/.test(line)));
});
