import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protocolLimits } from '../../src/domain/limits';
import { newestLines, type ProtocolLine } from '../../src/domain/protocol';

const linesOf = (count: number, text = 'C: NOOP'): ProtocolLine[] =>
  Array.from({ length: count }, (_, at) => ({ at, text }));

test('keeps everything while there is room', () => {
  const whole = { lines: linesOf(protocolLimits.lines), cut: false };
  assert.deepEqual(newestLines(whole), whole);
  assert.equal(newestLines({ ...whole, cut: true }).cut, true, 'what was cut once stays cut');
});

test('keeps the newest lines, and says that older ones are gone', () => {
  const { lines, cut } = newestLines({ lines: linesOf(protocolLimits.lines + 3), cut: false });
  assert.deepEqual([lines.length, lines[0]?.at, cut], [protocolLimits.lines, 3, true]);
});

for (const text of ['x'.repeat(400), '"\\'.repeat(200), '世'.repeat(400), '\u0001'.repeat(400)]) {
  test(`what is kept fits into a stored value, whatever is in it: ${JSON.stringify(text.slice(0, 2))}`, () => {
    const { lines, cut } = newestLines({ lines: linesOf(protocolLimits.lines, text), cut: false });
    const bytes = Buffer.byteLength(JSON.stringify(lines));
    assert.ok(bytes <= protocolLimits.keptBytes + 2, `${bytes} bytes`);
    assert.ok(bytes > protocolLimits.keptBytes - 3_000, `${bytes} bytes: room is left`);
    assert.ok(cut);
    assert.equal(lines.at(-1)?.at, protocolLimits.lines - 1);
  });
}
