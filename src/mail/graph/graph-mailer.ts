import { AppError } from '../../domain/app-error';
import { outgoingLimits } from '../../domain/limits';
import type { Mailer } from '../../domain/mailer';
import { withBccField } from '../bcc-field';
import { checkAccess } from '../check-access';
import { type HttpDeps, type HttpReply, httpApi } from '../http';
import { type GraphHost, readError } from './graph-api';

export interface GraphMailerSettings {
  /** Whose mailbox sends: `me`, or an address (shared mailbox; always with application access). */
  mailbox: string;
  /** Access of the app itself (client credentials) rather than of a person who signed in. */
  application: boolean;
  host: GraphHost;
  timeoutMs: number;
}

/**
 * Sends through Microsoft Graph v1.0 (`sendMail` with MIME); needs Mail.Send, or Mail.Send.Shared for somebody else's mailbox,
 * or the application permission Mail.Send. Graph answers nothing but that it took the mail: whether Exchange kept our
 * Message-ID it does not tell.
 */
export function graphMailer(settings: GraphMailerSettings, deps: HttpDeps): Mailer {
  const { mailbox, host, timeoutMs } = settings;
  const api = httpApi(
    {
      name: 'Microsoft 365',
      origin: `https://${host}`,
      timeoutMs,
      explain: (status, body) => explain(settings, status, body),
    },
    deps,
  );
  const path = `/v1.0/${mailbox === 'me' ? 'me' : `users/${encodeURIComponent(mailbox)}`}/sendMail`;
  const post = (body: string) =>
    api.send({ method: 'POST', path, headers: { 'content-type': 'text/plain' }, body, accept: [400, 413] });
  const refused = (reply: HttpReply): AppError => {
    const body = new TextDecoder().decode(reply.body ?? new Uint8Array());
    const error = api.failure(reply.status, reply.headers, body);
    return error.kind === 'access' ? error : refusal(reply.status, readError(body));
  };
  return {
    // Not base64, so there is no mail to send; that Graph says so, and nothing else, proves the access.
    check: () => checkAccess(host, deps, () => post('-'), refused),
    async send(mail) {
      const raw = withBccField(mail);
      if (raw.byteLength > outgoingLimits.rawBytes['microsoft-graph']) throw tooLarge();
      const reply = await post(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('base64'));
      if (reply.status === 202)
        return { messageId: null, reply: 'Microsoft 365 took the mail (202 Accepted).', refused: [] };
      if (reply.status >= 300) throw refused(reply);
      const message =
        'Something that is not Microsoft 365 answered, so nobody knows whether the mail went out. It is not sent again by itself.';
      throw new AppError('bad-answer', 'transient', message, { uncertain: true, detail: `HTTP ${reply.status}` });
    },
    async close() {},
  };
}

function explain(settings: GraphMailerSettings, status: number, body: string): AppError | null {
  const { code, message: detail } = readError(body);
  const access = (name: string, text: string) =>
    new AppError(name, 'access', text, { step: 'sign-in', detail: detail || code });
  if (code === 'MailboxNotEnabledForRESTAPI' || code === 'MailboxNotSupportedForRESTAPI') {
    return access(
      'no-mailbox',
      `${owner(settings)} has no mailbox in Exchange Online (no licence, or the mailbox is on a server of your own).`,
    );
  }
  if (status === 404)
    return access('no-mailbox', `${owner(settings)} is not known to this organisation. Check the address.`);
  if (code === 'ErrorSendAsDenied') {
    return access(
      'sender-refused',
      `${owner(settings)} may not send as the From address. Use its own address, or have it given "Send as" for that mailbox (Exchange admin center, the mailbox, Delegation).`,
    );
  }
  if (code === 'ErrorMessageSubmissionBlocked') {
    return access(
      'sending-blocked',
      'Microsoft 365 has blocked this account from sending. Its administrator finds out why, and lifts it, in the Defender portal (Restricted entities).',
    );
  }
  if (code === 'ErrorExceededMessageLimit') {
    return new AppError('throttled', 'transient', 'Microsoft 365 asks to slow down.', { detail });
  }
  if (status === 403) return access('mailbox-access-denied', missingAccess(settings));
  return null;
}

/** A mail that Graph refuses for what it holds. */
function refusal(status: number, { code, message }: { code: string; message: string }): AppError {
  const detail = message || code;
  if (status === 413 || /size/i.test(code)) return tooLarge(detail);
  if (/recipient/i.test(code)) {
    return new AppError(
      'recipient-refused',
      'message',
      'Microsoft 365 refused a recipient. Check the addresses for mistakes.',
      { detail },
    );
  }
  return new AppError(
    'mail-refused',
    'message',
    'Microsoft 365 refused the mail for what it holds. Its answer says why.',
    { detail },
  );
}

const tooLarge = (detail?: string) =>
  new AppError(
    'mail-too-large',
    'message',
    'The mail is larger than Microsoft Graph takes (3 MB with attachments). Remove attachments, or send by Microsoft 365 SMTP.',
    { detail },
  );

const owner = ({ mailbox }: GraphMailerSettings) => (mailbox === 'me' ? 'The account that signed in' : `"${mailbox}"`);

function missingAccess({ mailbox, application }: GraphMailerSettings): string {
  if (application) {
    return `The app may not send as ${mailbox}. In Microsoft Entra grant the application permission Mail.Send with admin consent; in Exchange check that no application access policy (or RBAC scope) leaves this mailbox out.`;
  }
  if (mailbox === 'me') {
    return 'The account was connected without the permission Mail.Send. Authorize the connection again and accept the permissions asked for.';
  }
  return `The account that signed in may not send as the shared mailbox ${mailbox}. Either the permission Mail.Send.Shared was not granted (authorize the connection again), or the account lacks "Send as" for the mailbox (Exchange admin center, the mailbox, Delegation).`;
}
