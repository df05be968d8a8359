import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import {
  continuedFrame,
  decodeAnswer,
  decodeFrames,
  endFrame,
  errorFrame,
  frameBuffer,
  frameFollower,
  Garbled,
  jsonOfFrames,
  partFrame,
  protocolFrame,
  sampleFrame,
} from '../../src/mail/frames';
import type { Part } from '../../src/mail/parts';
import { isError } from '../contract/fetched';

const parts: Part[] = [
  { handle: '1.1', outcome: 'part', bytes: Buffer.from([0, 255, 13, 10, 0]), last: true },
  { handle: '1.2', outcome: 'gone' },
  { handle: '1.3', outcome: 'too-large', size: 9_000_000_000 },
  { handle: '1.4', outcome: 'withheld' },
  { handle: '1.5', outcome: 'part', bytes: Buffer.alloc(200_000, 7), last: false },
  { handle: '1.5', outcome: 'part', bytes: Buffer.alloc(0), last: true },
];
const whole = Buffer.concat([...parts.flatMap(partFrame), ...endFrame()]);

test('parts come back as they went', () => {
  const decoded = decodeFrames(whole);
  assert.equal(decoded.error, null);
  assert.deepEqual(
    decoded.parts.map((part) => (part.outcome === 'part' ? { ...part, bytes: Buffer.from(part.bytes) } : part)),
    parts,
  );
});

test('an answer that was cut anywhere is no answer', () => {
  for (let length = 0; length < whole.length; length += length < 400 ? 1 : 1_009) {
    assert.throws(() => decodeFrames(whole.subarray(0, length)), isError('gateway-cut', 'transient'), String(length));
  }
});

test('an error in the middle hands out what came before it', () => {
  const thrown = new AppError('connection-lost', 'transient', 'Cut.', {
    step: 'folder',
    detail: 'bye',
    retryAfterMs: 5,
    uncertain: true,
  });
  const { parts: before, error } = decodeFrames(
    Buffer.concat([...partFrame({ handle: '1.2', outcome: 'gone' }), ...errorFrame(thrown)]),
  );
  assert.deepEqual(before, [{ handle: '1.2', outcome: 'gone' }]);
  assert.deepEqual({ ...error, cause: undefined, stack: undefined }, { ...thrown, cause: undefined, stack: undefined });
});

test('a header of another making is refused', () => {
  const strange = Buffer.concat(endFrame());
  strange.write('{"type":"new"}', 8);
  assert.throws(() => decodeFrames(strange), isError('gateway-broken', 'transient'));
});

test('joining frames into larger writes loses and turns over nothing', () => {
  for (const chunkBytes of [1, 40, 100, 1_000, 200_000, 1_000_000]) {
    const buffer = frameBuffer(chunkBytes);
    const written = [...parts.map(partFrame), endFrame()].flatMap((frame) => buffer.add(frame));
    written.push(...buffer.flush(), ...buffer.flush());
    assert.ok(Buffer.concat(written).equals(whole), String(chunkBytes));
    assert.ok(written.every(({ length }) => length > 0));
  }
});

test('the protocol comes before the end or the error, and is no part', () => {
  const lines = [{ text: 'C: NOOP', agoMs: 3 }];
  const gone = partFrame({ handle: '1.2', outcome: 'gone' });
  const ended = decodeFrames(Buffer.concat([...gone, ...protocolFrame(lines), ...endFrame()]));
  assert.deepEqual([ended.parts.length, ended.protocol, ended.error], [1, lines, null]);
  const error = new AppError('connection-lost', 'transient', 'Cut.');
  const failed = decodeFrames(Buffer.concat([...protocolFrame(lines), ...errorFrame(error)]));
  assert.deepEqual([failed.protocol, failed.error?.code], [lines, 'connection-lost']);
  assert.deepEqual(decodeFrames(Buffer.concat(endFrame())).protocol, []);
});

test('as JSON the same parts come back', () => {
  const decoded = decodeAnswer(Buffer.from(jsonOfFrames(whole)));
  assert.equal(decoded.error, null);
  assert.deepEqual(
    decoded.parts.map((part) => (part.outcome === 'part' ? { ...part, bytes: Buffer.from(part.bytes) } : part)),
    parts,
  );
  const text = jsonOfFrames(whole);
  assert.throws(() => decodeAnswer(Buffer.from(text.slice(0, text.length - 9))), isError('gateway-cut', 'transient'));
});

test('a way that changes bytes is found out, whatever the mail holds', () => {
  const answer = Buffer.concat([...sampleFrame(), ...partFrame(parts[1] as Part), ...endFrame()]);
  assert.deepEqual(decodeAnswer(answer).parts, [parts[1]]);
  const changed = [
    Buffer.from(answer.toString('utf8')),
    Buffer.from(answer.toString('latin1'), 'utf8'),
    Buffer.from(answer.map((byte) => byte & 0x7f)),
    Buffer.from(answer.toString('latin1').replace('\r', ''), 'latin1'),
  ];
  for (const one of changed) assert.throws(() => decodeAnswer(one), Garbled);
});

test('frames are followed through chunks that are cut anywhere', () => {
  const ends = new Set<number>();
  let length = 0;
  for (const frame of [...parts.map(partFrame), endFrame()]) {
    length += Buffer.concat(frame).length;
    ends.add(length);
  }
  for (const step of [1, 3, 1_009, whole.length]) {
    const follower = frameFollower();
    for (let at = 0; at < whole.length; at += step) {
      follower.add(whole.subarray(at, at + step));
      assert.equal(follower.isBetweenFrames(), ends.has(Math.min(at + step, whole.length)), `${at} + ${step}`);
    }
  }
});

test('an answer that goes on brings its ticket', () => {
  const { ticket, parts: came } = decodeAnswer(Buffer.concat([...partFrame(parts[1] as Part), ...continuedFrame('a')]));
  assert.deepEqual([ticket, came.length], ['a', 1]);
});
