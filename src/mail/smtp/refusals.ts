import { AppError, type ErrorKind } from '../../domain/app-error';
import { cutText, singleLine } from '../../domain/text';
import { accountDisabled, meaningOfRefusal, saysAccountDisabled } from '../sign-in-refusals';
import { smtpLimits } from './limits';
import { type Reply, waitInWords } from './replies';

/** What a server's refusals mean, and what to do about them. Codes: RFC 5321 §4.2.3, RFC 3463, RFC 4954 §6. */

interface Rule {
  code: string;
  kind: ErrorKind;
  message: string;
  /** Milliseconds to wait when the words name no time. */
  waitMs?: number;
  applies(reply: Reply): boolean;
}

const isTemporary = ({ code }: Reply) => code >= 400 && code < 500;
const says = (pattern: RegExp) => (reply: Reply) => pattern.test(reply.shown);

const signInRules: readonly Rule[] = [
  {
    code: 'account-disabled',
    kind: 'access',
    message: accountDisabled,
    applies: (reply) => !isTemporary(reply) && saysAccountDisabled(reply.shown),
  },
  {
    code: 'smtp-auth-disabled',
    kind: 'access',
    message:
      'Microsoft 365 does not let this mailbox send by SMTP. Have an administrator allow "Authenticated SMTP" for the mailbox (Microsoft 365 admin center, user, Mail, Manage email apps), or use the Graph API.',
    // 5.7.139 stands for wrong credentials, locked accounts and conditional access too; those say so.
    applies: says(/SmtpClientAuth|5\.7\.139(?!.*(incorrect|locked|expired|criteria))/i),
  },
  {
    code: 'sign-in-not-offered',
    kind: 'access',
    message:
      'The mail server offers no sign-in here. Check port and encryption, or leave user name and password empty if the server takes mail without.',
    applies: ({ code }) => [500, 502, 503, 504].includes(code),
  },
  {
    code: 'sign-in-unavailable',
    kind: 'transient',
    message: 'The mail server cannot sign in anybody right now. It is tried again.',
    // "535 Error: authentication failed, system busy" (QQ), "535 5.7.0 Too many bad auth attempts" (Yahoo).
    applies: (reply) => isTemporary(reply) || meaningOfRefusal(reply.shown) === 'passes',
  },
];

/** A refused sign-in. */
export function signInRefused(reply: Reply, byToken: boolean, cause?: unknown): AppError {
  const rule = signInRules.find(({ applies }) => applies(reply));
  if (rule !== undefined) return refusal(rule, reply, 'sign-in', cause);
  const message = byToken
    ? 'The mail server refused the access token. Authorize the connection again, and check that the account may send by SMTP.'
    : 'The mail server refused user name and password. Check both; some providers want an app password, or SMTP to be allowed for the account.';
  return new AppError('sign-in-failed', 'access', message, { step: 'sign-in', detail: reply.shown, cause });
}

/** The server offers nothing that can be used; nothing was sent. @param offered as EHLO named them */
export function mechanismsUnknown(offered: readonly string[], byToken: boolean): AppError {
  if (offered.length === 0) {
    return new AppError(
      'sign-in-not-offered',
      'access',
      'The mail server offers no sign-in here, so the password was not sent. Check port and encryption, or leave user name and password empty if the server takes mail without.',
      { step: 'sign-in' },
    );
  }
  const message = byToken
    ? 'The mail server takes no access tokens here (XOAUTH2). Check host and port, and that the server allows OAuth2 for SMTP.'
    : 'The mail server offers no way to sign in that Letterbox knows, so the password was not sent. Have it allow PLAIN or LOGIN over an encrypted connection.';
  return new AppError('sign-in-not-offered', 'access', message, {
    step: 'sign-in',
    detail: cutText(singleLine(`AUTH ${offered.join(' ')}`), 200),
  });
}

export type Command = 'MAIL FROM' | 'RCPT TO' | 'DATA';

const tooLarge: Rule = {
  code: 'mail-too-large',
  kind: 'message',
  message: 'The mail is larger than the mail server takes. Remove attachments, or send links to them.',
  applies: ({ code, enhanced }) =>
    code === 523 || enhanced === '5.3.4' || enhanced === '5.2.3' || (code === 552 && !enhanced.startsWith('5.2')),
};
const greylisted: Rule = {
  code: 'greylisted',
  kind: 'transient',
  message: 'The mail server takes mail of unknown senders only at the second try (greylisting). It is tried again.',
  waitMs: smtpLimits.greylistMs,
  applies: (reply) => isTemporary(reply) && /gr[ae]y-?list/i.test(reply.shown),
};
const rateLimited: Rule = {
  code: 'rate-limited',
  kind: 'transient',
  message: 'The mail server takes no more mail from this account for now. It is tried again later.',
  applies: (reply) =>
    reply.enhanced === '5.4.5' ||
    /(sending|daily|message|recipient|rate|submission).{0,30}(limit|quota).{0,20}exceeded|too many (messages|connections|recipients)|throttl/i.test(
      reply.shown,
    ) ||
    (isTemporary(reply) &&
      // Exchange throttles a sender by 4.7.500 to 4.7.699.
      (/^4\.7\.[56]\d\d$/.test(reply.enhanced) || /\brates?\b|too (many|much|fast)|limit|quota/i.test(reply.shown))),
};
/** 4.7.x: something about security or policy, which may well be greylisting that does not call itself so (RFC 3463 §3.8). */
const deferred: Rule = {
  code: 'mail-deferred',
  kind: 'transient',
  message: 'The mail server puts off the mail; its answer says why, if it does. It is tried again.',
  waitMs: smtpLimits.greylistMs,
  applies: (reply) => isTemporary(reply) && (reply.enhanced.startsWith('4.7.') || /try again/i.test(reply.shown)),
};
const signInRequired: Rule = {
  code: 'sign-in-required',
  kind: 'access',
  message:
    'The mail server takes mail only after a sign-in. Enter user name and password, and check port and encryption.',
  applies: ({ code, shown }) => code === 530 || /authentication required|not authenticated|5\.7\.57/i.test(shown),
};
const relayRefused: Rule = {
  code: 'relay-refused',
  kind: 'access',
  message:
    'The mail server does not pass on mail to other domains for this connection. Enter user name and password, or have the server allow the gateway to relay.',
  applies: (reply) => !isTemporary(reply) && /\brelay/i.test(reply.shown),
};
const sendAs: Rule = {
  code: 'sender-refused',
  kind: 'access',
  message:
    'The account that signs in is not allowed to send as the From address. Use its own address, or have it given the right "Send as" for that mailbox.',
  applies: says(/send ?as|5\.7\.60|5\.2\.252|sender address rejected|not owned by|not permitted to send/i),
};
const senderRefused: Rule = { ...sendAs, applies: (reply) => !isTemporary(reply) };
const mailboxUnavailable: Rule = {
  code: 'mailbox-unavailable',
  kind: 'transient',
  message: "The recipient's mailbox cannot be reached right now. It is tried again.",
  applies: isTemporary,
};
const recipientRefused: Rule = {
  code: 'recipient-refused',
  kind: 'message',
  message: 'The mail server refused the recipient. Check the address for mistakes.',
  applies: () => true,
};
const busy: Rule = {
  code: 'server-busy',
  kind: 'transient',
  message: 'The mail server cannot take the mail right now. It is tried again.',
  applies: isTemporary,
};
const mailRefused: Rule = {
  code: 'mail-refused',
  kind: 'message',
  message:
    'The mail server refused the mail for what it holds. Its answer says why; spam filters and forbidden attachments are the usual reasons.',
  applies: () => true,
};

/** In the order in which they are asked. */
const sendRules: Record<Command, readonly Rule[]> = {
  'MAIL FROM': [tooLarge, greylisted, rateLimited, signInRequired, deferred, busy, senderRefused],
  'RCPT TO': [
    greylisted,
    rateLimited,
    signInRequired,
    relayRefused,
    sendAs,
    deferred,
    mailboxUnavailable,
    recipientRefused,
  ],
  DATA: [tooLarge, greylisted, rateLimited, signInRequired, sendAs, deferred, busy, mailRefused],
};

/** A refused mail, by the command that was refused. */
export function sendRefused(reply: Reply, command: Command, cause?: unknown): AppError {
  return refusal(sendRules[command].find(({ applies }) => applies(reply)) ?? mailRefused, reply, undefined, cause);
}

/** The mail is larger than the server announced to take (RFC 1870 §4); nothing was sent. */
export const largerThanAnnounced = (cause: unknown) =>
  refusal(tooLarge, { code: 0, enhanced: '', shown: '' }, undefined, cause);

function refusal(
  { code, kind, message, waitMs }: Rule,
  reply: Reply,
  step: string | undefined,
  cause: unknown,
): AppError {
  const retryAfterMs = kind === 'transient' ? (waitInWords(reply.shown) ?? waitMs) : undefined;
  return new AppError(code, kind, message, { step, detail: reply.shown || undefined, retryAfterMs, cause });
}
