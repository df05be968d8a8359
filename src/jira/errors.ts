import * as z from 'zod';
import { AppError } from '../domain/app-error';
import { jiraQuotaSpent, quotaHourMs } from '../domain/jira-quota';
import type { JiraAnswer } from './request';

const errorCollection = z.object({
  errorMessages: z.array(z.string()).catch([]).default([]),
  errors: z.record(z.string(), z.string()).catch({}).default({}),
});

/** Jira's own words: messages for the whole request, and messages by field. */
export function jiraWords(answer: JiraAnswer): { general: string[]; fields: Record<string, string> } {
  const parsed = errorCollection.safeParse(answer.body);
  return parsed.success
    ? { general: parsed.data.errorMessages, fields: parsed.data.errors }
    : { general: [], fields: {} };
}

/**
 * The error of an answer that means the same for every request: too many requests, no permission, Jira in trouble. Null for
 * the rest, which the caller knows better.
 */
export function commonError(answer: JiraAnswer, hasEffect: boolean): AppError | null {
  const detail = detailOf(answer);
  if (answer.isQuotaSpent) {
    const now = Date.now();
    return jiraQuotaSpent(now + (answer.retryAfterMs ?? quotaHourMs), now);
  }
  if (answer.status === 429) {
    return new AppError('jira-busy', 'transient', 'Jira asked Letterbox to slow down. It goes on by itself.', {
      detail,
      retryAfterMs: answer.retryAfterMs,
    });
  }
  if (answer.status === 401 || answer.status === 403) {
    return new AppError(
      'jira-permission',
      'access',
      withWords('Jira does not let Letterbox do this. Check the permissions of the app in the project.', detail),
      { detail },
    );
  }
  if (answer.status >= 500 || answer.status === 408 || answer.ok) {
    return new AppError(
      'jira-unavailable',
      'transient',
      'Jira is in trouble at the moment. Letterbox tries again by itself.',
      {
        detail: detail ?? `Status ${answer.status}`,
        retryAfterMs: answer.retryAfterMs,
        uncertain: hasEffect,
      },
    );
  }
  return null;
}

/** The fields that a mail itself fills; every other one is the connection's or the project's configuration. */
const mailFields = new Set(['summary', 'description', 'comment']);

/** Why Jira did not create an issue: the connection's configuration, or this one mail. */
export function createError(answer: JiraAnswer): AppError {
  const common = commonError(answer, true);
  if (common !== null) return common;
  const { fields } = jiraWords(answer);
  const detail = detailOf(answer);
  const configured = Object.keys(fields).filter((field) => !mailFields.has(field));
  if (answer.status === 404 || (answer.status === 400 && configured.length > 0)) {
    const named =
      configured.length === 0
        ? 'the project'
        : configured.map((field) => fieldNames.get(field) ?? `the field "${field}"`).join(', ');
    const message = `Jira does not accept ${named} for mail of this connection. Choose another project or issue type, or make the field optional.`;
    return new AppError('jira-config', 'access', withWords(message, detail), { detail });
  }
  return new AppError('jira-refused', 'message', withWords('Jira did not accept the content of this mail.', detail), {
    detail,
  });
}

const fieldNames = new Map(Object.entries({ project: 'the project', pid: 'the project', issuetype: 'the issue type' }));

/** Why something could not be added to an issue. */
export function issueError(answer: JiraAnswer, issueKey: string): AppError {
  const common = commonError(answer, true);
  if (common !== null) return common;
  const detail = detailOf(answer);
  if (answer.status === 404)
    return new AppError('issue-gone', 'message', `${issueKey} no longer exists, or Letterbox may not see it.`, {
      detail,
    });
  return new AppError('jira-refused', 'message', withWords(`Jira did not accept this for ${issueKey}.`, detail), {
    detail,
  });
}

/** Jira takes no files of the app's for this issue: for the others it may, and the issue stands without them. */
export function attachRefused(answer: JiraAnswer, issueKey: string): AppError {
  const detail = detailOf(answer);
  const message = `Jira does not let Letterbox attach files to ${issueKey}. Give the app the permission to create attachments in the project, and allow attachments in Jira's settings.`;
  return new AppError('attach-refused', 'message', withWords(message, detail), { detail });
}

/** The code of a question that Jira does not understand. */
export const refusedQuery = 'jira-refused';

/** Why a question was not answered. */
export function readError(answer: JiraAnswer): AppError {
  const detail = detailOf(answer);
  return (
    commonError(answer, false) ??
    new AppError(refusedQuery, 'bug', withWords('Jira did not understand Letterbox.', detail), { detail })
  );
}

function detailOf(answer: JiraAnswer): string | undefined {
  const { general, fields } = jiraWords(answer);
  const words = [...general, ...Object.entries(fields).map(([field, message]) => `${field}: ${message}`)].join(' ');
  return words === '' ? undefined : words;
}

function withWords(message: string, words: string | undefined): string {
  return words === undefined ? message : `${message} Jira says: ${words.slice(0, 200)}`;
}
