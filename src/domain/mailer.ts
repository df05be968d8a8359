import type { Address, Attachment } from './message';
import type { OutgoingSettings } from './outgoing';
import type { CheckReport, MailboxAccess } from './ports';

/** A mail to be sent, before it is put into MIME. Texts may hold anything; composing makes them safe or refuses them. */
export interface OutgoingMail {
  from: Address;
  to: Address[];
  cc: Address[];
  /** Envelope only: never in a header. */
  bcc: Address[];
  replyTo: Address[];
  subject: string;
  text: string;
  html: string | null;
  /** `inline` ones are shown inside the HTML by their content id. */
  attachments: Attachment[];
  /** Of the mail that this one answers; with angle brackets. */
  inReplyTo: string | null;
  references: string[];
  /** Mail that no person wrote says so (RFC 3834): `Auto-Submitted` and its companions. */
  automatic: boolean;
}

/** A mail as it goes over the wire: RFC 5322 bytes, and who gets it. */
export interface ComposedMail {
  /** Ours, with angle brackets; by it a reply finds its issue. */
  messageId: string;
  /** Explicit, so that nothing in a header can change who gets the mail. */
  envelope: { from: string; to: string[] };
  raw: Uint8Array;
}

export interface Sent {
  /** What the recipient sees: ours, or the provider's own where it replaces ours; null if it does not tell. */
  messageId: string | null;
  /** The server's last reply, as text of at most 200 characters. */
  reply: string;
  /** Recipients that the server refused while it took the mail for others. */
  refused: { address: string; reason: string }[];
}

/**
 * One way out of one provider.
 * @throws AppError `transient` (unreachable, rate limited, greylisted), `access` (sign-in, certificate, not allowed to send as),
 * `message` (recipient refused, too large). `uncertain` when the mail may have gone out all the same: it is not sent again.
 */
export interface Mailer {
  /** Walks the steps to the server, and ends before any mail. What the server does wrong is in the report, not thrown. */
  check(): Promise<CheckReport>;
  send(mail: ComposedMail): Promise<Sent>;
  close(): Promise<void>;
}

/**
 * Opens the adapter that fits the settings; no mail server is connected until the first call.
 * @throws AppError `access` when there is nothing to sign in with
 */
export type OpenMailer = (settings: OutgoingSettings, access: MailboxAccess) => Promise<Mailer>;

/**
 * Puts a mail into MIME, of at most `rawBytes`, with `prefix` before the subject unless it stands in there already.
 * @throws AppError `message`: `address-invalid`, `no-recipients`, `too-many-recipients`, `too-many-attachments`, `mail-too-large`
 */
export type ComposeMail = (mail: OutgoingMail, options: { rawBytes: number; prefix?: string }) => Promise<ComposedMail>;
