import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { messageLimits, outgoingLimits } from '../../src/domain/limits';
import type { OutgoingMail } from '../../src/domain/mailer';
import { composeMail } from '../../src/mail/compose';
import { parseMessage } from '../../src/mail/mime';
import { attachment, headerLines, outgoingMail } from '../support/outgoing-mail';

const rawBytes = outgoingLimits.rawBytes.smtp;
const compose = (changes: Partial<OutgoingMail> = {}) => composeMail(outgoingMail(changes), { rawBytes });
const composed = async (changes: Partial<OutgoingMail> = {}) => {
  const mail = await compose(changes);
  return { mail, message: await parseMessage(mail.raw), lines: headerLines(mail.raw) };
};
const refused = (code: string) => (error: unknown) =>
  error instanceof AppError && error.code === code && error.kind === 'message';
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

test('what was written is what is read: names, languages, both bodies, files and pictures', async () => {
  const sent = outgoingMail({
    from: { name: 'Züri "Support", Team', address: 'support@example.com' },
    to: [
      { name: '山田太郎', address: 'yamada@example.jp' },
      { name: '', address: 'plain@example.org' },
    ],
    cc: [{ name: 'O’Neil, Ann', address: 'ann@example.org' }],
    replyTo: [{ name: 'Desk', address: 'desk@example.com' }],
    subject: 'Grüße aus Zürich: 会議の議事録について、かなり長い件名なので折り返されるはずです 🎉',
    text: 'Zeile eins.\n.punkt\nFrom here\n  indented, and a trailing blank \n日本語\n',
    html: '<p>Grüße <img src="cid:logo@here"></p>',
    attachments: [
      attachment({
        fileName: 'Bericht für März – endgültig und mit einem sehr langen Namen, der gefaltet wird.pdf',
        mimeType: 'application/pdf',
        content: Buffer.from([0, 1, 2, 13, 10, 46, 13, 10, 255]),
      }),
      attachment({ fileName: 'logo.png', mimeType: 'image/png', content: png, contentId: 'logo@here', inline: true }),
    ],
    inReplyTo: '<b@example.org>',
    references: ['<a@example.org>', 'b@example.org'],
  });
  const { mail, message } = await composed(sent);
  assert.deepEqual(message.from, sent.from);
  assert.deepEqual(message.to, sent.to);
  assert.deepEqual(message.cc, sent.cc);
  assert.deepEqual(message.replyTo, sent.replyTo);
  assert.equal(message.subject, sent.subject);
  assert.equal(message.text?.trimEnd(), sent.text.trimEnd());
  assert.equal(message.html?.trim(), sent.html);
  assert.equal(message.inReplyTo, 'b@example.org');
  assert.deepEqual(message.references, ['a@example.org', 'b@example.org']);
  assert.equal(`<${message.messageId}>`, mail.messageId);
  assert.match(mail.messageId, /^<[\w-]{36}@example\.com>$/);
  assert.deepEqual(
    message.attachments
      .map(({ fileName, mimeType, contentId, inline }) => ({ fileName, mimeType, contentId, inline }))
      .sort((a, b) => (a.fileName < b.fileName ? -1 : 1)),
    sent.attachments.map(({ fileName, mimeType, contentId, inline }) => ({ fileName, mimeType, contentId, inline })),
  );
  for (const { fileName, content } of sent.attachments) {
    assert.deepEqual(
      Buffer.from(message.attachments.find((one) => one.fileName === fileName)?.content ?? []),
      Buffer.from(content),
    );
  }
});

test('lines are CRLF, ASCII and no longer than mail servers take', async () => {
  const { mail } = await composed({
    subject: 'ä'.repeat(500),
    text: `${'long '.repeat(1_000)}\n日本語`,
    html: `<p>${'x'.repeat(5_000)}</p>`,
    references: Array.from({ length: 300 }, (_, n) => `<${'r'.repeat(60)}${n}@example.org>`),
  });
  const text = Buffer.from(mail.raw).toString('latin1');
  assert.doesNotMatch(text, /[^\x20-\x7e\r\n]|[^\r]\n|\r[^\n]/);
  assert.ok(
    text.split('\r\n').every((line) => line.length <= 78),
    text.split('\r\n').find((line) => line.length > 78),
  );
});

test('a mail composed twice with the same id keeps its message id', async () => {
  const options = { rawBytes, id: 'note-42', now: Date.UTC(2026, 10, 20, 8, 16, 29) };
  const first = await composeMail(outgoingMail(), options);
  assert.equal(first.messageId, '<note-42@example.com>');
  assert.ok(headerLines(first.raw).includes('Date: Fri, 20 Nov 2026 08:16:29 +0000'));
  assert.notEqual((await compose()).messageId, (await compose()).messageId);
});

test('bcc stands in the envelope only, and nobody gets the mail twice', async () => {
  const { mail, lines } = await composed({
    cc: [
      { name: '', address: 'ada@example.org' },
      { name: '', address: 'cc@example.org' },
    ],
    bcc: [{ name: 'Secret', address: 'secret@example.org' }],
  });
  assert.deepEqual(mail.envelope, {
    from: 'support@example.com',
    to: ['ada@example.org', 'cc@example.org', 'secret@example.org'],
  });
  assert.ok(!/secret|^bcc/im.test(lines.join('\n')));
});

test('an internationalised domain goes out in its ASCII form, in header and envelope', async () => {
  const { mail, lines } = await composed({ to: [{ name: 'Jörg', address: 'joerg@bücher.example' }] });
  assert.deepEqual(mail.envelope.to, ['joerg@xn--bcher-kva.example']);
  assert.ok(lines.some((line) => line.startsWith('To: ') && line.endsWith('<joerg@xn--bcher-kva.example>')));
});

test('mail that no person wrote says so, and other mail does not', async () => {
  const fields = [
    'Auto-Submitted: auto-generated',
    'Precedence: bulk',
    'X-Auto-Response-Suppress: All',
    'X-Loop: support@example.com',
  ];
  const { lines } = await composed({ automatic: true });
  assert.deepEqual(
    lines.filter((line) => fields.includes(line)),
    fields,
  );
  assert.ok(!(await composed()).lines.some((line) => /^(auto|precedence|x-)/i.test(line)));
});

const injections = [
  '\r\nBcc: evil@example.net',
  '\nBcc: evil@example.net',
  '\rBcc: evil@example.net',
  '\u2028Bcc: evil@example.net',
  '\0\r\n\r\nBody',
  '\u0085Bcc: evil@example.net',
  '>\r\nRCPT TO:<evil@example.net>',
];
const neutralised: Record<string, (text: string) => Partial<OutgoingMail>> = {
  'the name of the sender': (text) => ({ from: { name: `A${text}`, address: 'support@example.com' } }),
  'the name of a recipient': (text) => ({ to: [{ name: `A${text}`, address: 'ada@example.org' }] }),
  'the name in Reply-To': (text) => ({ replyTo: [{ name: `A${text}`, address: 'ada@example.org' }] }),
  'the subject': (text) => ({ subject: `A${text}` }),
  'the subject, encoded': (text) => ({ subject: `=?utf-8?B?${Buffer.from(text).toString('base64')}?=` }),
  'the prefix': (text) => ({ subject: `[A${text}] B` }),
  'the message id answered': (text) => ({ inReplyTo: `<a${text}@example.org>` }),
  'a reference': (text) => ({ references: ['<a@example.org>', `<a${text}@example.org>`] }),
  'a file name': (text) => ({ attachments: [attachment({ fileName: `a${text}".txt` })] }),
  'a file type': (text) => ({ attachments: [attachment({ mimeType: `text/plain${text}` })] }),
  'a content id': (text) => ({ html: '<p>', attachments: [attachment({ inline: true, contentId: `a${text}` })] }),
  'the text': (text) => ({ text: `A${text}` }),
  'the HTML': (text) => ({ html: `A${text}` }),
};
for (const [field, change] of Object.entries(neutralised)) {
  test(`nothing in ${field} adds a header, a part or a recipient`, async () => {
    for (const injection of injections) {
      const { mail, message, lines } = await composed(change(injection));
      const words = lines.join('\n').matchAll(/=\?UTF-8\?B\?([^?]*)\?=/g);
      for (const [, word = ''] of words) assert.doesNotMatch(Buffer.from(word, 'base64').toString(), /[\p{Cc}\u2028]/u);
      const honest = await composed(change(''));
      assert.deepEqual(mail.envelope, honest.mail.envelope);
      const names = (all: string[]) => all.map((line) => line.split(':')[0]);
      const isAdded = (name: string | undefined) => !names(honest.lines).includes(name);
      assert.deepEqual(names(lines).filter(isAdded), [], JSON.stringify(injection));
      assert.equal(
        message.headers.some(({ name }) => name === 'bcc'),
        false,
      );
      assert.ok(message.attachments.length <= honest.message.attachments.length);
    }
  });
}

const addressFields: Record<string, (address: string) => Partial<OutgoingMail>> = {
  from: (address) => ({ from: { name: '', address } }),
  to: (address) => ({ to: [{ name: '', address }] }),
  cc: (address) => ({ cc: [{ name: '', address }] }),
  bcc: (address) => ({ bcc: [{ name: '', address }] }),
  'reply-to': (address) => ({ replyTo: [{ name: '', address }] }),
};
for (const [field, change] of Object.entries(addressFields)) {
  test(`an address in ${field} that is more than an address is refused`, async () => {
    for (const injection of [
      ...injections.map((text) => `a@example.org${text}`),
      ...injections.map((text) => `a${text}@example.org`),
      'a@example.org, b@example.org',
      'a@example.org>',
      '"a b"@example.org',
      'a b@example.org',
      '',
      'a',
      'a@',
      '@example.org',
    ])
      await assert.rejects(compose(change(injection)), refused('address-invalid'), JSON.stringify(injection));
    await compose(change("o'neil+tag=x@sub.example.org"));
  });
}

test('a mail needs a recipient, of which there may be only so many', async () => {
  await assert.rejects(compose({ to: [] }), refused('no-recipients'));
  const many = (count: number) => Array.from({ length: count }, (_, n) => ({ name: '', address: `r${n}@example.org` }));
  await assert.rejects(compose({ to: many(outgoingLimits.recipients + 1) }), refused('too-many-recipients'));
  assert.equal(
    (await compose({ to: [], bcc: many(outgoingLimits.recipients) })).envelope.to.length,
    outgoingLimits.recipients,
  );
});

test('a mail that is too large is told before it is sent, and one that just fits goes', async () => {
  const sized = (bytes: number) =>
    composeMail(outgoingMail({ attachments: [attachment({ content: Buffer.alloc(bytes) })] }), { rawBytes: 100_000 });
  await assert.rejects(sized(90_000), refused('mail-too-large'));
  await assert.rejects(sized(74_000), refused('mail-too-large'));
  assert.ok((await sized(72_000)).raw.length <= 100_000);
});

test('a prefix is put before the subject once, and is no way into the header', async () => {
  const subjectWith = async (subject: string, prefix: string) => {
    const { raw } = await composeMail(outgoingMail({ subject }), { rawBytes, prefix });
    assert.ok(!headerLines(raw).some((line) => line.startsWith('X-Evil')));
    return (await parseMessage(raw)).subject;
  };
  assert.equal(await subjectWith('Hello', '[Desk]'), '[Desk] Hello');
  assert.equal(await subjectWith('Re: [Desk] Hello', '[Desk]'), 'Re: [Desk] Hello');
  assert.equal(await subjectWith('Hello', ''), 'Hello');
  assert.equal(await subjectWith('Hello', '[Desk]\r\nX-Evil: 1'), '[Desk] X-Evil: 1 Hello');
});

test('a subject and a name that are too long are cut', async () => {
  const { message } = await composed({
    subject: 'é'.repeat(2_000),
    from: { name: 'n'.repeat(500), address: 'support@example.com' },
  });
  assert.ok(message.subject.length > 200 && message.subject.length <= outgoingLimits.subjectChars);
  assert.equal(message.from?.name.length, outgoingLimits.nameChars);
});

test('of a long thread the first reference and the last ones are kept', async () => {
  const references = Array.from({ length: 300 }, (_, n) => `<${n}@example.org>`);
  const { message } = await composed({ references });
  assert.equal(message.references.length, messageLimits.references);
  assert.equal(message.references[0], '0@example.org');
  assert.equal(message.references.at(-1), '299@example.org');
});

test('an attached mail is sent as a file, since base64 is not for mails', async () => {
  const { lines, mail, message } = await composed({
    attachments: [
      attachment({
        mimeType: 'message/rfc822',
        fileName: 'old.eml',
        content: Buffer.from('Subject: old\r\n\r\nHello'),
      }),
    ],
  });
  assert.ok(lines.some((line) => line.startsWith('Content-Type: multipart/mixed')));
  assert.match(Buffer.from(mail.raw).toString(), /Content-Type: application\/octet-stream/);
  assert.equal(Buffer.from(message.attachments[0]?.content ?? []).toString(), 'Subject: old\r\n\r\nHello');
});
