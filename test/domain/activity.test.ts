import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activityFacts } from '../../src/domain/activity';

test('a sender is shown by name and address, or by the one that the mail says', () => {
  const shown = (name: string, address: string) =>
    activityFacts({ from: { name, address }, subject: '', messageId: null }).from;
  assert.equal(shown('Ada', 'ada@example.org'), 'Ada <ada@example.org>');
  assert.equal(shown('Ada', ''), 'Ada');
  assert.equal(shown('', 'ada@example.org'), 'ada@example.org');
});
