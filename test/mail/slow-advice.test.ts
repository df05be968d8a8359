import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timedOut as imap } from '../../src/mail/imap/errors';
import { timedOut as pop3 } from '../../src/mail/pop3/errors';
import { timedOut as smtp } from '../../src/mail/smtp/errors';

const place = { host: 'mail.example.com', port: 993, bye: undefined, uncertain: false, byToken: false };
const told = (step: 'tls' | 'sign-in') =>
  [imap({ ...place, step }, 10_000), pop3({ ...place, step }), smtp({ ...place, step }, 10_000)].map(
    ({ message }) => message,
  );

test('a server that never answers STARTTLS is told to be one of another port, with the usual ports of its protocol', () => {
  const ports = [
    'SSL/TLS is usually port 993, STARTTLS port 143',
    'port 995, STARTTLS port 110',
    'port 465, STARTTLS port 587',
  ];
  for (const [index, message] of told('tls').entries()) assert.ok(message.includes(ports[index] ?? '?'), message);
});

test('what is slow later is not blamed on the port', () => {
  for (const message of told('sign-in')) {
    assert.doesNotMatch(message, /port/);
    assert.match(message, /raise the timeout of the connection/);
  }
});
