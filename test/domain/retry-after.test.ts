import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterMs } from '../../src/domain/retry-after';

const now = Date.UTC(2026, 10, 20, 12);
const wait = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now);

test('understands seconds and dates, and nothing else', () => {
  assert.equal(wait({ 'retry-after': '7' }), 7_000);
  assert.equal(wait({ 'retry-after': ' 0 ' }), 0);
  assert.equal(wait({ 'retry-after': 'Fri, 20 Nov 2026 12:01:30 GMT' }), 90_000);
  for (const value of ['', 'soon', 'later, please']) assert.equal(wait({ 'retry-after': value }), undefined, value);
  assert.equal(wait({}), undefined);
});

test('reads a date against the clock of whoever wrote it', () => {
  const headers = { 'retry-after': 'Fri, 20 Nov 2026 13:01:30 GMT', date: 'Fri, 20 Nov 2026 13:00:00 GMT' };
  assert.equal(wait(headers), 90_000);
});

test('waits a day at most, and never into the past', () => {
  assert.equal(wait({ 'retry-after': '31536000' }), 86_400_000);
  assert.equal(wait({ 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }), 0);
});
