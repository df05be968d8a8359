import * as z from 'zod';
import { AppError } from '../../domain/app-error';
import { outgoingLimits } from '../../domain/limits';
import type { Mailer } from '../../domain/mailer';
import { withBccField } from '../bcc-field';
import { checkAccess } from '../check-access';
import type { HttpDeps, HttpReply } from '../http';
import { parseJson } from '../http';
import { gmailApi, gmailHost, mailboxPath, readError } from './gmail-api';

const sentSchema = z.object({ id: z.string(), threadId: z.string() });

/** As media: JSON would hold the mail in base64, and takes less of it (Gmail API guide, "Uploading attachments"). */
const sendPath = `/upload${mailboxPath}/messages/send?uploadType=media`;

/**
 * Sends through the Gmail API; needs the scope `gmail.send`, which allows to send and nothing else: whether Gmail kept our
 * Message-ID can't be read back.
 */
export function gmailMailer(settings: { timeoutMs: number }, deps: HttpDeps): Mailer {
  const api = gmailApi(settings.timeoutMs, deps, 'send mail (gmail.send)');
  const post = (mail: string) =>
    api.send({
      method: 'POST',
      path: sendPath,
      headers: { 'content-type': 'message/rfc822' },
      body: mail,
      accept: [400, 413],
    });
  const refused = (reply: HttpReply): AppError => {
    const body = new TextDecoder().decode(reply.body ?? new Uint8Array());
    const error = api.failure(reply.status, reply.headers, body);
    return error.kind === 'access' ? error : refusal(reply.status, readError(body).message);
  };
  return {
    // An empty mail has no recipient and goes nowhere; that Gmail says so, and nothing else, proves the access.
    check: () => checkAccess(gmailHost, deps, () => post(''), refused),
    async send(mail) {
      const raw = withBccField(mail);
      if (raw.byteLength > outgoingLimits.rawBytes.google) throw tooLarge();
      // The mail is valid UTF-8, and mostly ASCII: as text it comes over byte for byte.
      const reply = await post(new TextDecoder().decode(raw));
      if (reply.status >= 300) throw refused(reply);
      const { id } = parseSent(reply);
      return { messageId: null, reply: `Gmail took the mail as message ${id.slice(0, 100)}.`, refused: [] };
    },
    async close() {},
  };
}

function parseSent(reply: HttpReply): z.infer<typeof sentSchema> {
  try {
    return parseJson('Gmail', reply.body ?? new Uint8Array(), sentSchema);
  } catch (cause) {
    const message =
      'Gmail answered something that is not an answer of its API, so nobody knows whether the mail went out. It is not sent again by itself.';
    throw new AppError('bad-answer', 'transient', message, { uncertain: true, cause });
  }
}

/** A mail that Gmail refuses for what it holds; what is wrong with the access comes as an error already. */
function refusal(status: number, detail: string): AppError {
  if (status === 413 || /too large|size/i.test(detail)) return tooLarge(detail);
  if (/invalid (to|cc|bcc) header|recipient/i.test(detail)) {
    const message = 'Gmail refused a recipient. Check the addresses for mistakes.';
    return new AppError('recipient-refused', 'message', message, { detail });
  }
  const message = 'Gmail refused the mail for what it holds. Its answer says why.';
  return new AppError('mail-refused', 'message', message, { detail });
}

const tooLarge = (detail?: string) =>
  new AppError(
    'mail-too-large',
    'message',
    'The mail is larger than Gmail takes. Remove attachments, or send links to them.',
    { detail },
  );
