import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsWithTest, isOfOneMail } from '../../src/domain/outgoing-trouble';
import { type Command, sendRefused, signInRefused } from '../../src/mail/smtp/refusals';
import { readReply } from '../../src/mail/smtp/replies';

const replies: [Command, string][] = [
  ['MAIL FROM', '450 4.7.1 too many messages, slow down'],
  ['MAIL FROM', '530 5.7.57 Client was not authenticated'],
  ['MAIL FROM', '451 4.3.0 no room'],
  ['MAIL FROM', '550 5.7.60 not permitted to send as this sender'],
  ['RCPT TO', '450 4.2.0 greylisted'],
  ['RCPT TO', '550 relay access denied'],
  ['RCPT TO', '450 4.2.1 mailbox busy'],
  ['RCPT TO', '550 5.1.1 no such user'],
  ['DATA', '554 5.7.1 looks like spam'],
  ['DATA', '554 5.2.252 SendAsDenied'],
];

for (const [command, reply] of replies) {
  test(`a test of the connection does not end what ${command} was answered with: ${reply}`, () => {
    const { code, kind, message } = sendRefused(readReply(reply), command);
    assert.ok(isOfOneMail({ code, kind }) || !endsWithTest({ code, message, since: 0 }), code);
  });
}

test('a test of the connection ends what is wrong with the way to the server', () => {
  const { code, message } = signInRefused(readReply('535 5.7.8 wrong password'), false);
  for (const one of [code, 'unreachable', 'timeout', 'certificate-expired', 'authorization-expired']) {
    assert.ok(endsWithTest({ code: one, message, since: 0 }), one);
  }
});
