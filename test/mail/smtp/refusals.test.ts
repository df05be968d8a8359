import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, sendRefused, signInRefused } from '../../../src/mail/smtp/refusals';
import { readReply, shownReply, waitInWords } from '../../../src/mail/smtp/replies';

/** Answers of real servers, and what an administrator is told. */
const refusals: [command: Command, response: string, code: string, kind: string, retryAfterMs?: number][] = [
  ['MAIL FROM', '552 5.3.4 Message size exceeds fixed limit', 'mail-too-large', 'message'],
  ['MAIL FROM', '530 5.7.0 Authentication Required', 'sign-in-required', 'access'],
  ['MAIL FROM', '530 5.7.57 Client not authenticated to send mail.', 'sign-in-required', 'access'],
  [
    'MAIL FROM',
    '553 5.7.1 <boss@example.com>: Sender address rejected: not owned by user a@example.com',
    'sender-refused',
    'access',
  ],
  ['MAIL FROM', '550 5.7.1 Not allowed', 'sender-refused', 'access'],
  ['MAIL FROM', '421 4.7.0 Too many messages on this connection', 'rate-limited', 'transient'],
  ['MAIL FROM', '451 4.3.0 Temporary lookup failure', 'server-busy', 'transient'],
  ['MAIL FROM', '452 4.3.1 Insufficient system storage', 'server-busy', 'transient'],
  ['RCPT TO', '550 5.1.1 <x@example.org>: Recipient address rejected: User unknown', 'recipient-refused', 'message'],
  ['RCPT TO', '552 5.2.2 Mailbox full', 'recipient-refused', 'message'],
  [
    'RCPT TO',
    '450 4.2.0 <x@example.org>: Recipient address rejected: Greylisted, try again in 300 seconds',
    'greylisted',
    'transient',
    300_000,
  ],
  ['RCPT TO', '451 4.7.1 Greylisting in action, please come back later', 'greylisted', 'transient', 300_000],
  [
    'RCPT TO',
    '450 4.2.1 The user you are trying to contact is receiving mail too quickly, rate limited',
    'rate-limited',
    'transient',
  ],
  ['RCPT TO', '451 4.7.1 try again later', 'mail-deferred', 'transient', 300_000],
  ['RCPT TO', '451 Please try again', 'mail-deferred', 'transient', 300_000],
  ['MAIL FROM', '451 4.7.1 Please try again in 2 minutes', 'mail-deferred', 'transient', 120_000],
  ['MAIL FROM', '450 4.7.1 You are greylisted', 'greylisted', 'transient', 300_000],
  ['RCPT TO', '450 4.7.1 Client host rejected: cannot find your hostname', 'mail-deferred', 'transient', 300_000],
  ['DATA', '421 4.3.2 System not accepting network messages', 'server-busy', 'transient'],
  ['RCPT TO', '450 4.2.1 Mailbox is being moved', 'mailbox-unavailable', 'transient'],
  ['RCPT TO', '554 5.7.1 <x@example.org>: Relay access denied', 'relay-refused', 'access'],
  ['RCPT TO', '452 4.5.3 Too many recipients', 'rate-limited', 'transient'],
  ['DATA', '550 5.4.5 Daily user sending limit exceeded.', 'rate-limited', 'transient'],
  [
    'DATA',
    '554 5.2.252 SendAsDenied; desk@contoso.example not allowed to send as boss@contoso.example',
    'sender-refused',
    'access',
  ],
  ['DATA', '550 5.7.60 SMTP; Client does not have permissions to send as this sender', 'sender-refused', 'access'],
  ['DATA', '432 4.3.2 Concurrent connections limit exceeded', 'rate-limited', 'transient'],
  ['DATA', '451 4.7.500 Server busy. Please try again later', 'rate-limited', 'transient'],
  ['DATA', '552 5.2.3 Message exceeds maximum size', 'mail-too-large', 'message'],
  ['DATA', '554 5.7.1 Message contains a forbidden attachment', 'mail-refused', 'message'],
  ['DATA', '550 5.7.1 This message looks like spam', 'mail-refused', 'message'],
];
for (const [command, response, code, kind, retryAfterMs] of refusals) {
  test(`${command}: "${response}" is ${code}`, () => {
    const error = sendRefused(readReply(response), command);
    assert.deepEqual([error.code, error.kind, error.retryAfterMs], [code, kind, retryAfterMs]);
    assert.equal(error.detail, response);
    assert.equal(error.uncertain, false);
  });
}

const signIns: [response: string, code: string, kind: string][] = [
  ['535 5.7.8 Username and Password not accepted', 'sign-in-failed', 'access'],
  ['534 5.7.9 Application-specific password required', 'sign-in-failed', 'access'],
  [
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
    'smtp-auth-disabled',
    'access',
  ],
  ['535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.', 'sign-in-failed', 'access'],
  ['535 5.7.139 Authentication unsuccessful, basic authentication is disabled.', 'smtp-auth-disabled', 'access'],
  ['535 Error: authentication failed, system busy', 'sign-in-unavailable', 'transient'],
  ['535 5.7.0 (#AUTH005) Too many bad auth attempts.', 'sign-in-unavailable', 'transient'],
  [
    '534 5.7.14 <https://accounts.google.com/signin/continue?x> Please log in via your web browser and then try again.',
    'sign-in-failed',
    'access',
  ],
  ['454 4.7.0 Temporary authentication failure', 'sign-in-unavailable', 'transient'],
  ['421 4.7.66 TLS 1.0 and 1.1 are not supported', 'sign-in-unavailable', 'transient'],
  ['503 5.5.1 AUTH command not available', 'sign-in-not-offered', 'access'],
];
for (const [response, code, kind] of signIns) {
  test(`AUTH: "${response}" is ${code}`, () => {
    const error = signInRefused(readReply(response), false);
    assert.deepEqual([error.code, error.kind, error.step], [code, kind, 'sign-in']);
  });
}

test('a refused token is not called a wrong password', () => {
  assert.match(signInRefused(readReply('535 5.7.3 no'), true).message, /token/);
  assert.match(signInRefused(readReply('535 5.7.3 no'), false).message, /password/);
});

test('a wait is read from the words of a reply, and none that lasts for ever', () => {
  assert.equal(waitInWords('try again in 5 minutes'), 300_000);
  assert.equal(waitInWords('please retry after 30 sec'), 30_000);
  assert.equal(waitInWords('wait 2 hours'), 7_200_000);
  assert.equal(waitInWords('try again in 99999 hours'), 24 * 3_600_000);
  assert.equal(waitInWords('limit of 30 messages'), undefined);
  assert.equal(waitInWords('try again in 5 mails'), undefined);
});

test('a reply of several lines is one line, and says its codes once', () => {
  assert.equal(
    shownReply('550-5.7.1 First part\r\n550-5.7.1 second part\r\n550 5.7.1 the end'),
    '550 5.7.1 First part second part the end',
  );
  assert.equal(shownReply(''), '');
});
