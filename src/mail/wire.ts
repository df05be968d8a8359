import * as z from 'zod';
import { AppError, errorKinds } from '../domain/app-error';
import { afterDownloadActions, connectionVariants, imapPorts, type SettingsOf } from '../domain/connection';
import { positionChars } from '../domain/limits';
import { type CheckReport, checkSteps, type Folder, type Listing, type Settled } from '../domain/ports';
import { type Estimate, type Preview, previewSize, startSchema } from '../domain/start';
import { protocolLogLimits } from './protocol-log';

/**
 * What the app and the gateway say to each other: `POST /v1/mailbox/<operation>` with a JSON body. An answer is 200 with an
 * `Answer` in JSON, or with frames for `fetch`, whatever the mailbox did; other statuses are about the request itself.
 */

const { imap, pop3 } = connectionVariants;

/** The part of a connection's settings that it takes to reach its mailbox. Names and targets stay at home. */
export const mailboxSettings = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: imap.provider,
    encryption: imap.encryption,
    host: imap.host,
    port: imap.port,
    username: imap.username,
    folder: imap.folder,
    timeoutMs: imap.timeoutMs,
    largestMailMb: imap.largestMailMb,
    privateCa: imap.privateCa,
  }),
  z.strictObject({
    provider: pop3.provider,
    encryption: pop3.encryption,
    host: pop3.host,
    port: pop3.port,
    username: pop3.username,
    timeoutMs: pop3.timeoutMs,
    privateCa: pop3.privateCa,
  }),
]);
export type MailboxSettings = z.output<typeof mailboxSettings>;

const secret = z.string().min(1).max(10_000);
/** How the gateway signs in. */
export const mailboxCredentials = z.union([
  z.strictObject({ password: secret }),
  z.strictObject({ accessToken: secret }),
]);
export type MailboxCredentials = z.output<typeof mailboxCredentials>;

/** Leaves out what the gateway has no use for. Microsoft's IMAP is IMAP, at fixed ports, as the mailbox that is meant. */
export function mailboxSettingsOf(settings: SettingsOf<'imap' | 'pop3' | 'microsoft-imap'>): MailboxSettings {
  const { host, username, folder, timeoutMs, largestMailMb } = settings;
  if (settings.provider === 'pop3') {
    const { provider, encryption, port, privateCa } = settings;
    return { provider, encryption, host, port, username, timeoutMs, privateCa };
  }
  const common = { provider: 'imap', host, folder, timeoutMs, largestMailMb } as const;
  if (settings.provider === 'imap') {
    const { encryption, port, privateCa } = settings;
    return { ...common, encryption, port, username, privateCa };
  }
  return {
    ...common,
    encryption: 'tls',
    port: imapPorts.tls,
    username: settings.sharedMailbox || username,
    privateCa: '',
  };
}

/** Handles in one request. */
export const handlesPerRequest = 500;

const count = z.number().int().min(0);
const position = z.string().max(positionChars).nullable();
const handle = z.string().min(1).max(500);
const handles = z.array(handle).min(1).max(handlesPerRequest);
const mailbox = {
  settings: mailboxSettings,
  credentials: mailboxCredentials,
  /** Whether the answer brings the protocol. Left out unless it is wanted: a gateway of an older version does not know it. */
  debug: z.boolean().optional(),
};

/** What each operation takes. */
export const requests = {
  check: z.strictObject(mailbox),
  folders: z.strictObject(mailbox),
  estimate: z.strictObject({ ...mailbox, start: startSchema }),
  begin: z.strictObject({ ...mailbox, start: startSchema }),
  preview: z.strictObject({ ...mailbox, handles: z.array(handle).max(previewSize) }),
  list: z.strictObject({
    ...mailbox,
    position,
    limit: z.number().int().min(1).max(1_000),
  }),
  /** From byte `offset` of the first handle on. */
  fetch: z.strictObject({ ...mailbox, handles, offset: count, maxBytes: count }),
  settle: z.strictObject({ ...mailbox, handles, action: z.enum(afterDownloadActions), moveTo: imap.moveTo }),
} as const;
export type Operation = keyof typeof requests;
export type RequestOf<K extends Operation> = z.output<(typeof requests)[K]>;

const text = z.string().max(10_000);
const nullableText = text.nullable();

/** What each operation answers; `fetch` answers frames. */
export interface Values {
  check: CheckReport;
  folders: Folder[];
  estimate: Estimate;
  begin: string | null;
  preview: Preview[];
  list: Listing;
  settle: Settled[];
}

export const values: { readonly [K in keyof Values]: z.ZodType<Values[K]> } = {
  check: z.strictObject({
    ok: z.boolean(),
    steps: z.array(
      z.strictObject({
        step: z.enum(checkSteps),
        ok: z.boolean(),
        took: z.number(),
        message: text,
        detail: nullableText,
      }),
    ),
    messages: z.strictObject({ total: count, unread: count.nullable() }).nullable(),
  }),
  folders: z.array(z.strictObject({ path: text, selectable: z.boolean() })),
  estimate: z.strictObject({
    count: count.nullable(),
    confidence: z.enum(['exact', 'estimate', 'unknown']),
    deleted: count.optional(),
    reason: nullableText,
    available: z.boolean(),
    first: z.array(handle).max(previewSize),
  }),
  begin: position,
  preview: z.array(z.strictObject({ handle, receivedAt: z.number().nullable(), from: text, subject: text })),
  list: z.strictObject({
    arrivals: z.array(
      z.strictObject({
        handle,
        size: count.nullable(),
        receivedAt: z.number().nullable(),
        unread: z.boolean().nullable(),
      }),
    ),
    position,
    more: z.boolean(),
    reset: z.boolean(),
  }),
  settle: z.array(
    z.discriminatedUnion('outcome', [
      z.strictObject({ handle, outcome: z.enum(['settled', 'gone']) }),
      z.strictObject({ handle, outcome: z.literal('refused'), message: text }),
    ]),
  ),
};

/** An `AppError` without its cause, which stays in the log. */
export const wireError = z.strictObject({
  code: z.string().max(100),
  kind: z.enum(errorKinds),
  message: text,
  retryAfterMs: z.number().optional(),
  field: z.string().optional(),
  step: z.string().optional(),
  detail: z.string().optional(),
  uncertain: z.boolean(),
});
export type WireError = z.output<typeof wireError>;

export function toWireError({
  code,
  kind,
  message,
  retryAfterMs,
  field,
  step,
  detail,
  uncertain,
}: AppError): WireError {
  return {
    code,
    kind,
    message,
    uncertain,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(field === undefined ? {} : { field }),
    ...(step === undefined ? {} : { step }),
    ...(detail === undefined ? {} : { detail }),
  };
}

export function fromWireError({ code, kind, message, ...options }: WireError): AppError {
  return new AppError(code, kind, message, options);
}

/** Lines of the protocol, without secrets. */
export const wireProtocol = z
  .array(z.strictObject({ text: z.string().max(10_000), agoMs: z.number() }))
  .max(protocolLogLimits.lines);

/** The JSON of an answer; with a protocol only where it was asked for. */
export const answer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.unknown(), protocol: wireProtocol.optional() }),
  z.strictObject({ ok: z.literal(false), error: wireError, protocol: wireProtocol.optional() }),
]);
export type Answer = z.output<typeof answer>;
