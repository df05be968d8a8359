import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatPosition,
  handleOf,
  maxDigests,
  parsePosition,
  recognise,
  remember,
  type Seen,
} from '../../../src/mail/pop3/position';

const rest = { quick: null, witness: [], catchingUp: false };
const nothing: Seen = { ...rest, digests: new Set(), blockBits: 0 };
const handles = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => handleOf('u', `id-${from + n}`));
const all = (list: readonly string[]) => list.map(() => true);

/** What a state says after it was stored and read again. */
function stored(state: Seen): Seen {
  const read = parsePosition(formatPosition(state));
  assert.ok(read !== null);
  return read;
}

/** A mailbox read as the adapter reads it; counts how often each message was listed. */
function reader(most: number) {
  let state = nothing;
  const listed = new Map<string, number>();
  return {
    listed,
    poll(mailbox: readonly string[], limit: number): number {
      const { seen } = recognise(mailbox, state);
      let count = 0;
      for (const [index, handle] of mailbox.entries()) {
        if (seen[index] === true || count === limit) continue;
        seen[index] = true;
        listed.set(handle, (listed.get(handle) ?? 0) + 1);
        count += 1;
      }
      state = stored(remember(mailbox, seen, rest, most));
      return count;
    },
  };
}

type Change =
  | { kind: 'arrive'; count: number; at: number }
  | { kind: 'delete'; at: number }
  | { kind: 'poll'; limit: number }
  | { kind: 'turn' };
const changes = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('arrive' as const),
      count: fc.integer({ min: 1, max: 40 }),
      at: fc.constantFrom(1, 1, 1, 0, 0.5),
    }),
    fc.record({ kind: fc.constant('delete' as const), at: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
    fc.record({ kind: fc.constant('poll' as const), limit: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ kind: fc.constant('turn' as const) }),
  ),
  { maxLength: 60 },
);

function live(most: number, story: readonly Change[]) {
  const { poll, listed } = reader(most);
  let mailbox: string[] = [];
  let born = 0;
  for (const change of story) {
    if (change.kind === 'arrive') {
      const at = Math.round(mailbox.length * change.at);
      mailbox = [...mailbox.slice(0, at), ...handles(born, born + change.count), ...mailbox.slice(at)];
      born += change.count;
    } else if (change.kind === 'delete')
      mailbox = mailbox.filter((_, index) => index !== Math.floor(change.at * mailbox.length));
    else if (change.kind === 'turn') mailbox = mailbox.toReversed();
    else poll(mailbox, change.limit);
  }
  let rounds = 0;
  while (poll(mailbox, 50) > 0) rounds += 1;
  return { mailbox, listed, rounds };
}

test('whatever is added, deleted and turned around, every message is listed, and listing comes to an end', () => {
  fc.assert(
    fc.property(changes, fc.constantFrom(4, 16, maxDigests), (story, most) => {
      const { mailbox, listed, rounds } = live(most, story);
      assert.deepEqual(
        mailbox.filter((handle) => !listed.has(handle)),
        [],
      );
      assert.ok(rounds <= 60);
    }),
    { numRuns: 300 },
  );
});

test('while each message stands for itself, none is listed twice', () => {
  fc.assert(
    fc.property(changes, (story) => {
      const { listed } = live(maxDigests, story);
      assert.deepEqual(
        [...listed].filter(([, times]) => times !== 1),
        [],
      );
    }),
    { numRuns: 200 },
  );
});

test('what was listed is recognised, and nothing else, in whatever pattern', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 80 }), fc.constantFrom(16, 40, maxDigests), (flags, most) => {
      const mailbox = handles(0, flags.length);
      const state = stored(remember(mailbox, flags, rest, most));
      const { seen, whole } = recognise(mailbox, state);
      assert.ok(state.digests.size <= most);
      // Where not everything fits, some is forgotten, and that is known.
      if (whole) assert.deepEqual(seen, flags);
      else assert.ok(seen.every((isSeen, index) => !isSeen || flags[index] === true));
    }),
    { numRuns: 500 },
  );
  const gap = all(handles(0, 60)).map((_, index) => index % 20 !== 3);
  assert.equal(recognise(handles(0, 60), stored(remember(handles(0, 60), gap, rest, 50))).whole, true);
});

test('100,000 messages fit beside everything else a cursor holds, and so do 250,000', () => {
  for (const count of [100_000, 250_000]) {
    const mailbox = handles(0, count);
    const text = formatPosition(
      remember(mailbox, all(mailbox), { ...rest, quick: { count, octets: 2e9, last: mailbox[0] ?? '' } }),
    );
    assert.ok(text.length < 96 * 1024, `${text.length} characters`);
  }
});

test('in a mailbox of 100,000 new mail alone is new, and one deletion brings back some neighbours only', () => {
  const mailbox = handles(0, 100_000);
  const state = stored(remember(mailbox, all(mailbox), rest));
  const unseen = (list: readonly string[]) => {
    const { seen, whole } = recognise(list, state);
    return { handles: list.filter((_, index) => seen[index] !== true), whole };
  };
  assert.deepEqual(unseen(mailbox), { handles: [], whole: true });
  assert.deepEqual(unseen([...mailbox, ...handles(100_000, 100_003)]), {
    handles: handles(100_000, 100_003),
    whole: true,
  });

  const deleted = unseen(mailbox.filter((_, index) => index !== 50_000));
  assert.equal(deleted.whole, false, 'old mail may be among it, and that has to be known');
  assert.ok(deleted.handles.length > 0 && deleted.handles.length < 500, `${deleted.handles.length} listed again`);
  assert.ok(deleted.handles.every((handle) => mailbox.includes(handle)));
});

test('in a mailbox of 100,000 no new message is taken for an old one, wherever it appears', () => {
  const mailbox = handles(0, 100_000);
  const state = stored(remember(mailbox, all(mailbox), rest));
  const strangers = handles(1_000_000, 1_020_000);
  const mixed = mailbox.flatMap((handle, index) => (index % 5 === 0 ? [strangers[index / 5] ?? '', handle] : [handle]));
  const { seen } = recognise(mixed, state);
  const isStranger = new Set(strangers);
  assert.equal(mixed.filter((handle, index) => seen[index] === true && isStranger.has(handle)).length, 0);
});

test('the same mailbox gives the same text, in whatever order it was listed, and after every poll', () => {
  const mailbox = handles(0, 200);
  const oneByOne = mailbox.reduce((state, _, index) => {
    const { seen } = recognise(mailbox, state);
    seen[index] = true;
    return stored(remember(mailbox, seen, rest));
  }, nothing);
  assert.equal(formatPosition(oneByOne), formatPosition(remember(mailbox, all(mailbox), rest)));
  assert.equal(formatPosition(stored(oneByOne)), formatPosition(oneByOne));
  const turned = mailbox.toReversed();
  assert.equal(formatPosition(remember(turned, all(turned), rest)), formatPosition(oneByOne));
});

test('a text that this version did not write is no position', () => {
  for (const text of ['', '0', '12:34', '2:0::::::', 'constructor', '1:0:x:::::'])
    assert.equal(parsePosition(text), null);
  assert.ok(parsePosition('1:0::0:0:::') !== null);
});
