import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pop3Credentials } from '../../../src/mail/pop3/settings';
import { protocolLog } from '../../../src/mail/protocol-log';
import { handlesOf, openMailbox, texts } from './open';
import { mail } from './pop3-server';

const secret = 'canary-Passw0rd';
const leak = /canary|Passw0rd|Y2FuYXJ5|NhbmFyeS|jYW5hcnkt|UGFzc3cwcm|Bhc3N3MHJk|QYXNzdzByZ/i;
const long = `${secret}${'x'.repeat(300)}`;

for (const [way, capabilities, credentials, shown] of [
  ['USER and PASS', ['UIDL', 'USER'], { password: secret }, ['C: USER alice', 'C: PASS [hidden]']],
  ['AUTH PLAIN', ['UIDL', 'SASL PLAIN LOGIN'], { password: secret }, ['C: AUTH PLAIN [hidden]']],
  ['AUTH XOAUTH2', ['UIDL', 'SASL XOAUTH2'], { accessToken: secret }, ['C: AUTH XOAUTH2 [hidden]']],
  ['a long AUTH', ['UIDL', 'SASL PLAIN'], { password: long }, ['C: AUTH PLAIN [hidden]', 'C: [hidden]']],
] as const) {
  for (const isRefused of [false, true]) {
    test(`shows that ${way} ${isRefused ? 'was refused' : 'happened'}, and never what it sends`, async (t) => {
      const log = protocolLog();
      const password = 'password' in credentials ? credentials.password : credentials.accessToken;
      const { server, mailbox } = await openMailbox(
        t,
        {
          password: isRefused ? 'another' : password,
          capabilities: [...capabilities],
          script: (command) =>
            isRefused && /^(PASS|AUTH \S+ |[A-Za-z0-9+/=]{60})/.test(command) ? `-ERR not ${command}\r\n` : undefined,
        },
        {},
        credentials as Pop3Credentials,
        { log: log.add },
      );
      log.start();
      await handlesOf(mailbox).catch(() => {});
      const lines = log.take().map(({ text }) => text);
      const text = lines.join('\n');
      assert.doesNotMatch(text, leak);
      assert.match(server.commands.join('\n'), /canary|[A-Za-z0-9+/=]{30}/, 'the secret did pass by');
      assert.deepEqual(
        lines.filter((line) => /hidden|USER alice/.test(line)),
        shown,
      );
      assert.ok(lines.includes('C: CAPA'), text);
      assert.ok(
        capabilities.every((capability) => lines.includes(`S: ${capability}`)),
        text,
      );
      assert.match(text, isRefused ? /^S: -ERR /m : /^C: UIDL$/m);
    });
  }
}

test('shows of mails how large they are', async (t) => {
  const log = protocolLog();
  const { mailbox } = await openMailbox(t, { mails: [mail('one', 'Canary')] }, {}, undefined, { log: log.add });
  log.start();
  const [text = ''] = await texts(mailbox, await handlesOf(mailbox));
  assert.match(text, /Canary/);
  const lines = log.take().map(({ text }) => text);
  assert.doesNotMatch(lines.join('\n'), /canary/i);
  assert.ok(lines.includes('C: RETR 1'));
  assert.ok(lines.includes(`S: [${text.length} bytes]`), lines.join('\n'));
});

test('a line that is no reply may be of a mail, and is not shown', async (t) => {
  const log = protocolLog();
  const script = (command: string) => (command === 'STAT' ? 'Canary line of a mail\r\n' : undefined);
  const { mailbox } = await openMailbox(t, { script }, {}, undefined, { log: log.add });
  log.start();
  await assert.rejects(handlesOf(mailbox));
  assert.doesNotMatch(
    log
      .take()
      .map(({ text }) => text)
      .join('\n'),
    /canary/i,
  );
});
