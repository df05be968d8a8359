import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMessage } from '../../src/mail/mime';
import { bytesOf as bytes, fileNames, parseLines as parse } from './parse-lines';

describe('headers', () => {
  test('reads people, ids and the date', async () => {
    const message = await parse(
      'From: "Doe, Jane" <jane@EXAMPLE.com>',
      'To: Team: a@example.com, Bob <b@example.com>;, c@example.com',
      'Reply-To: help@example.com',
      'Message-ID: <1@example.com>',
      'References: <a@x> <b@x>',
      ' <a@x>',
      'In-Reply-To: <b@x>',
      'Date: Fri, 20 Nov 2026 08:00:00 +0100',
      '',
      'Hello',
    );
    assert.deepEqual(message.from, { name: 'Doe, Jane', address: 'jane@example.com' });
    assert.deepEqual(
      message.to.map(({ address }) => address),
      ['a@example.com', 'b@example.com', 'c@example.com'],
    );
    assert.deepEqual(message.replyTo, [{ name: '', address: 'help@example.com' }]);
    assert.equal(message.messageId, '1@example.com');
    assert.deepEqual(message.references, ['a@x', 'b@x']);
    assert.equal(message.inReplyTo, 'b@x');
    assert.equal(message.date, Date.UTC(2026, 10, 20, 7));
    assert.equal(message.text, 'Hello');
    assert.equal(message.defect, null);
  });

  for (const [what, date, expected] of [
    ['a comment', 'Fri, 20 Nov 2026 08:00:00 +0000 (GMT (really))', Date.UTC(2026, 10, 20, 8)],
    ['an unknown zone', 'Fri, 20 Nov 2026 08:00:00 XYZT', Date.UTC(2026, 10, 20, 8)],
    ['nonsense', 'yesterday', null],
    ['the year 9999', 'Fri, 20 Nov 9999 08:00:00 +0000', null],
  ] as const) {
    test(`understands a date with ${what}`, async () => {
      assert.equal((await parse(`Date: ${date}`, '', '')).date, expected);
    });
  }

  test('keeps the name of a group without members, and no address', async () => {
    assert.deepEqual((await parse('To: undisclosed-recipients:;', '', '')).to, [
      { name: 'undisclosed-recipients', address: '' },
    ]);
  });

  for (const address of [
    'a@b@example.com',
    'a b@example.com',
    '"quoted local"@example.com',
    'a@exa mple.com',
    'a@-example.com',
    'a@example..com',
    `${'a'.repeat(65)}@example.com`,
  ]) {
    test(`shows the unsafe address ${address.slice(0, 30)} but never as an address`, async () => {
      const { from } = await parse(`From: Eve <${address}>`, '', '');
      assert.equal(from?.address, '');
      assert.notEqual(from?.name, '');
    });
  }

  for (const address of ["o'brien+tag@example.com", 'a.b_c-d@sub.example.co.uk', 'x@localhost']) {
    test(`lets the ordinary address ${address} through`, async () => {
      assert.equal((await parse(`From: <${address}>`, '', '')).from?.address, address);
    });
  }

  test('removes control and bidirectional characters from names and subjects, and keeps joiners', async () => {
    const encoded = (text: string) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
    const message = await parse(
      `From: ${encoded('Boss\u202egpj\u0007\nX')} <boss@example.com>`,
      `Subject: ${encoded('a\r\nBcc: b\u2066\u0000c 👩‍💻')}`,
      '',
      '',
    );
    assert.equal(message.from?.name, 'Bossgpj X');
    assert.equal(message.subject, 'a Bcc: b c 👩‍💻');
  });

  test('cuts a long subject, but not through a character', async () => {
    const { subject } = await parse(
      `Subject: =?utf-8?B?${Buffer.from(`a${'😀'.repeat(200)}`).toString('base64')}?=`,
      '',
      '',
    );
    assert.equal(subject, `a${'😀'.repeat(127)}`);
  });

  test('reads headers in raw Latin-1 and in raw UTF-8', async () => {
    assert.equal((await parse('Subject: Gr\xfc\xdfe \x80', '', '')).subject, 'Grüße €');
    const utf8 = await parseMessage(Buffer.from('Subject: Grüße\r\n\r\n'));
    assert.equal(utf8.subject, 'Grüße');
  });

  test('lists the headers in their order, without any of its own', async () => {
    const message = await parse(
      'X-One: 1',
      'Content-Type: text/csv; name=a.csv',
      'x-two: a',
      '\tb',
      'X-One: 2',
      '',
      '1;2',
    );
    assert.deepEqual(message.headers, [
      { name: 'x-one', value: '1' },
      { name: 'content-type', value: 'text/csv; name=a.csv' },
      { name: 'x-two', value: 'a b' },
      { name: 'x-one', value: '2' },
    ]);
  });
});

describe('text', () => {
  const textIn = async (charset: string, body: string) =>
    parse(`Content-Type: text/plain; charset=${charset}`, '', body);

  for (const [charset, body, expected] of [
    ['windows-1252', '\x80 \x93x\x94', '€ “x”'],
    ['iso-8859-15', '\xa4', '€'],
    ['us-ascii', 'Gr\xc3\xbc\xc3\x9fe', 'Grüße'],
    ['utf-7', 'Hi +AOk-t+AOk- +- +2D3eAA-', 'Hi été + 😀'],
    ['cp437', '\x81 \x9b \xe1', 'ü ¢ ß'],
    ['IBM850', '\x81 \xb8 \xe1', 'ü © ß'],
    ['cp932', '\x82\xb1', 'こ'],
    ['hz-gb-2312', '~{<:Ky2;~} ~~', '己所不 ~'],
    ['iso-2022-kr', '\x1b$)C\x0e0!\x0f a', '가 a'],
  ] as const) {
    test(`reads ${charset}`, async () => {
      const message = await textIn(charset, body);
      assert.equal(message.text, expected);
      assert.equal(message.defect, null);
    });
  }

  test('says which character set it does not know, and shows what it can', async () => {
    const message = await textIn('klingon-1', 'Gr\xfc\xdfe');
    assert.equal(message.text, 'Grüße');
    assert.match(message.defect ?? '', /klingon-1/);
  });

  test('takes text without a character set for UTF-8 if it can be, else for Latin letters', async () => {
    assert.equal((await parse('', 'Gr\xc3\xbc\xc3\x9fe')).text, 'Grüße');
    assert.equal((await parse('', 'Gr\xfc\xdfe')).text, 'Grüße');
  });

  test('joins flowed lines of the same quote depth only', async () => {
    const flowed = (more: string) =>
      parse(
        `Content-Type: text/plain; format=flowed${more}`,
        '',
        '> a ',
        '> b',
        '>> c ',
        'd ',
        'e',
        ' stuffed',
        '-- ',
        'Sig',
      );
    assert.equal((await flowed('')).text, '> a b\n>> c \nd e\nstuffed\n-- \nSig');
    assert.equal((await flowed('; delsp=yes')).text, '> ab\n>> c\nde\nstuffed\n-- \nSig');
  });

  const part = (type: string, body: string) => ['--b', `Content-Type: ${type}`, '', body];

  test('keeps one of alternatives for each kind', async () => {
    const message = await parse(
      'Content-Type: multipart/alternative; boundary=b',
      '',
      ...part('text/plain', 'plain'),
      ...part('text/html', '<p>html</p>'),
      '--b--',
    );
    assert.equal(message.text, 'plain');
    assert.equal(message.html, '<p>html</p>');
    assert.deepEqual(message.attachments, []);
  });

  test('puts a plain footer below the HTML that it follows', async () => {
    const message = await parse(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      ...part('text/html', '<p>html</p>'),
      ...part('text/plain', 'list <footer>'),
      '--b--',
    );
    assert.match(message.html ?? '', /^<p>html<\/p>\n<div[^>]*>list &lt;footer&gt;<\/div>$/);
  });

  test('makes a named text after the body a file, line ends and all', async () => {
    const message = await parse(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      ...part('text/plain', 'body'),
      '--b',
      'Content-Type: text/plain; name=log.txt',
      'Content-Disposition: inline; filename="log.txt"',
      '',
      'one\ntwo\r\n',
      '--b--',
    );
    assert.equal(message.text, 'body');
    assert.deepEqual(fileNames(message), ['log.txt']);
    assert.equal(bytes(message), 'one\ntwo\r\n');
  });
});
