import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMessage } from '../../src/mail/mime';
import { bytesOf, fileNames, parseLines as parse } from './parse-lines';

const words = 'The fan is loud.';
const textOf = async (...lines: string[]) => ((await parse(...lines)).text ?? '').trim();

describe('where a header begins and ends', () => {
  for (const [what, ...before] of [
    ['nothing before it'],
    ['blank lines', '', ''],
    ['blanks', '  ', '\t'],
    ['the line of an mbox file', 'From bo@example.com Mon Jan 15 10:00:00 2024'],
    ['a quoted line of an mbox file', '>From - Mon Jan 15 10:00:00 2024'],
  ] as const) {
    test(what, async () => {
      const message = await parse(...before, 'From: bo@example.com', 'Subject: x', '', words);
      assert.deepEqual([message.from?.address, message.subject, message.text], ['bo@example.com', 'x', words]);
      const marked = await parse(`\xef\xbb\xbf${[...before, 'From: bo@example.com'].join('\r\n')}`, '', words);
      assert.equal(marked.from?.address, 'bo@example.com');
    });
  }

  test('blanks before the colon, odd folds, and line breaks of any kind', async () => {
    const header = ['Subject: a', '  b', '\t c', ' ', 'From : bo@example.com', '', words];
    for (const lineBreak of ['\r\n', '\n', '\r\r\n']) {
      const message = await parseMessage(Buffer.from(header.join(lineBreak)));
      assert.deepEqual([message.from?.address, message.text], ['bo@example.com', words]);
      assert.equal(message.subject, 'a b c');
    }
  });

  test('a stray line in its middle, and a parameter that is not folded', async () => {
    const message = await parse(
      'Subject: a',
      'stray words',
      'From: bo@example.com',
      'Content-Type: multipart/mixed;',
      'boundary="b"',
      '',
      '--b',
      '',
      words,
      '--b--',
    );
    assert.deepEqual([message.from?.address, message.text, message.defect], ['bo@example.com', words, null]);
  });

  test('no blank line behind it', async () => {
    assert.equal(await textOf('From: bo@example.com', 'Content-Type: text/plain', words), words);
    const link = 'https://example.com/a';
    assert.equal(await textOf('From: bo@example.com', 'Content-Type: text/plain', link, '', 'x'), `${link}\n\nx`);
  });

  for (const body of [
    words,
    `Note: ${words}`,
    `${words}\n\nAnd: the door is stuck.`,
    ` ${words}`,
    `From tomorrow on ${words}`,
  ]) {
    test(`none at all before ${JSON.stringify(body)}`, async () => {
      assert.equal(await textOf(...body.split('\n')), body.trim());
      const part = ['--b', ...body.split('\n'), '--b', '', 'x', '--b--'];
      assert.equal(await textOf('Content-Type: multipart/mixed; boundary=b', '', ...part), `${body}\nx`.trim());
    });
  }
});

describe('a Content-Type that is none is plain text', () => {
  for (const type of [
    'text',
    'text/plain, charset=utf-8',
    'text/plain>',
    '"text/plain"',
    'plain',
    '',
    '; charset=utf-8',
    'text/',
    '<text/plain>',
    '(a comment) text/plain',
    'TEXT/PLAIN ; charset = "utf-8"',
    'text/plain charset=utf-8',
  ]) {
    test(JSON.stringify(type), async () => {
      const message = await parse(`Content-Type: ${type}`, '', words);
      assert.deepEqual([message.text, message.attachments, message.defect], [words, [], null]);
    });
  }
});

describe('boundaries', () => {
  const file = ['Content-Type: application/pdf; name=a.pdf', 'Content-Transfer-Encoding: base64', '', 'JVBERg=='];
  for (const [what, parameter, delimiter, end = '--b--'] of [
    ['words behind the last one', 'boundary=b', '--b', '--b-->'],
    ['more words behind the last one', 'boundary=b', '--b', '--b-- scanned'],
    ['words behind each', 'boundary=b', '--b (part)', '--b-- (end)'],
    ['blanks behind each', 'boundary=b', '--b  \t', '--b-- '],
    ['no last one', 'boundary=b', '--b', ''],
    ['a quote is missing', 'boundary="b', '--b'],
    ['single quotes', "boundary='b'", '--b'],
    ['blanks inside', 'boundary="b c"', '--b c', '--b c--'],
    ['blanks inside, and no quotes', 'boundary=b c', '--b c', '--b c--'],
    ['a blank at its end', 'boundary="b "', '--b'],
    ['a comment behind it', 'boundary=b (outer)', '--b'],
    ['in pieces', 'boundary*1="c"; boundary*0="b"', '--bc', '--bc--'],
    ['no semicolon before it', 'charset=utf-8 boundary=b', '--b'],
    ['equals signs', 'boundary="=_b=="', '--=_b==', '--=_b==--'],
    ['none in the header', 'charset=utf-8', '--b'],
    ['another one in the header', 'boundary=c', '--b'],
  ] as const) {
    test(what, async () => {
      const message = await parse(
        `Content-Type: multipart/mixed; ${parameter}`,
        '',
        delimiter,
        'Content-Type: text/plain',
        '',
        words,
        delimiter,
        ...file,
        end,
        end === '' ? '' : 'Scanned by the gateway',
      );
      assert.equal(message.text, words);
      assert.deepEqual(fileNames(message), ['a.pdf']);
      assert.equal(bytesOf(message), '%PDF');
      assert.equal(message.defect, null);
    });
  }

  test('parts behind the last one are parts', async () => {
    const message = await parse(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      words,
      '--b--',
      '',
      '--b',
      ...file,
      '--b--',
    );
    assert.deepEqual([message.text, bytesOf(message)], [words, '%PDF']);
  });

  test('the outer one ends the inner one, and one may begin with the other', async () => {
    const inner = (boundary: string) => [
      `Content-Type: multipart/alternative; boundary="${boundary}"`,
      '',
      `--${boundary}`,
      '',
      words,
    ];
    for (const boundary of ['b1', 'b--', 'a', 'b x', 'b']) {
      const message = await parse(
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        ...inner(boundary),
        '--b',
        ...file,
        '--b--',
      );
      assert.deepEqual([(message.text ?? '').trim(), bytesOf(message)], [words, '%PDF'], boundary);
    }
  });
});

describe('alternatives', () => {
  const part = (type: string, body: string) => ['--b', `Content-Type: ${type}`, '', body];
  const alternative = (...parts: string[][]) =>
    parse('Content-Type: multipart/alternative; boundary=b', '', ...parts.flat(), '--b--');

  test('of several plain texts the last one is shown', async () => {
    const message = await alternative(part('text/plain', words), part('text/plain', `${words} Really.`));
    assert.deepEqual([message.text, message.attachments], [`${words} Really.`, []]);
  });

  test('of several pages the last one is shown', async () => {
    const message = await alternative(part('text/html', '<p>a</p>'), part('text/html', '<p>a b</p>'));
    assert.deepEqual([message.html, message.attachments], ['<p>a b</p>', []]);
  });

  test('one that says more than what is shown is a file', async () => {
    const message = await alternative(part('text/plain', 'first'), part('text/plain', 'second'));
    assert.equal(message.text, 'second');
    assert.deepEqual([fileNames(message), bytesOf(message)], [['attachment-1.txt'], 'first']);
  });

  test('an AMP page that says no more is nothing, and a file otherwise', async () => {
    const page = '<p>The fan is loud.</p>';
    const amp = (body: string) =>
      alternative(part('text/plain', words), part('text/x-amp-html', body), part('text/html', page));
    const same = await amp(`<html amp4email>${words}</html>`);
    assert.deepEqual([same.text, same.html, same.attachments], [words, page, []]);
    assert.deepEqual(fileNames(await amp('<p>Buy now</p>')), ['attachment-1.html']);
  });

  test('a page may stand with a file inside of an alternative', async () => {
    const message = await alternative(
      part('text/plain', words),
      part('multipart/mixed; boundary=i', ''),
      ['--i', 'Content-Type: text/html', '', '<p>a</p>'],
      ['--i', 'Content-Type: application/pdf; name=a.pdf', '', 'x'],
      ['--i', 'Content-Type: text/html', '', '<p>b</p>', '--i--'],
    );
    assert.deepEqual([message.text, message.html, fileNames(message)], [words, '<p>a</p>\n<p>b</p>', ['a.pdf']]);
  });
});

describe('kinds of text', () => {
  for (const [type, body, expected] of [
    ['text/enriched', '<bold>Hello</bold> <<there\n\nand', 'Hello <there\nand'],
    ['text/enriched', '<fontfamily><param>Times</param>Hello</fontfamily>', 'Hello'],
    ['text/richtext', '<bold>Hello</bold><nl>1 <lt> 2', 'Hello\n1 < 2'],
    ['text/x-unheard-of', 'Hello', 'Hello'],
  ] as const) {
    test(`${type}: ${JSON.stringify(body)}`, async () =>
      assert.equal(await textOf(`Content-Type: ${type}`, '', body), expected));
  }

  for (const [type, name] of [
    ['text/calendar; method=REQUEST', 'attachment-1.ics'],
    ['text/csv', 'attachment-1.csv'],
    ['text/x-vcard', 'attachment-1.vcf'],
    ['application/rtf', 'attachment-1.rtf'],
    ['text/rtf', 'attachment-1.rtf'],
    ['message/partial; number=1', 'attachment-1.txt'],
    ['message/external-body; access-type=ftp', 'attachment-1.txt'],
    ['message/delivery-status', 'attachment-1.txt'],
    ['image/jpg', 'attachment-1.jpg'],
    ['image/pjpeg', 'attachment-1.jfif'],
    ['application/x-pdf', 'attachment-1.pdf'],
    ['application/octet-stream', 'attachment-1.bin'],
  ] as const) {
    test(`${type} is a file, byte for byte`, async () => {
      const content = 'BEGIN:\r\n\n\xc4\r\n';
      const plain = await parse(`Content-Type: ${type}`, '', content);
      const encoded = await parse(
        `Content-Type: ${type}`,
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from(content, 'latin1').toString('base64'),
      );
      for (const message of [plain, encoded])
        assert.deepEqual([fileNames(message), bytesOf(message)], [[name], content]);
    });
  }

  test('bytes that are no text are a file, whatever the header says', async () => {
    const binary = '%PDF\0\x01\x02\x03\0\xff';
    const message = await parse('Content-Type: text/plain', '', binary);
    assert.deepEqual([message.text, bytesOf(message)], [null, binary]);
    assert.equal(await textOf('', `a stray zero\0 is none: ${words}`), `a stray zero\0 is none: ${words}`);
  });

  test('a mail in base64 that is attached is decoded', async () => {
    const mail = 'Subject: x\r\n\r\ny';
    const message = await parse(
      'Content-Type: message/rfc822',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(mail).toString('base64'),
    );
    assert.deepEqual([fileNames(message), bytesOf(message)], [['message.eml'], mail]);
  });
});
