import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receivedAt } from '../../../src/mail/pop3/received';

test('the first Received field tells when our server took the mail, folded and with comments as it is', () => {
  const header = [
    'X-Received: by x; Mon, 01 Jan 2001 00:00:00 +0000',
    'Received: from a (helo b; really c)',
    '\tby mx.example.com with ESMTPS id 1;',
    ' Fri, 20 Nov 2026 09:30:00 +0200 (EET)',
    'Received: from forged by forged; Mon, 01 Jan 2001 00:00:00 +0000',
    'Date: Mon, 01 Jan 2001 00:00:00 +0000',
  ].join('\r\n');
  assert.equal(receivedAt(`${header}\r\n\r\n`), Date.parse('2026-11-20T07:30:00Z'));
});

test('without such a field, or without a date in it, nothing is claimed', () => {
  assert.equal(receivedAt('Date: Fri, 20 Nov 2026 09:30:00 +0200\r\n\r\n'), null);
  assert.equal(receivedAt('Received: from a by b; soon\r\n\r\n'), null);
});
