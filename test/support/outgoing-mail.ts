import type { OutgoingMail } from '../../src/domain/mailer';
import type { Attachment } from '../../src/domain/message';

/** A plain mail to one recipient, with what a test is about in place of its parts. */
export function outgoingMail(changes: Partial<OutgoingMail> = {}): OutgoingMail {
  return {
    from: { name: 'Support', address: 'support@example.com' },
    to: [{ name: 'Ada', address: 'ada@example.org' }],
    cc: [],
    bcc: [],
    replyTo: [],
    subject: 'Hello',
    text: 'Good morning.',
    html: null,
    attachments: [],
    inReplyTo: null,
    references: [],
    automatic: false,
    ...changes,
  };
}

export function attachment(changes: Partial<Attachment> = {}): Attachment {
  return {
    fileName: 'notes.txt',
    mimeType: 'text/plain',
    content: Buffer.from('Some notes'),
    contentId: null,
    inline: false,
    ...changes,
  };
}

/** The header of a raw mail, as lines that are not folded any more. */
export function headerLines(raw: Uint8Array): string[] {
  const text = Buffer.from(raw).toString('utf8');
  return text
    .slice(0, text.indexOf('\r\n\r\n'))
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
}
