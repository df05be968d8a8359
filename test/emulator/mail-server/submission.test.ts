import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { composeMail } from '../../../src/mail/compose';
import { smtpMailer } from '../../../src/mail/smtp/mailer';
import type { SmtpCredentials } from '../../../src/mail/smtp/settings';
import { outgoingMail } from '../../support/outgoing-mail';
import { anyPorts, connect, fetched, rangeEnd, user } from './mail-client';
import { mailPassword, startMailServer } from './mail-server';

async function setUp(context: TestContext) {
  const mail = await startMailServer({
    directory: null,
    ports: anyPorts,
    verifyToken: async (token) => (token === 'a good token' ? user : null),
  });
  context.after(() => mail.close());
  const send = async (credentials: SmtpCredentials, to: string, encryption: 'tls' | 'starttls' = 'tls') => {
    const port = encryption === 'tls' ? mail.ports.smtps : mail.ports.submission;
    const mailer = smtpMailer(
      { encryption, host: 'localhost', port, username: user, timeoutMs: 10_000, privateCa: mail.ca },
      credentials,
      { resolve: async () => ['127.0.0.1'], allowPlaintext: false },
    );
    const composed = await composeMail(
      outgoingMail({ from: { name: '', address: user }, to: [{ name: '', address: to }] }),
      { rawBytes: 1_000_000 },
    );
    await mailer.send(composed).finally(() => mailer.close());
    return composed;
  };
  return { mail, send };
}

test('takes mail of whoever has a mailbox here, by password or token, for people elsewhere', async (context) => {
  const { mail, send } = await setUp(context);
  const first = await send({ password: mailPassword }, 'ada@example.org');
  await send({ accessToken: 'a good token' }, 'bob@example.org', 'starttls');
  assert.deepEqual(
    mail.sent().map(({ envelope }) => envelope),
    [
      { from: user, to: ['ada@example.org'] },
      { from: user, to: ['bob@example.org'] },
    ],
  );
  assert.equal(mail.sent()[0]?.raw, Buffer.from(first.raw).toString());
});

test('takes nothing of others', async (context) => {
  const { mail, send } = await setUp(context);
  for (const credentials of [{ password: 'wrong' }, { accessToken: 'wrong' }, { none: true as const }])
    await assert.rejects(send(credentials, 'ada@example.org'));
  assert.deepEqual(mail.sent(), []);
});

test('mail to a mailbox here arrives there', async (context) => {
  const { mail, send } = await setUp(context);
  await send({ password: mailPassword }, user);
  const client = await connect(mail);
  await client.mailboxOpen('INBOX');
  const [message] = await fetched(client, `1:${rangeEnd}`, { source: true });
  assert.match(String(message?.source), /^Subject: Hello\r$/m);
  await client.logout();
  assert.deepEqual(mail.sent(), []);
});
