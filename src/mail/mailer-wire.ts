import * as z from 'zod';
import { AppError } from '../domain/app-error';
import { outgoingLimits } from '../domain/limits';
import type { ComposedMail, Sent } from '../domain/mailer';
import { type OutgoingSettings, outgoingSettings, smtpPorts } from '../domain/outgoing';
import type { CheckReport } from '../domain/ports';
import { protocolLogLimits } from './protocol-log';
import { values as mailboxValues, wireError } from './wire';

/**
 * What the app and the gateway say to each other about mail that goes out: `POST /v1/mailer/<operation>`. A request is two
 * 32-bit lengths (big-endian), a header in JSON and the raw mail, empty for `check`. An answer is 200 with a `MailerAnswer`
 * in JSON, whatever the mail server did; other statuses are about the request itself.
 */

export type SmtpOutgoing = Extract<OutgoingSettings, { provider: 'smtp' | 'microsoft-smtp' }>;

const smtp = outgoingSettings.options[0].shape;

/** The part of a connection's settings that it takes to reach its mail server. */
export const mailerSettings = z.strictObject({
  encryption: smtp.encryption,
  host: smtp.host,
  port: smtp.port,
  username: smtp.username,
  timeoutMs: smtp.timeoutMs,
  privateCa: smtp.privateCa,
});
export type MailerSettings = z.output<typeof mailerSettings>;

const secret = z.string().min(1).max(10_000);
export const mailerCredentials = z.union([
  z.strictObject({ password: secret }),
  z.strictObject({ accessToken: secret }),
  z.strictObject({ none: z.literal(true) }),
]);
export type MailerCredentials = z.output<typeof mailerCredentials>;

/**
 * Leaves out what the gateway has no use for. Microsoft's SMTP speaks only STARTTLS, and takes a token only from the account that it
 * is of; a shared mailbox stands in MAIL FROM
 * (https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth).
 */
export function mailerSettingsOf(settings: SmtpOutgoing): MailerSettings {
  const { host, timeoutMs, username } = settings;
  if (settings.provider === 'smtp') {
    const { encryption, port, privateCa } = settings;
    return { encryption, host, port, username, timeoutMs, privateCa };
  }
  return { encryption: 'starttls', host, port: smtpPorts.starttls, username, timeoutMs, privateCa: '' };
}

const header = {
  settings: mailerSettings,
  credentials: mailerCredentials,
  /** Whether the answer brings the protocol. */
  debug: z.boolean(),
};
// Safe in a command, whoever composed it (RFC 5321 §4.1.2): no blank, bracket or control character.
const address = z
  .string()
  .max(500)
  .regex(/^[^\s<>\p{Cc}]+@[^\s<>\p{Cc}]+$/u);

export const mailerRequests = {
  check: z.strictObject(header),
  send: z.strictObject({
    ...header,
    messageId: z.string().max(1_000),
    envelope: z.strictObject({ from: address, to: z.array(address).min(1).max(outgoingLimits.recipients) }),
  }),
} as const;
export type MailerOperation = keyof typeof mailerRequests;
export type MailerRequestOf<K extends MailerOperation> = z.output<(typeof mailerRequests)[K]>;

/** Bytes of a request: the largest mail, and its header with a private CA and every recipient. */
export const mailerRequestBytes = outgoingLimits.rawBytes.smtp + 400 * 1024;

export interface MailerValues {
  check: CheckReport;
  send: Sent;
}

const text = z.string().max(10_000);
const sent: z.ZodType<Sent> = z.strictObject({
  messageId: z.string().max(1_000).nullable(),
  reply: text,
  refused: z.array(z.strictObject({ address: text, reason: text })),
});
export const mailerValues: { readonly [K in MailerOperation]: z.ZodType<MailerValues[K]> } = {
  check: mailboxValues.check,
  send: sent,
};

/** Lines of the protocol, without secrets; empty unless they were asked for. */
const protocol = z.array(text).max(protocolLogLimits.lines);
export const mailerAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.unknown(), protocol }),
  z.strictObject({ ok: z.literal(false), error: wireError, protocol }),
]);
export type MailerAnswer = z.output<typeof mailerAnswer>;

const prefixBytes = 8;

export function encodeMailerRequest(head: unknown, raw: Uint8Array = new Uint8Array()): ArrayBuffer {
  const json = Buffer.from(JSON.stringify(head));
  const whole = new ArrayBuffer(prefixBytes + json.length + raw.byteLength);
  const bytes = Buffer.from(whole);
  bytes.writeUInt32BE(json.length, 0);
  bytes.writeUInt32BE(raw.byteLength, 4);
  bytes.set(json, prefixBytes);
  bytes.set(raw, prefixBytes + json.length);
  return whole;
}

/** The parts of a request; null when it is cut, or not one. */
export function decodeMailerRequest(bytes: Uint8Array): { head: unknown; raw: Uint8Array } | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < prefixBytes) return null;
  const rawAt = prefixBytes + view.readUInt32BE(0);
  if (rawAt + view.readUInt32BE(4) !== view.length) return null;
  try {
    return { head: JSON.parse(view.toString('utf8', prefixBytes, rawAt)), raw: view.subarray(rawAt) };
  } catch {
    return null;
  }
}

/** @throws AppError `mail-too-large` for what no request could hold */
export function checkMailerSize({ raw }: ComposedMail): void {
  if (raw.byteLength <= outgoingLimits.rawBytes.smtp) return;
  const message = 'The mail is larger than the gateway takes. Remove attachments, or send links to them.';
  throw new AppError('mail-too-large', 'message', message);
}
