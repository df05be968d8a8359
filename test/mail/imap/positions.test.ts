import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHandle, formatPosition, parseHandle, parsePosition } from '../../../src/mail/imap/positions';
import { containsUids, countUids, parseUidSet, splitUids, uidSet, withoutUids } from '../../../src/mail/imap/uid-sets';

test('positions and handles come back as they went', () => {
  const place = { validity: '18446744073709551615', uid: 4_294_967_295 };
  for (const first of [[], [{ from: 3, to: 9 }], parseUidSet('3:9,12,40:41')]) {
    const position = { ...place, first, witness: null };
    assert.deepEqual(parsePosition(formatPosition(position)), position);
  }
  const witness = { uid: 50, size: 1_234, receivedAt: 1_762_000_000_000 };
  const plain = { validity: '7', uid: 50, first: [], witness: null };
  assert.equal(formatPosition({ ...plain, first: parseUidSet('3:9,12') }), '7:50:3:9,12');
  assert.equal(formatPosition(plain), '7:50', 'as earlier versions wrote it');
  for (const first of [[], parseUidSet('3:9,12')]) {
    const position = { ...plain, first, witness };
    assert.deepEqual(parsePosition(formatPosition(position)), position);
  }
  assert.deepEqual(parseHandle(formatHandle(place)), place);
});

test('what is not ours is no place', () => {
  for (const text of [
    '',
    '1',
    '1:',
    ':1',
    '1.2',
    '1:4294967296',
    'a:1',
    '1:2\r\n',
    '-1:2',
    '1:2;3',
    '1:2;3.4',
    '1:2;3.4.5;6',
  ])
    assert.equal(parsePosition(text), null, text);
  for (const text of ['', '1:2', '1.', '.1', '1.2.3', '1.99999999999', '1.2 '])
    assert.equal(parseHandle(text), null, text);
});

test('runs of UIDs are joined, in any order and without doubles', () => {
  assert.equal(uidSet([7, 3, 1, 2, 2, 9, 8]), '1:3,7:9');
  assert.equal(uidSet([5]), '5');
});

test('only as much of a set is expanded as is wanted', () => {
  const { first, rest } = splitUids(parseUidSet('1:4294967295'), 3);
  assert.deepEqual([first, rest], [[1, 2, 3], [{ from: 4, to: 4_294_967_295 }]]);
  assert.deepEqual(splitUids(parseUidSet('9,2,6:5'), 10), { first: [2, 5, 6, 9], rest: [] });
  assert.deepEqual(splitUids(parseUidSet('2,5:6,9'), 2).rest, parseUidSet('6,9'));
  assert.deepEqual(splitUids(parseUidSet('2,5:6,9'), 0).rest, parseUidSet('2,5:6,9'));
});

test('a set of nonsense is empty, and overlaps count once', () => {
  assert.deepEqual(parseUidSet(',0,x,1:5000000000,:'), []);
  assert.equal(countUids(parseUidSet('3:9,5:12,12:13')), 11);
});

test('UIDs are taken out of a set wherever they lie in it', () => {
  const set = parseUidSet('2:6,9,12:14');
  for (const uids of [[2], [4], [6], [9], [2, 3, 4, 5, 6], [3, 9, 14], [2, 6, 12, 14], []]) {
    const kept = splitUids(set, 100).first.filter((uid) => !uids.includes(uid));
    assert.deepEqual(splitUids(withoutUids(set, uids), 100).first, kept, uids.join());
  }
});

test('a set contains its parts, and nothing that reaches out of it', () => {
  const set = parseUidSet('2:6,9,12:14');
  for (const inner of ['2:6', '3,5', '9', '2,13:14', '']) assert.ok(containsUids(set, parseUidSet(inner)), inner);
  for (const outer of ['1', '6:7', '9:10', '2:14', '15', '4,11']) {
    assert.ok(!containsUids(set, parseUidSet(outer)), outer);
  }
});
