import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Message } from '../../src/domain/message';
import { parseMessage } from '../../src/mail/mime';
import { parseLines as parse } from './parse-lines';

const greeting = 'Grüße aus Köln, 5 €';
const utf8 = Buffer.from(greeting).toString('latin1');
const textOf = async (charset: string, body: string): Promise<Message> =>
  parse(`Content-Type: text/plain; charset=${charset}`, '', body);

describe('a label is understood however it is written', () => {
  for (const label of [
    '"utf-8"',
    "'utf-8'",
    '\\"utf-8\\"',
    '"utf-8',
    'utf-8"',
    '"\'utf-8\'"',
    '" utf-8 "',
    '“utf-8”',
    '=utf-8',
    'utf-8 (Unicode)',
    'UTF8',
    'utf_8',
    'x-utf-8',
    'utf-8, format=flowed',
    '"utf-8;"',
    '',
    '""',
    '" "',
    '"default"',
    'unknown-8bit',
    'x-unknown',
    'iso-8859-1',
    'windows-1251',
    'gb2312',
    'us-ascii',
    'ansi_x3.4-1968',
    'utf-16',
    'klingon-1',
  ]) {
    test(`valid UTF-8 is UTF-8 under the label ${JSON.stringify(label)}`, async () => {
      const message = await textOf(label, utf8);
      assert.equal(message.text, greeting);
      assert.equal(message.defect, null);
    });
  }

  for (const [label, body, expected] of [
    ['x-sjis', '\x82\xb1', 'こ'],
    ['Shift-JIS', '\x82\xb1', 'こ'],
    ['windows-31j', '\x82\xb1', 'こ'],
    ['MS932', '\x82\xb1', 'こ'],
    ['"cp932"', '\x82\xb1', 'こ'],
    ['_iso-2022-jp$ESC', '\x1b$B$3\x1b(B', 'こ'],
    ['iso-2022-jp-ms', '\x1b$B$3\x1b(B', 'こ'],
    ['cp50221', '\x1b$B$3\x1b(B', 'こ'],
    ['utf-8', '\x1b$B$3\x1b(B', 'こ'],
    ['x-euc-jp', '\xa4\xb3', 'こ'],
    ['eucJP', '\xa4\xb3', 'こ'],
    ['ks_c_5601-1987', '\xb0\xa1', '가'],
    ['KSC5601', '\xb0\xa1', '가'],
    ['cp949', '\xb0\xa1', '가'],
    ['gb2312_charset', '\xc4\xe3\xba\xc3', '你好'],
    ['gb_2312-80', '\xc4\xe3\xba\xc3', '你好'],
    ['x-gbk', '\xc4\xe3\xba\xc3', '你好'],
    ['cp936', '\xc4\xe3\xba\xc3', '你好'],
    ['gb18030', '\xc4\xe3\xba\xc3', '你好'],
    // Valid UTF-8 too, by chance.
    ['gb2312', '\xcd\xa8', '通'],
    ['hz', '~{<:Ky2;~}', '己所不'],
    ['big5-hkscs', '\xa7\x41', '你'],
    ['cp950', '\xa7\x41', '你'],
    ['iso-8859-8-i', '\xf9\xec\xe5\xed', 'שלום'],
    ['iso_8859-8', '\xf9\xec\xe5\xed', 'שלום'],
    ['iso8859-2', '\xb1', 'ą'],
    ['ISO_8859-2:1987', '\xb1', 'ą'],
    ['latin2', '\xb1', 'ą'],
    ['iso-8859-1-windows-3.1-latin-1', '\x80', '€'],
    ['cp1252', '\x80', '€'],
    ['win-1252', '\x80', '€'],
    ['ANSI', '\x80', '€'],
    ['x-cp1251', '\xc4\xe0', 'Да'],
    ['cp866', '\x84\xa0', 'Да'],
    ['koi8r', '\xe4\xc1', 'Да'],
    ['koi8-u', '\xe4\xc1\xa4', 'Дає'],
    ['x-mac-roman', '\x8a', 'ä'],
    ['macintosh', '\x8a', 'ä'],
    ['tis-620', '\xa1', 'ก'],
    ['cp850', '\x84', 'ä'],
    ['dos-850', '\x84', 'ä'],
    ['cp858', '\xd5', '€'],
    ['ibm852', '\xa5', 'ą'],
    ['437', '\x84', 'ä'],
    ['unicode-1-1-utf-7', 'Gr+APwA3w-e', 'Grüße'],
    ['x-unicode-2-0-utf-7', 'Gr+APwA3w-e', 'Grüße'],
    ['utf-16', '\0G\0r\0\xfc', 'Grü'],
    ['utf-16', '\xff\xfeG\0r\0\xfc\0', 'Grü'],
    ['utf-16le', 'G\0r\0\xfc\0', 'Grü'],
    ['iso-10646-ucs-2', '\0G\0r\0\xfc', 'Grü'],
    ['utf-8', '\xff\xfeG\0r\0\xfc\0', 'Grü'],
    ['utf-32', '\xff\xfe\0\0G\0\0\0r\0\0\0\xfc\0\0\0', 'Grü'],
    ['utf-32', '\0\0\0G\0\0\0r\0\0\0\xfc', 'Grü'],
    ['UTF-32LE', 'G\0\0\0r\0\0\0\xfc\0\0\0', 'Grü'],
    ['iso-10646-ucs-4', '\0\0\0G\0\0\0r\0\0\0\xfc', 'Grü'],
    ['iso 8859-2', '\xb1', 'ą'],
    ['latin7', '\xe0', 'ą'],
    ['gb2312', '5 \xa2\xe3', '5 €'],
    ['gbk', '5 \x80', '5 €'],
    ['x-mac-japanese', '\x82\xa0', 'あ'],
    ['x-mac-chinesesimp', '\xc4\xe3', '你'],
    ['10003', '\xb0\xa1', '가'],
    ['iso-2022-kr', '\x1b$)C\x0eGQ1[\x0f!', '한글!'],
    ['iso-2022-cn', '\x1b$)A\x0e=;;;\x0f!', '交换!'],
  ] as const) {
    test(`reads ${label}`, async () => {
      const message = await textOf(label, body);
      assert.equal(message.text, expected);
      assert.equal(message.defect, null);
    });
  }
});

describe('without a label that fits, the rest of the mail is asked', () => {
  const cyrillic = '\xc4\xee\xe1\xf0\xfb\xe9 \xe4\xe5\xed\xfc';
  const page = (declaration: string, label = '') =>
    parse(`Content-Type: text/html${label}`, '', `${declaration}<p>${cyrillic}</p>`);

  for (const declaration of [
    '<meta charset=windows-1251>',
    '<META CHARSET="Windows-1251">',
    '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
    '<?xml version="1.0" encoding="windows-1251"?>',
  ]) {
    test(`the page says ${declaration}`, async () => {
      assert.match((await page(declaration)).html ?? '', /Добрый день/);
      assert.match((await page(declaration, '; charset=us-ascii')).html ?? '', /Добрый день/);
      assert.match((await page(declaration, '; charset=utf-8')).html ?? '', /Добрый день/);
    });
  }

  test('a label that fits is worth more than what the page says', async () => {
    assert.match((await page('<meta charset=koi8-r>', '; charset=windows-1251')).html ?? '', /Добрый день/);
  });

  test('another part says it', async () => {
    const message = await parse(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      cyrillic,
      '--b',
      'Content-Type: text/plain; charset=windows-1251',
      '',
      'x',
      '--b--',
    );
    assert.match(message.text ?? '', /^Добрый день/);
  });

  test('an encoded word says it', async () => {
    const message = await parse('Subject: =?windows-1251?Q?=C4=E0?=', '', cyrillic);
    assert.equal(message.text, 'Добрый день');
  });

  test('raw letters in a header are in the character set of the body', async () => {
    const message = await parse(
      `From: "${cyrillic}" <a@example.com>`,
      `Subject: ${cyrillic}`,
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=windows-1251',
      '',
      cyrillic,
      '--b',
      `Content-Type: application/pdf; name="${cyrillic}.pdf"`,
      '',
      'x',
      '--b--',
    );
    assert.equal(message.subject, 'Добрый день');
    assert.equal(message.from?.name, 'Добрый день');
    assert.equal(message.attachments[0]?.fileName, 'Добрый день.pdf');
  });

  test('statistics say it where nothing else does, and Latin letters stay Latin', async () => {
    const words = 'Здравствуйте, у нас сломался принтер на втором этаже. Пришлите, пожалуйста, мастера.';
    const bytes = Buffer.from([...words].map((letter) => windows1251(letter)));
    const message = await parseMessage(Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), bytes]));
    assert.equal(message.text, words);
    assert.equal(
      (await parse('', 'L\x92imprimante du deuxi\xe8me \xe9tage est en panne')).text,
      'L’imprimante du deuxième étage est en panne',
    );
  });
});

function windows1251(letter: string): number {
  const code = letter.charCodeAt(0);
  return code < 0x80 ? code : code - 0x0410 + 0xc0;
}

describe('nothing becomes U+FFFD without a word', () => {
  test('one damaged byte in a long text: the text is shown, and the damage said', async () => {
    const message = await textOf('utf-8', `${utf8}${utf8}\xff`);
    assert.equal(message.text, `${greeting}${greeting}\ufffd`);
    assert.match(message.defect ?? '', /damaged/);
  });

  test('a label that does not fit: the text is guessed, and that is said', async () => {
    const message = await textOf('utf-8', 'Gr\xfc\xdfe');
    assert.equal(message.text, 'Grüße');
    assert.match(message.defect ?? '', /utf-8/);
  });

  test('a label that nobody knows, and letters that are no UTF-8', async () => {
    const message = await textOf('klingon-1', 'Gr\xfc\xdfe');
    assert.equal(message.text, 'Grüße');
    assert.match(message.defect ?? '', /klingon-1/);
  });

  for (const [label, body] of [
    ['x-mac-ce', '\xdb\xfc'],
    ['x-mac-greek', '\xb0\xc2'],
    ['johab', '\x88\x61'],
    ['cp1361', '\x88\x61'],
    ['iso-2022-cn', '\x1b$)G\x0eGQ\x0f'],
    ['utf-32', '\0\0\0G\0\0\0r\0\0\0\xfc\0\x7f\0\0'],
  ] as const) {
    test(`what cannot be read in ${label} is told`, async () => {
      assert.match((await textOf(label, body)).defect ?? '', /damaged|character set/);
    });
  }

  test('raw letters of another script that nothing names are told, Latin ones are not', async () => {
    for (const raw of ['\xb1\xa8\xb8\xe6.pdf', '\xcf\xf0\xe8\xe2\xe5\xf2']) {
      const message = await parse(`Subject: ${raw}`, 'Content-Type: text/plain; charset=utf-8', '', 'x');
      assert.match(message.defect ?? '', /guessed/);
    }
    assert.equal((await parse('Subject: \xabGr\xfc\xdfe aus K\xf6ln\xbb', '', 'x')).defect, null);
  });

  test('a subject that is damaged', async () => {
    const message = await parse(
      `Subject: =?utf-8?B?${Buffer.from(`${utf8}${utf8}\xff`, 'latin1').toString('base64')}?=`,
      '',
      '',
    );
    assert.match(message.subject, /\ufffd/);
    assert.match(message.defect ?? '', /damaged/);
  });
});
