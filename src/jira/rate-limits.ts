import { quotaHourMs } from '../domain/jira-quota';
import { retryAfterMs } from '../domain/retry-after';

/**
 * What Jira's answers say of its limits (https://developer.atlassian.com/cloud/jira/platform/rate-limiting/): the points of an hour,
 * which all customers of the app share, the requests a second of an endpoint, and the writes to an issue.
 */

interface Headers {
  get(name: string): string | null;
}

/** Whether a refusal (429) is for the points of the hour. Everything else passes within seconds. */
export const isQuotaRefusal = (headers: Headers): boolean =>
  /^(jira|confluence)-quota-/.test(headers.get('ratelimit-reason')?.trim().toLowerCase() ?? '');

/** Milliseconds until the points are renewed: as the answer says, or until the full hour. At most an hour. */
export function quotaWaitMs(headers: Headers, now: number): number {
  const asked = retryAfterMs(headers, now);
  const reset = Date.parse(headers.get('x-ratelimit-reset') ?? '') - now;
  const waitMs = [asked, reset].find((one) => one !== undefined && one > 0) ?? quotaHourMs - (now % quotaHourMs);
  return Math.min(waitMs, quotaHourMs);
}

/** The headers of an answer that came near a limit, for the log; null where there is plenty left. Only then `RateLimit` has an `r`. */
export function nearLimit(headers: Headers): string | null {
  const limits = headers.get('ratelimit') ?? '';
  const isNear =
    headers.get('x-ratelimit-nearlimit')?.toLowerCase() === 'true' || /-app-quota"[^,]*;\s*r=\d/.test(limits);
  return isNear ? `${limits} of ${headers.get('ratelimit-policy') ?? 'an unknown quota'}` : null;
}
