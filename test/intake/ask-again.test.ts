import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cursor, freshCursor, type Quarantined, type Waiting } from '../../src/domain/cursor';
import { pollLimits } from '../../src/domain/limits';
import { askAgain } from '../../src/intake/ask-again';
import { activityEntry } from '../support/activity-entry';

const since = 1_000;
const givenUp = (handle: string, entryId = `c1:${handle}`): Quarantined => ({
  handle,
  code: 'refused',
  reason: 'Jira refused it.',
  at: since,
  entryId,
});
const waiting = (handle: string): Waiting => ({ handle, size: 10, reason: 'failed', attempts: 2, retryAt: since + 60 });
const entryOf = (handle: string, change: Parameters<typeof activityEntry>[0] = {}) =>
  activityEntry({ id: `c1:${handle}`, handle, result: 'quarantined', at: since, ...change });

function cursorWith(change: Partial<Cursor>, totals: Partial<Cursor['totals']> = {}): Cursor {
  const fresh = freshCursor('["imap"]', null, since);
  return { ...fresh, mailbox: 'mailbox', ...change, totals: { ...fresh.totals, ...totals } };
}
const handlesOf = (all: readonly { handle: string }[]) => all.map(({ handle }) => handle);
const numbersOf = ({ totals: { givenUp: all, dismissed } }: Cursor) => [all, dismissed];

test('lets what was given up wait before the others for one try, and counts it as given up no longer', () => {
  const cursor = cursorWith({ waiting: [waiting('w')], quarantined: [givenUp('a'), givenUp('b')] }, { givenUp: 2 });
  const asked = askAgain(cursor, [entryOf('a')]);
  assert.deepEqual(asked.waiting, [
    {
      handle: 'a',
      size: 1_000,
      reason: 'budget',
      attempts: pollLimits.attempts - 1,
      retryAt: 0,
      entryId: 'c1:a',
      again: true,
    },
    waiting('w'),
  ]);
  assert.deepEqual(handlesOf(asked.quarantined), ['b']);
  assert.deepEqual(numbersOf(asked), [1, 0]);
});

test('asks for what was dismissed too, which then counts as neither', () => {
  const cursor = cursorWith({ quarantined: [givenUp('b')] }, { givenUp: 2, dismissed: 1 });
  const asked = askAgain(cursor, [entryOf('a', { result: 'dismissed' })]);
  assert.deepEqual(handlesOf(asked.waiting), ['a']);
  assert.deepEqual(numbersOf(asked), [1, 0]);
});

test('is the very cursor where nothing was given up, it was elsewhere, or it waits already', () => {
  const cursor = cursorWith({ waiting: [waiting('w')] }, { givenUp: 9 });
  const others = (['created', 'skipped', 'failed', 'gone'] as const).map((result) => entryOf(result, { result }));
  const elsewhere = entryOf('a', { mailbox: 'another' });
  assert.equal(askAgain(cursor, [...others, elsewhere, entryOf('w')]), cursor);
});

test('counts out of nothing what was given up before the totals began', () => {
  const early = { at: since - 1 };
  const uncounted = (cursor: Cursor) => cursor.waiting.map((one) => one.uncounted ?? false);
  const unknown = askAgain(cursorWith({}, { givenUp: 1 }), [entryOf('a', early)]);
  assert.deepEqual([uncounted(unknown), numbersOf(unknown)], [[true], [1, 0]]);
  const shown = askAgain(cursorWith({ quarantined: [givenUp('a')] }, { givenUp: 1 }), [entryOf('a', early)]);
  assert.deepEqual([uncounted(shown), numbersOf(shown)], [[false], [0, 0]]);
  const later = askAgain(cursorWith({}, { givenUp: 1 }), [entryOf('a')]);
  assert.deepEqual([uncounted(later), numbersOf(later)], [[false], [0, 0]]);
  const tooMany = askAgain(cursorWith({}, { givenUp: 1 }), [entryOf('a'), entryOf('b')]);
  assert.deepEqual(
    [uncounted(tooMany), numbersOf(tooMany)],
    [
      [false, true],
      [0, 0],
    ],
  );
  const dismissed = askAgain(cursorWith({}, { givenUp: 1 }), [entryOf('a', { result: 'dismissed' })]);
  assert.deepEqual([uncounted(dismissed), numbersOf(dismissed)], [[true], [1, 0]]);
});

test('asks for byte-identical copies together, and leaves alone what has no room', () => {
  const copies = cursorWith({ quarantined: [givenUp('a'), givenUp('copy', 'c1:a'), givenUp('b')] }, { givenUp: 3 });
  const together = askAgain(copies, [entryOf('a')]);
  assert.deepEqual([handlesOf(together.waiting), handlesOf(together.quarantined)], [['a', 'copy'], ['b']]);

  const full = cursorWith({ waiting: [waiting('w'.repeat(pollLimits.waitingBytes))], quarantined: [givenUp('a')] });
  assert.equal(askAgain(full, [entryOf('a')]), full);
});
