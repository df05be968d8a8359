import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDovecot } from './dovecot';

test('Dovecot takes 2,000 mails of 20 KB, and survives a restart', async () => {
  const dovecot = await startDovecot({ users: { alice: 'secret', bob: 'pa"ss' } });
  try {
    const body = `${'x'.repeat(78)}\r\n`.repeat(256);
    await dovecot.append(
      'bob',
      Array.from({ length: 2_000 }, (_, n) => `Subject: ${n}\r\n\r\n${body}`),
    );
    await dovecot.append('bob', ['Subject: sub\r\n\r\nx\r\n'], 'Main/Sub');
    await dovecot.stop({ keep: true });
    await dovecot.start();
    assert.match(await dovecot.doveadm('mailbox', 'status', '-u', 'bob', 'messages', 'INBOX'), /messages=2000/);
    assert.match(await dovecot.doveadm('mailbox', 'status', '-u', 'bob', 'messages', 'Main/Sub'), /messages=1/);
  } finally {
    await dovecot.stop();
  }
});
