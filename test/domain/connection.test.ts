import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionSettings, mailboxIdentity } from '../../src/domain/connection';
import { settingsOf } from '../support/world';

const minimal = {
  provider: 'imap',
  name: ' Support ',
  host: 'imap.example.com',
  port: 993,
  username: 'support@example.com',
  target: { projectId: '10000', issueTypeId: '10001' },
};

/** The paths that are wrong. */
function wrong(change: Record<string, unknown>): string[] {
  const parsed = connectionSettings.safeParse({ ...minimal, ...change });
  return parsed.success ? [] : [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))];
}

test('fills in the defaults that administrators know, and trims', () => {
  const settings = settingsOf(minimal);
  assert.equal(settings.name, 'Support');
  assert.deepEqual(
    [
      settings.encryption,
      settings.folder,
      settings.intervalMinutes,
      settings.afterDownload,
      settings.timeoutMs,
      settings.largestMailMb,
    ],
    ['tls', '', 1, 'mark-read', 10_000, 25],
  );
});

const refused: [string, Record<string, unknown>][] = [
  ['name', { name: '  ' }],
  ['name', { name: 'x'.repeat(101) }],
  ['name', { name: 'a\r\nb' }],
  ['description', { description: 'x'.repeat(1_001) }],
  ['host', { host: '' }],
  ['host', { host: 'https://imap.example.com' }],
  ['host', { host: 'imap.example.com/x' }],
  ['host', { host: 'a b' }],
  ['host', { host: 'imap.example.com\r\nA1 LOGIN' }],
  ['port', { port: 0 }],
  ['port', { port: 65_536 }],
  ['port', { port: 99.5 }],
  ['username', { username: '' }],
  ['username', { username: 'a\u0000b' }],
  ['folder', { folder: 'a\nb' }],
  ['intervalMinutes', { intervalMinutes: 0 }],
  ['intervalMinutes', { intervalMinutes: 61 }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['timeoutMs', { timeoutMs: 60_001 }],
  ['largestMailMb', { largestMailMb: 51 }],
  ['moveTo', { afterDownload: 'move' }],
  ['moveTo', { afterDownload: 'move', folder: 'Done', moveTo: 'Done' }],
  ['privateCa', { privateCa: 'not a certificate' }],
  ['encryption', { encryption: 'ssl' }],
  ['provider', { provider: 'exchange' }],
  ['', { password: 'x' }],
];
for (const [path, change] of refused) {
  test(`refuses ${JSON.stringify(change).slice(0, 60)}`, () => assert.deepEqual(wrong(change), [path]));
}

const accepted: Record<string, unknown>[] = [
  { host: '192.0.2.1' },
  { host: '[2001:db8::1]' },
  { host: 'post.münchen.example' },
  { host: 'localhost' },
  { folder: 'Main/Sub' },
  { folder: 'Entwürfe/Büro' },
  { afterDownload: 'move', moveTo: 'Done' },
  { intervalMinutes: 60, timeoutMs: 60_000, largestMailMb: 50 },
  { privateCa: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' },
];
for (const change of accepted) {
  test(`accepts ${JSON.stringify(change).slice(0, 60)}`, () => assert.deepEqual(wrong(change), []));
}

test('knows the same mailbox whatever the case of its host, and another folder as another mailbox', () => {
  const settings = settingsOf(minimal);
  assert.equal(mailboxIdentity(settings), mailboxIdentity({ ...settings, host: 'IMAP.example.com', name: 'Other' }));
  assert.notEqual(mailboxIdentity(settings), mailboxIdentity({ ...settings, folder: 'Sub' }));
});
