import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { messageLimits } from '../../src/domain/limits';
import type { Message } from '../../src/domain/message';
import { parseMessage } from '../../src/mail/mime';

/** Milliseconds of computing that a mail may take. */
const mostMs = 2_000;

async function parse(text: string): Promise<Message> {
  const raw = Buffer.from(text, 'latin1');
  const started = process.cpuUsage();
  const message = await parseMessage(raw);
  const { user, system } = process.cpuUsage(started);
  assert.ok((user + system) / 1_000 < mostMs, `took ${(user + system) / 1_000} ms`);
  return message;
}

const mixed = 'From: a@example.com\r\nSubject: Bomb\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n';

describe('limits: what can be read is read, and the rest is said', () => {
  test('200,000 parts', async () => {
    const message = await parse(`${mixed}--b\r\n\r\nfirst\r\n${'--b\r\n\r\n'.repeat(200_000)}`);
    assert.equal(message.subject, 'Bomb');
    assert.equal(message.text?.trim(), 'first');
    assert.match(message.defect ?? '', /more than 1,000 parts/);
  });

  test('as many parts as are allowed', async () => {
    const part = '--b\r\nContent-Type: image/png\r\n\r\nx\r\n';
    const message = await parse(`${mixed}${part.repeat(messageLimits.parts)}--b--`);
    assert.equal(message.defect, null);
    assert.equal(message.attachments.length, messageLimits.parts);
  });

  const nested = (levels: number) => {
    const begin = (level: number) => `Content-Type: multipart/mixed; boundary=b${level}.\r\n\r\n--b${level}.\r\n`;
    return `Subject: Deep\r\n${Array.from({ length: levels }, (_, level) => begin(level)).join('')}\r\ndeep text`;
  };

  test('300 levels', async () => {
    const message = await parse(nested(300));
    assert.equal(message.subject, 'Deep');
    assert.match(message.defect ?? '', /more than 32 levels/);
  });

  test('as many levels as are allowed', async () => {
    const message = await parse(nested(messageLimits.depth));
    assert.equal(message.text, 'deep text');
    assert.equal(message.defect, null);
  });

  test('3 MB of headers', async () => {
    const message = await parse(`From: a@example.com\r\nSubject: Long\r\n${'X-Filler: y\r\n'.repeat(250_000)}\r\nbody`);
    assert.equal(message.subject, 'Long');
    assert.equal(message.from?.address, 'a@example.com');
    assert.match(message.defect ?? '', /headers are longer than 256 KB/);
  });

  test('as many bytes of headers as are allowed', async () => {
    const filler = 'X-Filler: y\r\n'.repeat(Math.floor((messageLimits.headerBytes - 100) / 13));
    const message = await parse(`Subject: Long\r\n${filler}\r\nbody`);
    assert.equal(message.text, 'body');
    assert.equal(message.defect, null);
  });

  test('40,000 recipients', async () => {
    const message = await parse(`To: ${'a@example.com, '.repeat(15_000)}\r\n\r\nbody`);
    assert.equal(message.to.length, messageLimits.addresses);
    assert.equal(message.text, 'body');
    assert.match(message.defect ?? '', /more than 500 addresses/);
  });

  test('a text of 10 MB', async () => {
    const message = await parse(`\r\n${'ä'.repeat(10_000_000)}`);
    assert.ok(Buffer.byteLength(message.text ?? '') <= messageLimits.textBytes);
    assert.ok((message.text ?? '').length > messageLimits.textBytes / 3);
    assert.match(message.defect ?? '', /text is too long/);
  });

  test('a boundary that never comes', async () => {
    const message = await parse(`${mixed}Nobody made parts of this.`);
    assert.equal(message.text, 'Nobody made parts of this.');
    assert.match(message.defect ?? '', /not all of them could be found/);
  });

  test('no boundary at all', async () => {
    const message = await parse('Content-Type: multipart/mixed\r\n\r\nNobody made parts of this.');
    assert.equal(message.text, 'Nobody made parts of this.');
    assert.match(message.defect ?? '', /not all of them could be found/);
  });

  test('a mail that ends in the middle of a part', async () => {
    const message = await parse(`${mixed}--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF`);
    assert.equal(Buffer.from(message.attachments[0]?.content ?? []).toString(), '%PDF');
  });
});

describe('hostile mail is read in bounded time', () => {
  const filler = (pattern: string, bytes: number) => pattern.repeat(Math.ceil(bytes / pattern.length));
  const MB = 1_000_000;
  for (const [what, raw] of [
    ['25 MB of dashes', `${mixed}--b\r\n\r\n${filler('\n--', 25 * MB)}`],
    ['25 MB of empty lines', `${mixed}--b\r\n\r\n${filler('\n', 25 * MB)}`],
    ['25 MB of almost boundaries', `${mixed}--b\r\n\r\n${filler('\n--bx', 25 * MB)}`],
    [
      'HTML that never closes beside text',
      `${mixed}--b\r\n\r\nx\r\n--b\r\nContent-Type: text/html\r\n\r\n${filler('<a href="', MB)}`,
    ],
    ['groups in groups', `To: ${filler('a:', 250_000)}\r\n\r\n`],
    ['brackets', `References: ${filler('<', 250_000)}\r\nDate: ${filler('(', 5_000)}\r\n\r\n`],
    ['encoded words', `Subject: ${filler('=?utf-8?q?a?= ', 250_000)}\r\n\r\n`],
    ['blanks in a parameter', `Content-Type: text/plain;${filler(' ', 250_000)}x\r\n\r\n`],
    ['names of parameters', `Content-Type: text/plain; ${filler('name  ', 250_000)}\r\n\r\n`],
    ['parameter sections', `Content-Type: text/plain; ${filler('name*1*=a; ', 250_000)}\r\n\r\n`],
  ] as const) {
    test(what, async () => {
      // A tenth of what is allowed is usual; what grows with the square of its input takes minutes.
      await parse(raw);
    });
  }
});

describe('whatever comes, a message comes out', () => {
  const words = fc.constantFrom(
    ...['From: ', 'To: ', 'Subject: ', 'Content-Type: ', 'Content-Transfer-Encoding: base64', 'Content-Disposition: '],
    ...['multipart/mixed; boundary=b', 'text/html', 'text/plain; charset=utf-7', 'attachment; filename="a/b.pdf"'],
    ...[
      '\r\n',
      '\r\n\r\n',
      '\n',
      '--b',
      '--b--',
      '"',
      '<',
      '>',
      ';',
      '=?utf-8?B?',
      '?=',
      '\u0000',
      '\u202e',
      '😀',
      'message/rfc822',
    ],
  );
  const mail = fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 60 });

  test('from words of mail in any order', async () => {
    await fc.assert(
      fc.asyncProperty(mail, async (parts) => {
        const message = await parseMessage(Buffer.from(parts.join('')));
        assert.ok(message.subject.length <= messageLimits.subjectChars);
        const names = message.attachments.map(({ fileName }) => fileName);
        assert.equal(new Set(names).size, names.length);
        for (const name of names) {
          assert.match(name, /^[^\p{Cc}\u202a-\u202e\u2066-\u2069/\\]{1,200}$/u);
        }
        for (const { address } of [message.from ?? [], message.to, message.cc, message.replyTo].flat()) {
          assert.match(address, /^$|^[^\s\p{Cc}<>@",;:]+@[^\s\p{Cc}<>@",;:]+$/u);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('from any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        assert.equal(typeof (await parseMessage(bytes)).subject, 'string');
      }),
      { numRuns: 500 },
    );
  });
});
