import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';

const detailOf = (detail: string | undefined) => new AppError('code', 'transient', 'Message.', { detail }).detail;

test('the other side’s words are one line of plain text, whoever heard them', () => {
  assert.equal(detailOf('NO\r\nA2 OK\tin\u202egnp.exe \u0000 here'), 'NO A2 OK ingnp.exe here');
  assert.equal(detailOf('Grüße, 你好'), 'Grüße, 你好');
  assert.equal(detailOf(undefined), undefined);
});

test('they are cut to 200 characters, and never through one', () => {
  const words = detailOf(`${'x'.repeat(199)}😀 and more`);
  assert.equal(words, 'x'.repeat(199));
});
