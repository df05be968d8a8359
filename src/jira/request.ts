import api, { getAppContext, type Route } from '@forge/api';
import { AppError, isConsentError } from '../domain/app-error';
import { inTime } from '../domain/in-time';
import { retryAfterMs } from '../domain/retry-after';
import { log } from '../log';
import { isQuotaRefusal, nearLimit, quotaWaitMs } from './rate-limits';

/** Jira answers within seconds; a request that hangs must not eat a poll's whole time. Milliseconds. */
const longestMs = 60_000;

export interface JiraRequest {
  method?: 'GET' | 'POST';
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, with its headers. */
  raw?: { body: ArrayBuffer; headers: Record<string, string> };
  /** A request with an effect may have had it although no answer came. */
  hasEffect?: boolean;
  /** Milliseconds that Jira may take. */
  timeoutMs?: number;
}

export interface JiraAnswer {
  status: number;
  ok: boolean;
  /** Parsed JSON; undefined if the body is none. */
  body: unknown;
  retryAfterMs: number | undefined;
  /** Refused, as every call of the app is until its points are renewed in `retryAfterMs`. */
  isQuotaSpent: boolean;
}

/** Asks Jira as the app, as `requestJira` does. */
export type AskJira = (path: Route, request?: JiraRequest) => Promise<JiraAnswer>;

/**
 * Asks Jira as the app, or as the user who called the function. Every answer is returned, whatever its status.
 * @throws AppError `jira-unreachable` (transient), `jira-permission` (access: the platform lacks a scope or consent); as the user
 * also the platform's own error when that user has to consent first
 */
export async function requestJira(
  path: Route,
  request: JiraRequest = {},
  as: 'app' | 'user' = 'app',
): Promise<JiraAnswer> {
  const client = as === 'app' ? api.asApp() : api.asUser();
  const headers: Record<string, string> = { accept: 'application/json', ...request.raw?.headers };
  if (request.json !== undefined) headers['content-type'] = 'application/json';
  const body = request.raw?.body ?? (request.json === undefined ? undefined : JSON.stringify(request.json));
  const ms = request.timeoutMs ?? longestMs;
  const late = () => new Error(`No answer came within ${ms / 1_000} seconds.`);
  try {
    const { response, text } = await inTime(ms, late, async ({ signal }) => {
      const method = request.method ?? 'GET';
      const response = await client.requestJira(path, { method, headers, signal, ...(body !== undefined && { body }) });
      return { response, text: await response.text() };
    });
    logNearLimit(response.headers);
    const now = Date.now();
    const isQuotaSpent = response.status === 429 && isQuotaRefusal(response.headers);
    const asked = isQuotaSpent ? quotaWaitMs(response.headers, now) : retryAfterMs(response.headers, now);
    return {
      status: response.status,
      ok: response.ok,
      body: parseJson(text),
      retryAfterMs: asked === undefined ? undefined : Math.min(asked, longestWaitMs),
      isQuotaSpent,
    };
  } catch (thrown) {
    if (as === 'user' && isConsentError(thrown)) throw thrown;
    throw platformError(thrown, request.hasEffect ?? false);
  }
}

/** The invocation that said last that Jira's quota comes to its end: each says so once. */
let lastNear = '';

function logNearLimit(headers: Parameters<typeof nearLimit>[0]): void {
  const limits = nearLimit(headers);
  const { invocationId } = getAppContext();
  if (limits === null || invocationId === lastNear) return;
  lastNear = invocationId;
  log('warn', 'jira-quota-near', { limits });
}

/** What the platform between us and Jira says (`forge-proxy-error`), and failures of the network. */
function platformError(cause: unknown, hasEffect: boolean): AppError {
  const status = statusOf(cause);
  const detail = cause instanceof Error ? cause.message : undefined;
  if (status === 401 || status === 403) {
    return new AppError(
      'jira-permission',
      'access',
      'Jira did not let Letterbox in. An administrator has to allow the app again under "Manage apps".',
      { detail, cause },
    );
  }
  const uncertain = hasEffect && status !== 429;
  return new AppError('jira-unreachable', 'transient', 'Jira did not answer. Letterbox tries again by itself.', {
    detail,
    cause,
    uncertain,
  });
}

function statusOf(thrown: unknown): number | null {
  return thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number' ? thrown.status : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Longer waits are asked again in between: an hour is the longest that a connection is left alone. */
const longestWaitMs = 60 * 60_000;
