import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, assemble, type Part } from '../../src/mail/parts';
import { isError, rawText } from '../contract/fetched';

const piece = (handle: string, text: string, last: boolean): Part => ({
  handle,
  outcome: 'part',
  bytes: Buffer.from(text),
  last,
});

async function whole(parts: Part[], maxBytes = 100) {
  const fetched = [];
  for await (const one of assemble(
    (async function* () {
      yield* parts;
    })(),
    maxBytes,
  ))
    fetched.push(one);
  return fetched;
}

test('pieces are joined', async () => {
  const fetched = await whole([piece('a', 'one ', false), piece('a', 'two', true), piece('b', 'three', true)]);
  assert.deepEqual(fetched.map(rawText), ['one two', 'three']);
});

test('a message that goes away in the middle is gone, and leaves nothing in the next one', async () => {
  const fetched = await whole([piece('a', 'lost', false), { handle: 'a', outcome: 'gone' }, piece('b', 'kept', true)]);
  assert.deepEqual(fetched.map(rawText), ['(gone)', 'kept']);
});

test('a message that grows over the limit is dropped, and the next one is not', async () => {
  const fetched = await whole([
    piece('a', 'x'.repeat(60), false),
    piece('a', 'x'.repeat(60), true),
    piece('b', 'kept', true),
  ]);
  assert.deepEqual(fetched.map(rawText), ['(too-large)', 'kept']);
  assert.equal(fetched[0]?.outcome === 'too-large' && fetched[0].size, 120);
});

test('nothing is said of a message that the server withheld', async () => {
  assert.deepEqual((await whole([{ handle: 'a', outcome: 'withheld' }, piece('b', 'kept', true)])).map(rawText), [
    'kept',
  ]);
});

test('a part of another message than the one that was due is refused', () => {
  const handles = ['a', 'b'];
  assert.deepEqual(advance(handles, { index: 0, offset: 3 }, piece('a', 'four', false)), { index: 0, offset: 7 });
  assert.deepEqual(advance(handles, { index: 0, offset: 3 }, piece('a', 'four', true)), { index: 1, offset: 0 });
  assert.throws(
    () => advance(handles, { index: 0, offset: 0 }, piece('b', 'x', true)),
    isError('broken-answer', 'transient'),
  );
  assert.throws(
    () => advance(handles, { index: 2, offset: 0 }, piece('b', 'x', true)),
    isError('broken-answer', 'transient'),
  );
});
