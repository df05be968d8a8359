import type { ApiAnswer } from '../provider/api-server';

const usual: Record<number, [code: string, message: string]> = {
  400: ['BadRequest', 'The request is malformed or incorrect.'],
  401: ['InvalidAuthenticationToken', 'Lifetime validation failed, the token is expired.'],
  403: ['ErrorAccessDenied', 'Access is denied. Check credentials and try again.'],
  404: ['ErrorItemNotFound', 'The specified object was not found in the store.'],
  410: ['SyncStateNotFound', 'The sync state generation is not found; synchronize again.'],
  413: ['RequestEntityTooLarge', 'The request is too large.'],
  429: ['ApplicationThrottled', 'Application is over its MailboxConcurrency limit.'],
  500: ['InternalServerError', 'An internal server error occurred. The operation failed.'],
  503: ['ServiceUnavailable', 'The service is temporarily unavailable. Please retry later.'],
  504: ['UnknownError', ''],
};

/** An error as Microsoft Graph writes it. */
export function graphError(status: number, code?: string, message?: string): ApiAnswer {
  const [usualCode, usualMessage] = usual[status] ?? ['UnknownError', ''];
  const id = '5b2ac1a4-6a77-4e6e-8c0b-2f6cf3f7b1f0';
  const innerError = { date: '2026-11-20T08:00:00', 'request-id': id, 'client-request-id': id };
  return { status, body: { error: { code: code ?? usualCode, message: message ?? usualMessage, innerError } } };
}
