import { AppError } from '../../src/domain/app-error';
import type { IssueDraft, Issues, JiraPause } from '../../src/domain/ports';

type Call = <T>(name: string, effect: () => T | Promise<T>) => Promise<T>;

export interface Issue {
  key: string;
  draft: IssueDraft;
  attachments: { fileName: string; size: number }[];
  comments: string[];
  createdAt: number;
  /** When search shows it. */
  searchableAt: number;
  deleted: boolean;
  /** The app may not see it. */
  hidden?: boolean;
}

/** Milliseconds after which search knows an issue, and its index of properties what the issue was made of. */
export interface Lag {
  searchLagMs: number;
  propertyLagMs: number;
}

/** Jira in memory: each call passes through `call`, and search lags. */
export function worldIssues(issues: Issue[], now: () => number, lag: Lag | number, call: Call): Issues {
  const { searchLagMs, propertyLagMs } = typeof lag === 'number' ? { searchLagMs: lag, propertyLagMs: lag } : lag;
  const find = (key: string) => issues.find((issue) => issue.key === key && !issue.deleted && !issue.hidden) ?? null;
  return {
    showsWhole: async () => true,
    create: (draft) =>
      call('issues.create', () => {
        const key = `SUP-${issues.length + 1}`;
        const searchableAt = now() + searchLagMs;
        issues.push({ key, draft, attachments: [], comments: [], createdAt: now(), searchableAt, deleted: false });
        return key;
      }),
    findByOrigin: (origin, made) =>
      call('issues.findByOrigin', () => {
        const isIndexed = (one: Issue) => one.createdAt + propertyLagMs <= now();
        const isOfTime = ({ draft, createdAt, searchableAt }: Issue) =>
          made !== undefined && draft.projectId === made.projectId && createdAt >= made.since && searchableAt <= now();
        const isFound = (one: Issue) =>
          one.draft.origin === origin && (isIndexed(one) || isOfTime(one)) && !one.deleted && !one.hidden;
        return issues.find(isFound)?.key ?? null;
      }),
    findByMessageId: (messageId, { connectionId, between }) =>
      call('issues.findByMessageId', () => {
        const isFound = (one: Issue) =>
          one.draft.messageId === messageId &&
          one.draft.connectionId === connectionId &&
          one.createdAt >= between.from &&
          one.createdAt <= between.to &&
          one.searchableAt <= now() &&
          !one.deleted;
        return issues.find(isFound)?.key ?? null;
      }),
    showsOthers: (_projectId, origin) =>
      call('issues.showsOthers', () =>
        issues.some((one) => one.draft.origin !== origin && one.searchableAt <= now() && !one.deleted && !one.hidden),
      ),
    attachments: (key) => call('issues.attachments', () => find(key)?.attachments.slice() ?? null),
    attach: (key, attachments) =>
      call('issues.attach', () => {
        const issue = find(key);
        if (issue === null) throw new AppError('issue-gone', 'message', 'The issue was deleted.');
        issue.attachments.push(...attachments.map(({ fileName, content }) => ({ fileName, size: content.byteLength })));
      }),
    comment: (key, text) =>
      call('issues.comment', () => {
        find(key)?.comments.push(text);
      }),
  };
}

/** What the polls of a world know of Jira's quota. */
export const worldJiraPause = (world: { jiraPausedUntil: number }, call: Call): JiraPause => ({
  until: () => call('jiraPause.until', () => world.jiraPausedUntil),
  pause: (until) =>
    call('jiraPause.pause', () => {
      world.jiraPausedUntil = until;
    }),
});
