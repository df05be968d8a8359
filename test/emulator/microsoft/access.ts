import type { Access, ApiAnswer } from '../provider/api-server';
import { graphError } from './errors';
import type { ExchangeMailbox } from './mailbox';

export interface Directory {
  mailboxes: Map<string, ExchangeMailbox>;
  /** Address of a shared mailbox → addresses that have Full Access to it. */
  fullAccess: Map<string, Set<string>>;
  /** Address of a mailbox → addresses that may send as it. */
  sendAs: Map<string, Set<string>>;
  /** Mailboxes that an application access policy closes to apps. */
  closedToApps: Set<string>;
}

/** The mailbox that `/me` or `/users/{address}` means for this token, or Exchange's refusal. */
export function openMailbox(
  directory: Directory,
  access: Access,
  user: string | null,
  writes: boolean,
): ExchangeMailbox | ApiAnswer {
  const scopes = access.scopes.map((scope) => scope.replace(/^https:\/\/[^/]+\//, ''));
  const has = (...wanted: string[]) => wanted.some((scope) => scopes.includes(scope));
  if (access.application) {
    if (user === null)
      return graphError(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
    if (!has('Mail.ReadWrite', ...(writes ? [] : ['Mail.Read']))) return graphError(403);
    const mailbox = directory.mailboxes.get(user.toLowerCase());
    if (mailbox === undefined) return graphError(404, 'ErrorInvalidUser', `The requested user '${user}' is invalid.`);
    if (directory.closedToApps.has(mailbox.address)) {
      return graphError(
        403,
        'ErrorAccessDenied',
        'Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.',
      );
    }
    return mailbox;
  }
  const own = user === null || user.toLowerCase() === access.mailbox.toLowerCase();
  const address = (user ?? access.mailbox).toLowerCase();
  const mailbox = directory.mailboxes.get(address);
  if (own) {
    if (!has('Mail.ReadWrite', 'Mail.ReadWrite.Shared', ...(writes ? [] : ['Mail.Read', 'Mail.Read.Shared'])))
      return graphError(403);
    return (
      mailbox ??
      graphError(
        404,
        'MailboxNotEnabledForRESTAPI',
        'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
      )
    );
  }
  if (!has('Mail.ReadWrite.Shared', ...(writes ? [] : ['Mail.Read.Shared']))) return graphError(403);
  if (mailbox === undefined) return graphError(404, 'ErrorInvalidUser', `The requested user '${user}' is invalid.`);
  const allowed = directory.fullAccess.get(address)?.has(access.mailbox.toLowerCase()) ?? false;
  return allowed
    ? mailbox
    : graphError(
        404,
        'ErrorItemNotFound',
        'The specified object was not found in the store., Default folder Inbox not found.',
      );
}
