import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  expandUidSet,
  formatHandle,
  formatPosition,
  parseHandle,
  parsePosition,
  uidSet,
} from '../../../src/mail/imap/positions';

test('positions and handles come back as they went', () => {
  const place = { validity: '18446744073709551615', uid: 4_294_967_295 };
  assert.deepEqual(parsePosition(formatPosition(place)), place);
  assert.deepEqual(parseHandle(formatHandle(place)), place);
});

test('what is not ours is no place', () => {
  for (const text of ['', '1', '1:', ':1', '1:2:3', '1.2', '1:4294967296', 'a:1', '1:2\r\n', '-1:2'])
    assert.equal(parsePosition(text), null, text);
  for (const text of ['', '1:2', '1.', '.1', '1.2.3', '1.99999999999', '1.2 '])
    assert.equal(parseHandle(text), null, text);
});

test('runs of UIDs are joined, in any order and without doubles', () => {
  assert.equal(uidSet([7, 3, 1, 2, 2, 9, 8]), '1:3,7:9');
  assert.equal(uidSet([5]), '5');
});

test('only as much of a set is expanded as is wanted', () => {
  assert.deepEqual(expandUidSet('1:4294967295', 3), [1, 2, 3]);
  assert.deepEqual(expandUidSet('2,5:6,9', 10), [2, 5, 6, 9]);
  assert.deepEqual(expandUidSet('6:5', 10), [5, 6]);
});
