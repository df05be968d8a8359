import { AppError } from './app-error';

/** The code of what keeps mail waiting without anybody's fault: Jira answers no call of the app until the full hour. */
export const jiraQuotaCode = 'jira-quota';

/** The longest that a quota can be spent (ms): it is renewed with each full hour (UTC). */
export const quotaHourMs = 60 * 60_000;

/** Why nothing is asked of Jira until then. Both in epoch milliseconds. */
export function jiraQuotaSpent(until: number, now: number): AppError {
  const time = new Date(until).toISOString().slice(11, 16);
  return new AppError(
    jiraQuotaCode,
    'transient',
    `Jira's hourly quota for apps is used up. Polls go on at ${time} UTC by themselves, and their mail waits in the mailbox. Pages that ask Jira work again then.`,
    { retryAfterMs: Math.max(0, until - now) },
  );
}
