import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unstuff } from '../../../src/mail/pop3/dot-stuffing';

const unstuffed = (text: string) => unstuff(Buffer.from(text, 'latin1')).toString('latin1');

test('a line that begins with a dot loses one dot, at the beginning, in the middle and at the end', () => {
  assert.equal(unstuffed('..a\r\nb\r\n..\r\n...\r\n'), '.a\r\nb\r\n.\r\n..\r\n');
});

test('dots elsewhere stay, also after a bare line feed or carriage return', () => {
  const text = 'a.b\r\nc..\n.d\n..e\r.f\r\n';
  assert.equal(unstuffed(text), text);
});

test('undoes what any server stuffs, whatever the bytes', () => {
  const pieces = fc.constantFrom('.', '..', '\r\n', '\n', '\r', 'a', '\xff', '\0', ' ');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const raw = `${parts.join('')}\r\n`;
      const lines = raw.split('\r\n').map((line) => (line.startsWith('.') ? `.${line}` : line));
      assert.equal(unstuffed(lines.join('\r\n')), raw);
    }),
  );
});
