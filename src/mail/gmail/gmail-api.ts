import * as z from 'zod';
import { AppError } from '../../domain/app-error';
import { type HttpApi, type HttpDeps, httpApi } from '../http';

/** The host of the Gmail API; the app's manifest must allow it. */
export const gmailHost = 'gmail.googleapis.com';

export const mailboxPath = '/gmail/v1/users/me';

/** Only what Letterbox reads of each answer; Gmail leaves out fields that are empty. */
export const profileSchema = z.object({ emailAddress: z.string(), historyId: z.string() });
export const labelSchema = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string().optional(),
  messagesTotal: z.number().optional(),
  messagesUnread: z.number().optional(),
});
export type Label = z.infer<typeof labelSchema>;
export const labelsSchema = z.object({ labels: z.array(labelSchema).default([]) });
export const messagePageSchema = z.object({
  messages: z.array(z.object({ id: z.string() })).default([]),
  nextPageToken: z.string().optional(),
  // Present in every answer, an empty one too: a page that lacks it is not one of Gmail's.
  resultSizeEstimate: z.number(),
});
// Of a message in a history only `id` and `threadId` are promised (Gmail API, "users.history.list").
const historyMessage = z.object({ id: z.string(), labelIds: z.array(z.string()).optional() });
const labelChange = z.object({ message: historyMessage, labelIds: z.array(z.string()).optional() });
export const historyPageSchema = z.object({
  history: z
    .array(
      z.object({
        id: z.string().regex(/^\d+$/),
        messagesAdded: z.array(z.object({ message: historyMessage })).default([]),
        labelsAdded: z.array(labelChange).default([]),
        labelsRemoved: z.array(labelChange).default([]),
      }),
    )
    .default([]),
  nextPageToken: z.string().optional(),
  historyId: z.string().regex(/^\d+$/),
});
export type HistoryRecord = z.infer<typeof historyPageSchema>['history'][number];
export const messageFactsSchema = z.object({
  id: z.string(),
  labelIds: z.array(z.string()).default([]),
  sizeEstimate: z.number(),
  /** Epoch milliseconds as a string. */
  internalDate: z.string().regex(/^-?\d+$/),
});
export type MessageFacts = z.infer<typeof messageFactsSchema>;
export const rawMessageSchema = z.object({ labelIds: z.array(z.string()).default([]), raw: z.string() });

/** Labels of mail that Gmail lists in no other label: it keeps those it had. */
export const thrownAwayLabels: readonly string[] = ['TRASH', 'SPAM'];
/** What is no mail that came: drafts, which carry the labels of their conversation, and chats. */
const notMail: readonly string[] = ['DRAFT', 'CHAT'];

/** In the trash or spam, a draft or a chat, unless that is the very label that is read. */
export function isLeftOut(labelIds: readonly string[], label: string): boolean {
  const isIn = (labels: readonly string[]) => !labels.includes(label) && labels.some((one) => labelIds.includes(one));
  return isIn(thrownAwayLabels) || isIn(notMail);
}

/** @param needs the permission in words, for when it is missing */
export function gmailApi(timeoutMs: number, deps: HttpDeps, needs = 'read and change mail (gmail.modify)'): HttpApi {
  return httpApi(
    {
      name: 'Gmail',
      origin: `https://${gmailHost}`,
      timeoutMs,
      explain: (status, body) => explain(status, body, deps.now(), needs),
    },
    deps,
  );
}

/** The path with a query; a list becomes a repeated parameter, as Google's APIs want it. */
export function withQuery(
  path: string,
  query: Record<string, string | readonly string[] | number | undefined>,
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  return `${path}?${parameters.toString()}`;
}

const errorSchema = z.object({
  error: z.object({
    message: z.string().default(''),
    status: z.string().default(''),
    errors: z.array(z.object({ reason: z.string().default('') })).default([]),
    details: z.array(z.object({ reason: z.string().optional() })).default([]),
  }),
});

const limitReasons = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'dailyLimitExceeded',
  'quotaExceeded',
  'RATE_LIMIT_EXCEEDED',
  'concurrentLimitExceeded',
  'backendError',
]);

/**
 * What Gmail means by a refusal: 403 is a quota as often as a missing permission, and only the reason tells.
 * Source: Gmail API guide "Resolve errors".
 */
function explain(status: number, body: string, now: number, needs: string): AppError | null {
  const { message, reasons } = readError(body);
  const has = (...wanted: string[]) => wanted.some((reason) => reasons.includes(reason));
  const access = (code: string, text: string) =>
    new AppError(code, 'access', text, { step: 'sign-in', detail: message });
  if (status === 403 && reasons.some((reason) => limitReasons.has(reason))) {
    return new AppError('throttled', 'transient', 'Gmail asks to slow down.', {
      detail: message,
      retryAfterMs: waitInWords(message, now),
    });
  }
  if (status === 429) {
    return new AppError('throttled', 'transient', 'Gmail asks to slow down.', {
      detail: message,
      retryAfterMs: waitInWords(message, now),
    });
  }
  if (status === 403 && has('insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT')) {
    return access(
      'scope-missing',
      `The Google account was connected without the permission to ${needs}. Authorize the connection again and leave every box ticked.`,
    );
  }
  if (status === 403 && has('accessNotConfigured', 'SERVICE_DISABLED')) {
    return access(
      'api-disabled',
      'The Gmail API is switched off in the Google Cloud project of this credential. Switch it on there (APIs & Services, Library, Gmail API), wait a few minutes, and test again.',
    );
  }
  if (status === 403 && has('domainPolicy')) {
    return access(
      'blocked-by-policy',
      'The Google Workspace administrator does not allow this app to use Gmail. Ask for it to be allowed in the Admin console (Security, API controls).',
    );
  }
  if (status === 400 && has('failedPrecondition', 'FAILED_PRECONDITION')) {
    return access('no-mailbox', 'This Google account has no Gmail mailbox, or Gmail is switched off for it.');
  }
  return null;
}

export function readError(body: string): { message: string; reasons: string[] } {
  try {
    const { error } = errorSchema.parse(JSON.parse(body));
    const reasons = [
      error.status,
      ...error.errors.map((one) => one.reason),
      ...error.details.map((one) => one.reason ?? ''),
    ];
    return { message: error.message, reasons };
  } catch {
    return { message: '', reasons: [] };
  }
}

/** Gmail names the end of a wait in the message of its error, not in a header: "Retry after 2026-11-20T08:15:00.000Z". */
function waitInWords(message: string, now: number): number | undefined {
  const until = Date.parse(/retry after (\S+Z)/i.exec(message)?.[1] ?? '');
  return Number.isNaN(until) ? undefined : Math.max(until - now, 0);
}
