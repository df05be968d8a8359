import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMessage } from '../../src/mail/mime';
import { bytesOf, parseLines as parse } from './parse-lines';

const words = 'The fan is loud.';

describe('line ends', () => {
  for (const [what, header, body] of [
    ['throughout', '\r', '\r'],
    ['in the header only', '\r', '\n'],
    ['in the body only', '\r\n', '\r'],
  ] as const) {
    test(`a carriage return alone ends a line: ${what}`, async () => {
      const fields = ['From: bo@example.com', 'Content-Type: multipart/mixed; boundary=b', '', ''].join(header);
      const parts = [
        '--b',
        '',
        words,
        '--b',
        'Content-Type: image/png',
        'Content-Transfer-Encoding: base64',
        '',
        'QUJD',
        '--b--',
      ];
      const message = await parseMessage(Buffer.from(`${fields}${parts.join(body)}`));
      if (header === '\r') {
        assert.deepEqual([message.from?.address, message.text, message.defect], ['bo@example.com', words, null]);
        assert.equal(bytesOf(message), 'ABC');
      } else assert.match(message.defect ?? '', /consists of parts/);
    });
  }

  test('a carriage return within a line of other mail stays', async () => {
    const bytes = 'a\rb\r\rc';
    const message = await parse(
      'X-Odd: a\rb',
      'Content-Type: image/png',
      'Content-Transfer-Encoding: binary',
      '',
      bytes,
    );
    assert.deepEqual([bytesOf(message), message.defect], [bytes, null]);
  });
});
