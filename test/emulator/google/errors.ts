import type { ApiAnswer } from '../provider/api-server';

interface Kind {
  reason: string;
  status: string;
  message: string;
}

const kinds: Record<number, Kind> = {
  400: { reason: 'badRequest', status: 'INVALID_ARGUMENT', message: 'Bad Request' },
  401: {
    reason: 'authError',
    status: 'UNAUTHENTICATED',
    message:
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
  },
  403: { reason: 'forbidden', status: 'PERMISSION_DENIED', message: 'The caller does not have permission' },
  404: { reason: 'notFound', status: 'NOT_FOUND', message: 'Requested entity was not found.' },
  413: { reason: 'uploadTooLarge', status: 'INVALID_ARGUMENT', message: 'Request Entity Too Large' },
  429: { reason: 'rateLimitExceeded', status: 'RESOURCE_EXHAUSTED', message: 'Too many concurrent requests for user.' },
  500: { reason: 'backendError', status: 'INTERNAL', message: 'Internal error encountered.' },
  503: { reason: 'backendError', status: 'UNAVAILABLE', message: 'The service is currently unavailable.' },
  504: {
    reason: 'backendError',
    status: 'DEADLINE_EXCEEDED',
    message: 'Deadline expired before operation could complete.',
  },
};

/** An error as Google's APIs write it. */
export function googleError(
  status: number,
  detail: { message?: string; reason?: string; details?: unknown[] } = {},
): ApiAnswer {
  const kind = kinds[status] ?? { reason: 'backendError', status: 'UNKNOWN', message: 'Unknown Error.' };
  const message = detail.message ?? kind.message;
  const reason = detail.reason ?? kind.reason;
  return {
    status,
    body: {
      error: {
        code: status,
        message,
        errors: [{ message, domain: 'global', reason }],
        status: kind.status,
        ...(detail.details === undefined ? {} : { details: detail.details }),
      },
    },
  };
}

/** A token without the scope that a method asks for. */
export function scopeMissing(): ApiAnswer {
  return googleError(403, {
    message: 'Request had insufficient authentication scopes.',
    reason: 'insufficientPermissions',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
        domain: 'googleapis.com',
        metadata: { service: 'gmail.googleapis.com' },
      },
    ],
  });
}

/** The user's quota of a minute is used up; Gmail says until when in the message, not in a header. */
export function quotaExceeded(until: number): ApiAnswer {
  return googleError(403, {
    message: `User-rate limit exceeded.  Retry after ${new Date(until).toISOString()}`,
    reason: 'userRateLimitExceeded',
  });
}
