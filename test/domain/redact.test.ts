import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact, redactCut, redactLine, redactText } from '../../src/domain/redact';
import { assertLinear } from '../support/growth';

const password = 'Tr0ub4dor&3 ü';

test('masks a known secret as it is, in base64 and URL-encoded', () => {
  const base64 = Buffer.from(password).toString('base64').replace(/=+$/, '');
  for (const form of [password, base64, encodeURIComponent(password)]) {
    assert.doesNotMatch(
      redactText(`before ${form} after`, [password]),
      new RegExp(form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')),
    );
  }
});

test('masks a known secret inside of more that was encoded in base64, wherever it begins', () => {
  for (const user of ['a', 'al', 'ali', 'alice@example.com']) {
    const sasl = Buffer.from(`\0${user}\0${password}`).toString('base64');
    const masked = redactText(`sent ${sasl} to it`, [password]);
    assert.match(masked, /\[redacted\]/);
    // What is left must not be more than what stands around the secret.
    const left = masked.replace(/^sent | to it$/g, '').replace('[redacted]', '');
    assert.ok(left.length <= sasl.length - (Buffer.byteLength(password) * 4) / 3 + 3, `${sasl} became ${masked}`);
  }
});

test('a line of a protocol keeps the words that follow a way to sign in, and no secret', () => {
  for (const line of ['2 OK LOGIN completed', 'SASL PLAIN LOGIN XOAUTH2', '+OK PASS accepted']) {
    assert.equal(redactLine(line, [password]), line);
    assert.notEqual(redactText(line, [password]), line, 'anywhere else it could be a secret');
  }
  assert.equal(redactLine(`NO LOGIN ada ${password}`, [password]), 'NO LOGIN ada [redacted]');
  assert.match(redactLine('Bearer abcdefgh.ijklmnop', []), /\[redacted\]/);
});

test('masks a secret that was cut in the middle, and nothing of words that end like one begins', () => {
  for (let length = 4; length <= password.length; length += 1) {
    assert.equal(redactCut(`NO ${password.slice(0, length)}`, [password]), 'NO [redacted]');
  }
  assert.equal(redactCut('NO Tr0', [password]), 'NO Tr0');
});

test('masks by the name of a field, at any depth', () => {
  const value = { user: 'ada', password, nested: [{ accessToken: 'abc', note: 'kept' }] };
  assert.deepEqual(redact(value), {
    user: 'ada',
    password: '[redacted]',
    nested: [{ accessToken: '[redacted]', note: 'kept' }],
  });
});

for (const text of [
  'Authorization: Bearer abcdefgh.ijklmnop',
  'A1 LOGIN ada secret',
  'AUTHENTICATE PLAIN AGFkYQBzZWNyZXQ=',
  'https://ada:secret@example.com/',
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl',
  '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----',
]) {
  test(`masks what looks like a secret: ${text.slice(0, 24)}…`, () => {
    assert.match(redactText(text), /\[redacted\]/);
    assert.doesNotMatch(redactText(text), /secret|AGFkYQ|ijklmnop|eyJzdWIi|MIIE/);
  });
}

test('leaves ordinary text alone', () => {
  const text = 'The server imap.example.com answered "NO mailbox unknown" to SELECT at 10:31:07.';
  assert.equal(redactText(text, [password]), text);
});

test('ends on values that refer to themselves', () => {
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  assert.match(JSON.stringify(redact(loop)), /deep/);
});

for (const [secret, words] of [
  ['two  words', 'NO you sent two words'],
  ['qu"ote\\d', 'NO LOGIN "ada" "qu\\"ote\\\\d"'],
  ['pässwörd', 'NO you sent pÃ¤sswÃ¶rd'],
] as const) {
  test(`masks a secret in the form that a server's words show it in: ${words}`, () => {
    const shown = redactLine(words, [secret]);
    assert.match(shown, /\[redacted\]/);
    for (const part of ['words', 'ote', 'ssw']) assert.ok(!shown.includes(part), shown);
  });
}

test('masks a secret that is no well-formed text', () => {
  const broken = 'Tr0ub4dor\ud800&3';
  assert.equal(redactText(`NO ${broken}`, [broken]), 'NO [redacted]');
  assert.equal(redactText(`user=${encodeURIComponent('Tr0ub4dor\ufffd&3')}`, [broken]), 'user=[redacted]');
});

for (const unit of [
  '-----BEGIN PRIVATE KEY-----',
  '-----END PRIVATE KEY-----',
  '-eyJ-eyJ',
  'eyJ',
  '://a:',
  'bearer ',
  'LOGIN ',
  'a@',
  '=',
  ' ',
]) {
  test(`a text of ${JSON.stringify(unit)} alone costs as much as it is long`, () =>
    assertLinear((size) => redactText(unit.repeat(size / 10)), 400_000, unit));
}

test('hides each of several private keys, and what stands between their lines', () => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----';
  assert.equal(
    redactText(`a ${key} b ${key} c -----END PRIVATE KEY-----`),
    'a [redacted] b [redacted] c -----END PRIVATE KEY-----',
  );
});
