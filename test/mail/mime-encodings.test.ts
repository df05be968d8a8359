import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesOf, fileNames, parseLines as parse } from './parse-lines';

const words = 'The printer on floor two is out of toner.';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const lines = (text: string, size = 76) => (base64(text).match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join('\r\n');
const text = (encoding: string, body: string, type = 'text/plain; charset=utf-8') =>
  parse(`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`, '', body);
const file = (encoding: string, body: string) => text(encoding, body, 'application/octet-stream');

describe('base64', () => {
  const long = `${words} `.repeat(10);
  for (const [what, body, expected] of [
    ['no padding', base64(words).replace(/=+$/, ''), words],
    ['blank lines in between', lines(long).replaceAll('\r\n', '\r\n\r\n'), long],
    ['blanks around lines', lines(long).replaceAll('\r\n', ' \t\r\n  '), long],
    ['short lines', lines(long, 4), long],
    ['each line padded', `${base64('one ')}\r\n${base64('two ')}\r\n${base64('three')}`, 'one two three'],
    ['line feeds only', lines(long).replaceAll('\r\n', '\n'), long],
    ['no line breaks', base64(long), long],
  ] as const) {
    test(what, async () => {
      const asText = await text('base64', body);
      const asFile = await file('base64', body);
      assert.deepEqual([asText.text, asText.defect], [expected, null]);
      assert.deepEqual([bytesOf(asFile), asFile.defect], [expected, null]);
    });
  }

  for (const footer of [
    '____________________\r\nThe list: https://lists.example/house',
    '-- \r\nJohn',
    '\r\nSent from my phone',
  ]) {
    test(`with a footer: ${JSON.stringify(footer)}`, async () => {
      for (const said of [words, `${words}.`, long]) {
        const asText = await text('base64', `${lines(said)}\r\n${footer}`);
        assert.equal(asText.text, `${said}\n${footer.replaceAll('\r\n', '\n').trim()}`);
        assert.equal(asText.defect, null);
        const asFile = await file('base64', `${lines(said)}\r\n${footer}`);
        assert.equal(bytesOf(asFile), said);
        assert.match(asFile.defect ?? '', /not encoded as it says/);
      }
    });
  }

  test('junk in between is skipped, and said', async () => {
    for (const junk of ['!', '\r\n*** scanned ***\r\n', '\0']) {
      const [start, end] = [lines(long).slice(0, 160), lines(long).slice(160)];
      const message = await file('base64', `${start}${junk}${end}`);
      assert.equal(bytesOf(message), long, JSON.stringify(junk));
      assert.match(message.defect ?? '', /not encoded as it says/);
    }
  });

  for (const plain of [
    words,
    'Printer',
    'Help',
    'Hello world',
    'Guten Tag, bitte rufen Sie an.',
    'a',
    'Grüße',
    '12:30',
  ]) {
    test(`a label on plain text is seen through: ${plain}`, async () => {
      const message = await text('base64', Buffer.from(plain).toString('latin1'));
      assert.equal(message.text, plain);
      assert.match(message.defect ?? '', /not encoded as it says/);
    });
  }

  test('but one word that is base64 of text is decoded', async () => {
    assert.equal((await text('base64', 'SGVsbG8h')).text, 'Hello!');
  });

  test('nothing is nothing', async () => {
    const message = await text('base64', '\r\n\r\n');
    assert.deepEqual([message.text, message.attachments, message.defect], [null, [], null]);
  });
});

describe('quoted-printable', () => {
  for (const [what, body, expected] of [
    ['lower-case digits', 'Gr=c3=bc=c3=9fe', 'Grüße'],
    ['soft line breaks within a letter', 'Gr=C3=\r\n=BC=C3=\r\n=9Fe', 'Grüße'],
    ['soft line breaks with blanks and line feeds', 'a= \t\r\nb=\nc', 'abc'],
    ['an equals sign at the end', 'abc=', 'abc'],
    ['equals signs that mean nothing', 'a=b = c = x', 'a=b = c = x'],
    ['raw letters', 'Gr\xc3\xbc\xc3\x9fe', 'Grüße'],
  ] as const) {
    test(what, async () => {
      const message = await text('quoted-printable', body);
      assert.equal(message.text, expected);
      assert.equal(message.defect, null);
    });
  }

  test('what may have been changed by its label alone is told', async () => {
    assert.match((await text('quoted-printable', 'a=b=41')).defect ?? '', /not encoded as it says/);
    assert.match((await file('quoted-printable', 'a=b=41')).defect ?? '', /not encoded as it says/);
    assert.equal((await file('quoted-printable', 'a=b=zz')).defect, null);
  });
});

describe('other encodings', () => {
  for (const label of ['7bit', '8bit', 'binary', '8-bit', '8', 'BINARY', 'none', '', '(a comment) 7bit', 'utf-8']) {
    test(`${JSON.stringify(label)} changes nothing`, async () => {
      const message = await file(label, 'a=41\r\nQUJD\n');
      assert.deepEqual([bytesOf(message), message.defect], ['a=41\r\nQUJD\n', null]);
    });
  }

  for (const [label, expected] of [
    ['BASE64', 'ABC'],
    ['"base64"', 'ABC'],
    ['base-64', 'ABC'],
    ['base64;', 'ABC'],
    ['(a comment) base64', 'ABC'],
  ] as const) {
    test(`${label} is known`, async () => assert.equal(bytesOf(await file(label, 'QUJD')), expected));
  }

  test('base64 whose label was lost is decoded, and told', async () => {
    const long = `${words} `.repeat(10);
    for (const label of ['7bit', '8bit', '']) {
      const asFile = await file(label, lines(long));
      const asText = await text(label, lines(long));
      assert.deepEqual([bytesOf(asFile), asText.text], [long, long]);
      for (const { defect } of [asFile, asText]) assert.match(defect ?? '', /not encoded as it says/);
    }
    for (const other of [base64(long), `${lines(long)}\r\n-- `, lines(long, 40), `id: 1\r\n${lines(long)}`]) {
      const message = await file('7bit', other);
      assert.deepEqual([bytesOf(message), message.defect], [other, null]);
    }
  });

  test('one that nobody knows leaves the bytes, and is told', async () => {
    const message = await file('x-yenc', 'abc');
    assert.equal(bytesOf(message), 'abc');
    assert.match(message.defect ?? '', /x-yenc/);
  });
});

describe('uuencode', () => {
  const dot = ['begin 644 dot.gif', `>1TE&.#EA+6YO="UR96%L;'DM8G5T+6)Y=&5S  '_$`, '`', 'end'].join('\r\n');
  const content = 'GIF89a-not-really-but-bytes\0\x01\xff';

  for (const label of ['x-uuencode', 'uuencode', 'x-uue', 'UUE']) {
    test(`as ${label}`, async () => assert.equal(bytesOf(await file(label, dot)), content));
  }

  test('a label without it is told', async () => {
    const message = await file('x-uuencode', 'abc');
    assert.equal(bytesOf(message), 'abc');
    assert.match(message.defect ?? '', /not encoded as it says/);
  });

  test('within a text it is a file, and the text stays', async () => {
    const message = await parse('', `before\r\n${dot}\r\nafter`);
    assert.deepEqual([message.text, fileNames(message), bytesOf(message)], ['before\nafter', ['dot.gif'], content]);
  });

  test('two of them, blanks at line ends lost', async () => {
    const cut = dot.replaceAll('`', ' ').replace(/ +\r\n/g, '\r\n');
    const message = await parse('', `${dot}\r\n${cut}\r\n`);
    assert.deepEqual(fileNames(message), ['dot.gif', 'dot-2.gif']);
    assert.deepEqual([bytesOf(message, 0), bytesOf(message, 1)], [content, content]);
  });

  for (const [what, body] of [
    ['cut short', dot.replace(/\r\nend$/, '')],
    ['a line that is none', dot.replace("'_$", "'_$abc")],
    ['words', 'begin 644 the new project\r\nwith care\r\nend'],
    ['no mode', dot.replace('644 ', '')],
  ] as const) {
    test(`what only looks like it stays text: ${what}`, async () => {
      const message = await parse('', body);
      assert.deepEqual([message.text, message.attachments], [body.replaceAll('\r\n', '\n'), []]);
    });
  }
});
