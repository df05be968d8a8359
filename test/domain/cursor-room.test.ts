import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../src/domain/cursor-room';

test('keeps of an error what has room in a stored cursor, in whatever letters it is told', () => {
  for (const message of [
    'x'.repeat(1_000),
    '\u{1F600}'.repeat(300),
    '"'.repeat(300),
    '\n'.repeat(300),
    '見'.repeat(300),
  ]) {
    const kept = failureOf({ code: 'c'.repeat(100), message });
    assert.ok(Buffer.byteLength(JSON.stringify(kept)) <= 40 + 160 + '{"code":"","message":""}'.length, kept.message);
    assert.ok((kept.message?.length ?? 0) >= 39 && message.startsWith(kept.message ?? '-'));
    assert.equal(Buffer.from(kept.message ?? '').toString(), kept.message, 'no half of a character');
  }
  const short = { code: 'jira-busy', message: 'Jira asked Letterbox to slow down.' };
  assert.deepEqual(failureOf(short), short);
});
