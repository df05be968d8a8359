import type { gmail_v1 } from '@googleapis/gmail';
import type { ApiAnswer, ApiCall } from '../provider/api-server';
import { readSubmission, type SubmittedMail } from '../provider/submission';
import { googleError, scopeMissing } from './errors';
import { addMessage, type GmailAccount, reference } from './mailbox';

const scopes = [
  'https://mail.google.com/',
  'https://www.googleapis.com/auth/gmail.modify',
  'https://www.googleapis.com/auth/gmail.compose',
  'https://www.googleapis.com/auth/gmail.send',
];
const units = 100;
/** Bytes of one upload (the method's discovery document). */
const largestUpload = 36_700_160;

const invalid = (message: string) => googleError(400, { message, reason: 'invalidArgument' });

export const isSend = ({ method, path }: ApiCall): boolean =>
  method === 'POST' && /^(\/upload)?\/gmail\/v1\/users\/me\/messages\/send$/.test(path);

/** `users.messages.send`: as media, or as JSON with the mail in base64url. */
export function sendMessage(
  call: ApiCall,
  account: GmailAccount,
  context: { spend(units: number): ApiAnswer | null; now: number; sent(mail: SubmittedMail): void },
): ApiAnswer {
  if (!call.access.scopes.some((scope) => scopes.includes(scope))) return scopeMissing();
  const mail = call.path.startsWith('/upload/') ? uploaded(call) : fromJson(call);
  if ('status' in mail) return mail;
  if (mail.byteLength > largestUpload)
    return googleError(413, { message: 'Request Entity Too Large', reason: 'uploadTooLarge' });
  if (mail.byteLength === 0)
    return invalid("'raw' RFC822 payload message string or uploading message via /upload/* URL required");
  const submission = readSubmission(mail);
  if (submission?.invalidField)
    return invalid(`Invalid ${submission.invalidField[0]?.toUpperCase()}${submission.invalidField.slice(1)} header`);
  if (submission === null || submission.recipients.length === 0) return invalid('Recipient address required');
  const refusal = context.spend(units);
  if (refusal !== null) return refusal;
  // Nobody sends as somebody else: without an alias Gmail puts the account's own address into From.
  const isOwn = submission.from.toLowerCase() === account.address.toLowerCase();
  const raw = isOwn ? submission.raw : withFrom(submission.raw, account.address);
  const copy = addMessage(account, raw, ['SENT'], context.now);
  context.sent({ envelope: { from: account.address, to: [...new Set(submission.recipients)] }, raw });
  return { status: 200, body: reference(copy) satisfies gmail_v1.Schema$Message };
}

function uploaded(call: ApiCall): Buffer | ApiAnswer {
  if (call.query.get('uploadType') !== 'media') return invalid('The emulator takes uploads only as media.');
  if (call.headers['content-type'] !== 'message/rfc822' && call.body.byteLength > 0)
    return invalid(`Media type '${call.headers['content-type']}' is not supported. Valid media types: [message/*]`);
  return call.body;
}

function fromJson(call: ApiCall): Buffer | ApiAnswer {
  try {
    const { raw = '' }: gmail_v1.Schema$Message = JSON.parse(call.body.toString() || '{}');
    return Buffer.from(raw ?? '', 'base64url');
  } catch {
    return googleError(400, { message: 'Invalid JSON payload received.', reason: 'parseError' });
  }
}

const withFrom = (raw: Buffer, address: string) =>
  Buffer.from(raw.toString('latin1').replace(/^From:.*\r\n(?:[ \t].*\r\n)*/im, `From: ${address}\r\n`), 'latin1');
