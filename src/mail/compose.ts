import { randomUUID } from 'node:crypto';
import { AppError } from '../domain/app-error';
import { messageLimits, outgoingLimits } from '../domain/limits';
import type { ComposedMail, OutgoingMail } from '../domain/mailer';
import type { Address } from '../domain/message';
import { addressList, headerDate, headerField, headerText, safeAddress, safeMessageIds } from './compose/header-fields';
import { attachmentParts, multipart, type Part, textPart } from './compose/mime-parts';

export interface ComposeOptions {
  /** What the way out takes, in bytes: `outgoingLimits.rawBytes` of its provider. */
  rawBytes: number;
  /** Put before the subject, unless it stands in there already: in an answer to an answer. */
  prefix?: string;
  /** Epoch milliseconds of the Date field; now if nothing is said. */
  now?: number;
  /** The part of the Message-ID before the "@": one mail that is composed twice must keep it. A new one if nothing is said. */
  id?: string;
}

/**
 * Puts a mail into MIME (RFC 5322, RFC 2045) and its recipients into an envelope. Nothing in a text, name or address can add
 * a header, a part or a recipient. Built on nodemailer's encoders rather than its composer, which brings sockets into the app.
 * @throws AppError `message`: `address-invalid`, `no-recipients`, `too-many-recipients`, `too-many-attachments`, `mail-too-large`
 */
export async function composeMail(mail: OutgoingMail, options: ComposeOptions): Promise<ComposedMail> {
  const { now = Date.now(), id = randomUUID(), prefix = '', rawBytes } = options;
  const [from, to, cc, bcc, replyTo] = [[mail.from], mail.to, mail.cc, mail.bcc, mail.replyTo].map(safeAddresses);
  const sender = from?.[0]?.address ?? '';
  const recipients = [...new Set([to, cc, bcc].flatMap((list = []) => list.map(({ address }) => address)))];
  checkCounts(recipients.length, mail.attachments.length);
  checkSize(leastBytes(mail), rawBytes);

  const messageId = `<${safeId(id)}@${sender.slice(sender.lastIndexOf('@') + 1)}>`;
  const answered = safeMessageIds(mail.inReplyTo === null ? [] : [mail.inReplyTo]);
  const references = safeMessageIds([...mail.references, ...answered]);
  const addresses = (name: string, list: Address[] = []) =>
    list.length === 0 ? '' : headerField(name, addressList(list));
  const ids = (name: string, list: readonly string[]) => (list.length === 0 ? '' : headerField(name, list.join(' ')));
  const content = body(mail);
  const header = [
    addresses('From', from),
    addresses('To', to),
    addresses('Cc', cc),
    addresses('Reply-To', replyTo),
    headerField('Subject', headerText(prefixed(mail.subject, prefix), outgoingLimits.subjectChars)),
    headerField('Date', headerDate(now)),
    headerField('Message-ID', messageId),
    ids('In-Reply-To', answered),
    ids('References', shortened(references)),
    mail.automatic ? automaticFields(sender) : '',
    headerField('MIME-Version', '1.0'),
    content.fields,
  ].join('');
  // Ends with a line end, as SMTP would make it: the same bytes go out whichever way they take.
  const raw = Buffer.from(`${header}\r\n${content.body}${content.body.endsWith('\r\n') ? '' : '\r\n'}`);
  checkSize(raw.length, rawBytes);
  return { messageId, envelope: { from: sender, to: recipients }, raw };
}

const safeAddresses = (list: readonly Address[]): Address[] =>
  list.map(({ name, address }) => ({ name, address: safeAddress(address) }));

const prefixed = (subject: string, prefix: string) => (subject.includes(prefix) ? subject : `${prefix} ${subject}`);

/** The text, with the HTML beside it and what both carry around them. */
function body(mail: OutgoingMail): Part {
  const { related, beside } = attachmentParts(mail.attachments, mail.html !== null);
  const text = textPart('plain', mail.text);
  const shown: Part =
    mail.html === null
      ? text
      : multipart('alternative', [text, multipart('related', [textPart('html', mail.html), ...related])]);
  return multipart('mixed', [shown, ...beside]);
}

/** Answering machines leave such mail unanswered (RFC 3834 §5; `X-Auto-Response-Suppress`: MS-OXCMAIL §2.1.3.2.20). */
const automaticFields = (sender: string) =>
  headerField('Auto-Submitted', 'auto-generated') +
  headerField('Precedence', 'bulk') +
  headerField('X-Auto-Response-Suppress', 'All') +
  headerField('X-Loop', sender);

/** The first reference names the thread, the last ones its end (RFC 5322 §3.6.4). */
function shortened(references: readonly string[]): readonly string[] {
  const most = messageLimits.references;
  return references.length <= most ? references : [...references.slice(0, 1), ...references.slice(1 - most)];
}

function safeId(id: string): string {
  if (/^[\w.-]{1,100}$/.test(id)) return id;
  throw new AppError('message-id-invalid', 'bug', 'A message id may hold only letters, digits, ".", "_" and "-".');
}

function checkCounts(recipients: number, attachments: number): void {
  if (recipients === 0)
    throw new AppError('no-recipients', 'message', 'The mail has no recipient. Enter at least one.');
  if (recipients > outgoingLimits.recipients) {
    const message = `The mail has ${recipients} recipients; at most ${outgoingLimits.recipients} are possible. Send it in parts, or to a mailing list.`;
    throw new AppError('too-many-recipients', 'message', message);
  }
  if (attachments > outgoingLimits.attachments) {
    const message = `The mail has ${attachments} attachments; at most ${outgoingLimits.attachments} are possible. Pack them into one file.`;
    throw new AppError('too-many-attachments', 'message', message);
  }
}

/** Bytes that the mail has at least: told before its attachments are encoded, which takes memory. */
const leastBytes = ({ attachments }: OutgoingMail) =>
  attachments.reduce((sum, { content }) => sum + Math.ceil((content.byteLength * 4) / 3), 0);

function checkSize(bytes: number, most: number): void {
  if (bytes <= most) return;
  const mb = (size: number) => (size / 1024 / 1024).toFixed(1);
  const message = `The mail has ${mb(bytes)} MB with its attachments; at most ${mb(most)} MB can be sent this way. Remove attachments, or send links to them.`;
  throw new AppError('mail-too-large', 'message', message);
}
