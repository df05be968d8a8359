import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputBuffer } from '../../../src/mail/pop3/input-buffer';
import { pop3Limits } from '../../../src/mail/pop3/limits';

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** Reads replies and blocks in turns while the bytes come in pieces, as a connection does. */
function read(pieces: readonly Buffer[]): string[] {
  const input = new InputBuffer();
  const found: string[] = [];
  for (const piece of pieces) {
    input.append(piece);
    for (;;) {
      const next = found.length % 2 === 0 ? input.line() : input.block(1_000)?.toString('latin1');
      if (next === undefined) break;
      found.push(next ?? 'broken');
    }
  }
  return found;
}

const body = fc
  .array(fc.constantFrom('.', '..', '\r\n', '\n', '\r', 'a', '\xff', '.\r\n'), { maxLength: 20 })
  .map((parts) => (parts.length === 0 ? '' : `${parts.join('')}\r\n`));

test('finds lines, blocks and their ends wherever the network cuts', () => {
  fc.assert(
    fc.property(
      fc.array(body, { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (bodies, sizes) => {
        const stuffed = bodies.map((text) =>
          text
            .split('\r\n')
            .map((line) => (line.startsWith('.') ? `.${line}` : line))
            .join('\r\n'),
        );
        const wire = bytes(stuffed.map((text, n) => `+OK ${n}\r\n${text}.\r\n`).join(''));
        const pieces: Buffer[] = [];
        for (let at = 0, n = 0; at < wire.length; n++) {
          const size = sizes[n % sizes.length] ?? 1;
          pieces.push(wire.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(
          read(pieces),
          bodies.flatMap((text, n) => [`+OK ${n}`, text]),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('a block ends with a dot between two CRLFs and with nothing else', () => {
  for (const almost of ['a\n.\n', 'a\n.\r\n', 'a\r\n.\n', 'a\r\n.', 'a\r\n.x\r\n', '.\n', 'a.\r\n']) {
    const input = new InputBuffer();
    input.append(bytes(almost));
    assert.equal(input.block(1_000), undefined, JSON.stringify(almost));
    input.append(bytes('\r\n.\r\n'));
    assert.ok(input.block(1_000) instanceof Buffer);
  }
});

test('a block over the limit is given up before it is whole, and one of exactly the limit is not', () => {
  const exact = new InputBuffer();
  exact.append(bytes(`${'x'.repeat(98)}\r\n.\r\n`));
  assert.equal(exact.block(98)?.length, 100);
  const over = new InputBuffer();
  over.append(bytes('x'.repeat(200)));
  assert.equal(over.block(98), null);
});

test('a line over the limit, or ended by LF alone, is none', () => {
  const long = new InputBuffer();
  long.append(Buffer.alloc(pop3Limits.lineBytes, 'x'));
  assert.equal(long.line(), null);
  const bare = new InputBuffer();
  bare.append(bytes('+OK\nmore\r\n'));
  assert.equal(bare.line(), null);
});
