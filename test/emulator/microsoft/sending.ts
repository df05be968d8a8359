import type { ApiAnswer, ApiCall } from '../provider/api-server';
import { readSubmission, type SubmittedMail } from '../provider/submission';
import type { Directory } from './access';
import { graphError } from './errors';
import { addMessage, type ExchangeMailbox } from './mailbox';

/** Bytes of one request. */
const largestRequest = 4 * 1024 * 1024;
const path = /^\/v1\.0\/(?:me|users\/([^/]+))\/sendMail$/;

export const isSend = (call: ApiCall): boolean => call.method === 'POST' && path.test(call.path);

/** `sendMail` with MIME in base64. What the token may do is looked at first, then the mail. */
export function sendMail(
  call: ApiCall,
  directory: Directory,
  context: { now: number; sent(mail: SubmittedMail): void },
): ApiAnswer {
  const user = path.exec(call.path)?.[1];
  const sender = openSender(directory, call, user === undefined ? null : decodeURIComponent(user));
  if ('status' in sender) return sender;
  if (call.body.byteLength > largestRequest)
    return graphError(413, 'RequestEntityTooLarge', 'The request is too large.');
  if (call.headers['content-type']?.split(';')[0] !== 'text/plain')
    return graphError(400, 'BadRequest', 'The emulator takes mail only as MIME.');
  const text = call.body.toString('latin1');
  if (
    !/^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) &&
    !/^[A-Za-z0-9+/]{2,3}=+$/.test(text)
  )
    return graphError(400, 'ErrorMimeContentInvalidBase64String', 'Invalid base64 string for MIME content.');
  const submission = readSubmission(Buffer.from(text, 'base64'));
  if (submission === null) return graphError(400, 'ErrorMimeContentInvalid', 'The MIME content is invalid.');
  if (submission.invalidField !== null || submission.recipients.length === 0)
    return graphError(400, 'ErrorInvalidRecipients', 'At least one recipient is not valid.');
  const own = call.access.mailbox.toLowerCase();
  const from = submission.from.toLowerCase();
  const isAllowed =
    call.access.application === true ? from === sender.address : from === own || maySendAs(directory, from, own);
  if (!isAllowed) {
    return graphError(
      403,
      'ErrorSendAsDenied',
      'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.',
    );
  }
  const folder = [...sender.folders.values()].find(({ wellKnown }) => wellKnown === 'sentitems');
  addMessage(sender, folder?.id ?? '', submission.raw, context.now, true);
  context.sent({ envelope: { from, to: [...new Set(submission.recipients)] }, raw: submission.raw });
  return { status: 202 };
}

const maySendAs = (directory: Directory, shared: string, account: string) =>
  directory.sendAs.get(shared)?.has(account) ?? false;

function openSender(directory: Directory, call: ApiCall, user: string | null): ExchangeMailbox | ApiAnswer {
  const scopes = call.access.scopes.map((scope) => scope.replace(/^https:\/\/[^/]+\//, ''));
  const own = call.access.mailbox.toLowerCase();
  const address = (user ?? own).toLowerCase();
  if (call.access.application === true && user === null)
    return graphError(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
  const isOwn = !call.access.application && address === own;
  const needed = call.access.application
    ? ['Mail.Send']
    : isOwn
      ? ['Mail.Send', 'Mail.Send.Shared']
      : ['Mail.Send.Shared'];
  if (!needed.some((scope) => scopes.includes(scope))) return graphError(403);
  const mailbox = directory.mailboxes.get(address);
  if (mailbox === undefined) {
    return isOwn
      ? graphError(
          404,
          'MailboxNotEnabledForRESTAPI',
          'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
        )
      : graphError(404, 'ErrorInvalidUser', `The requested user '${user}' is invalid.`);
  }
  if (call.access.application && directory.closedToApps.has(address)) {
    return graphError(
      403,
      'ErrorAccessDenied',
      'Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.',
    );
  }
  return mailbox;
}
